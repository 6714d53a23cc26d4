package org.lightnas.device;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.LayerGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network ready to be run on one batch of fixed noise. Owns a copy of the network and the batch,
 * and gives both back when closed.
 */
final class Inference implements Runnable, AutoCloseable {

  private final ComputationGraph copy;
  private final INDArray batch;

  private Inference(ComputationGraph copy, INDArray batch) {
    this.copy = copy;
    this.batch = batch;
  }

  /**
   * Copies a network.
   *
   * @param network not changed
   * @param folded whether the copy has its batch norms folded
   * @throws NasException if the network is not initialised, has several inputs, or does not say the
   *     size of its input
   */
  static Inference of(ComputationGraph network, int batchSize, boolean folded) {
    List<String> inputs = network.getConfiguration().getNetworkInputs();
    if (inputs.size() != 1) {
      throw new NasException(
          "The network has the inputs "
              + inputs
              + ", but a device measures networks with one.\nMaybe measure its parts.");
    }
    if (network.params().length() == 0) {
      throw new NasException(
          "The network has no parameters, so it cannot be measured.\nMaybe call init() first.");
    }
    FeatureShape shape = LayerGraph.read(network.getConfiguration()).input();
    ComputationGraph copy = folded ? BatchNormFolding.fold(network) : network.clone();
    return new Inference(copy, noise(batchSize, shape));
  }

  /** Positive, without denormal numbers, and the same for every network of one input shape. */
  private static INDArray noise(int batchSize, FeatureShape shape) {
    return Nd4j.linspace(0, 1, batchSize * shape.size(), Nd4j.dataType())
        .reshape(batchSize, shape.channels(), shape.height(), shape.width());
  }

  /** How many layers the copy has. */
  int layers() {
    return copy.getNumLayers();
  }

  @Override
  public void run() {
    for (INDArray output : copy.output(false, batch)) {
      if (output.closeable()) {
        output.close();
      }
    }
  }

  /** Frees the native memory now, not when the garbage collector finds it. */
  @Override
  public void close() {
    batch.close();
    copy.close();
  }
}
