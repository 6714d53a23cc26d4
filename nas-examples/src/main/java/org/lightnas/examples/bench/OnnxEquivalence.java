package org.lightnas.examples.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.compress.Equivalence;
import org.lightnas.data.ImageSet;
import org.lightnas.export.Onnx;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** How far ONNX Runtime's answers are from those of DL4J. */
final class OnnxEquivalence {

  private static final int BATCH = 50;

  private OnnxEquivalence() {}

  /**
   * Compares on all of some images.
   *
   * @param before is run by DL4J
   * @param after is exported, and run by ONNX Runtime
   * @throws IllegalStateException if ONNX Runtime fails
   */
  static Equivalence compare(ComputationGraph before, ComputationGraph after, ImageSet images) {
    double difference = 0;
    double largest = 0;
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(Onnx.of(after).toBytes())) {
      String input = session.getInputNames().iterator().next();
      DataSetIterator batches = images.iterator(BATCH);
      while (batches.hasNext()) {
        INDArray batch = batches.next().getFeatures().dup('c');
        double[] expected = before.outputSingle(batch).dup('c').data().asDouble();
        try (OnnxTensor tensor =
                OnnxTensor.createTensor(
                    environment, FloatBuffer.wrap(batch.data().asFloat()), batch.shape());
            OrtSession.Result answers = session.run(Map.of(input, tensor))) {
          FloatBuffer actual = ((OnnxTensor) answers.get(0)).getFloatBuffer();
          for (double y : expected) {
            // Math.max hands NaN on; times zero makes NaN of what is not finite.
            difference = Math.max(difference, Math.abs(actual.get() - y));
            largest = Math.max(largest, Math.abs(y) + 0 * y);
          }
        }
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot run the network: " + e.getMessage(), e);
    }
    return new Equivalence(images.size(), difference, largest, Equivalence.LIMIT);
  }
}
