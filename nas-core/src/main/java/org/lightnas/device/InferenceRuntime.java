package org.lightnas.device;

import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;

/**
 * Something on this machine that runs networks: what a {@link LocalDevice} measures.
 *
 * @since 0.1.0
 */
public interface InferenceRuntime {

  /** Name and version, for fingerprints: {@code ONNX Runtime 1.23.2}. */
  String description();

  /**
   * Makes a network ready.
   *
   * @param network initialised, with one input; neither changed nor kept
   * @param input the shape of its images
   * @param batch images per run
   * @param folded whether batch norms are folded into the layers before them
   * @return owned by the caller
   * @throws org.lightnas.NasException if the runtime cannot run it
   */
  Inference prepare(ComputationGraph network, FeatureShape input, int batch, boolean folded);

  /**
   * Does some work, of which all runs of its networks are a part, under its own settings of the
   * process, such as a number of threads, and puts those back afterwards. By default there are
   * none.
   */
  default <T> T configured(Supplier<T> work) {
    return work.get();
  }
}
