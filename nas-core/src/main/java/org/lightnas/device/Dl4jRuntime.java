package org.lightnas.device;

import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Backends;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** DL4J's own {@code ComputationGraph.output}. Needs an ND4J backend. */
record Dl4jRuntime(int threads) implements InferenceRuntime {

  @Override
  public String description() {
    return Backends.description();
  }

  @Override
  public Copy prepare(ComputationGraph network, FeatureShape input, int batch, boolean folded) {
    ComputationGraph copy = folded ? BatchNormFolding.fold(network) : network.clone();
    return new Copy(copy, noise(batch, input));
  }

  @Override
  public <T> T configured(Supplier<T> work) {
    return Threads.with(threads, work);
  }

  /** Positive, without denormal numbers, and the same for every network of one input shape. */
  private static INDArray noise(int batch, FeatureShape shape) {
    return Nd4j.linspace(0, 1, batch * shape.size(), Nd4j.dataType())
        .reshape(batch, shape.channels(), shape.height(), shape.width());
  }

  /** A copy of a network with its batch; owns both. */
  record Copy(ComputationGraph network, INDArray batch) implements Inference {

    @Override
    public void run() {
      for (INDArray output : network.output(false, batch)) {
        if (output.closeable()) {
          output.close();
        }
      }
    }

    @Override
    public void close() {
      batch.close();
      Networks.close(network);
    }
  }
}
