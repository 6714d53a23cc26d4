package org.lightnas.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Samples;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Runs ONNX models by ONNX Runtime, and holds them against DL4J. */
final class OnnxRun {

  /** What the issue asks for: float32, sums in another order. */
  static final double LIMIT = 1e-5;

  private static final double ROUNDINGS = 10;

  private OnnxRun() {}

  static OrtSession open(byte[] model) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      return OrtEnvironment.getEnvironment().createSession(model, options);
    }
  }

  /** The answer to images {@code [N, …]}. */
  static INDArray run(OrtSession session, INDArray images) throws OrtException {
    float[] values = images.dup('c').data().asFloat();
    String input = session.getInputNames().iterator().next();
    try (OnnxTensor tensor =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(), FloatBuffer.wrap(values), images.shape());
        OrtSession.Result result = session.run(Map.of(input, tensor))) {
      OnnxTensor answer = (OnnxTensor) result.get(0);
      float[] all = new float[answer.getFloatBuffer().remaining()];
      answer.getFloatBuffer().get(all);
      return Nd4j.create(all, answer.getInfo().getShape(), 'c');
    }
  }

  /** {@code max|a - b| / max(1, max|b|)}, where b is what DL4J computes. */
  static double error(OrtSession session, ComputationGraph network, INDArray images)
      throws OrtException {
    INDArray expected = network.outputSingle(images);
    INDArray actual = run(session, images);
    assertThat(actual.shape()).isEqualTo(expected.shape());
    double largest = expected.amaxNumber().doubleValue();
    assertThat(largest).isFinite();
    return actual.sub(expected).amaxNumber().doubleValue() / Math.max(1, largest);
  }

  static double error(byte[] model, ComputationGraph network, INDArray images) throws OrtException {
    try (OrtSession session = open(model)) {
      return error(session, network, images);
    }
  }

  /**
   * The least that can be asked of a network that amplifies rounding, as products of products do:
   * some roundings like those of DL4J in float32, known from what it computes in double.
   */
  static double limit(ComputationGraph network, INDArray images) {
    INDArray rounded = network.outputSingle(images).castTo(DataType.DOUBLE);
    ComputationGraph exact = network.convertDataType(DataType.DOUBLE);
    try {
      INDArray expected = exact.outputSingle(images.castTo(DataType.DOUBLE));
      return Math.max(LIMIT, ROUNDINGS * Samples.distance(rounded, expected));
    } finally {
      Networks.close(exact);
    }
  }
}
