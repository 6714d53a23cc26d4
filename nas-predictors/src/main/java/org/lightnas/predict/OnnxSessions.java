package org.lightnas.predict;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.device.Inference;
import org.lightnas.device.InferenceRuntime;
import org.lightnas.export.Onnx;

/**
 * ONNX Runtime. Nothing else in this module names its classes, so that all else works without it.
 *
 * @param environment of the process; there is only one, which nobody closes
 * @param threads within an operator; operators run one after the other
 */
record OnnxSessions(OrtEnvironment environment, int threads) implements InferenceRuntime {

  /** Loads the native library. */
  static OnnxSessions onThreads(int threads) {
    return new OnnxSessions(OrtEnvironment.getEnvironment(), threads);
  }

  @Override
  public String description() {
    return "ONNX Runtime " + environment.getVersion();
  }

  @Override
  public Inference prepare(
      ComputationGraph network, FeatureShape input, int batch, boolean folded) {
    Onnx onnx = Onnx.of(network).input(input);
    return open((folded ? onnx.foldBatchNorms() : onnx).toBytes(), batch);
  }

  /**
   * A session of a model with one input.
   *
   * @throws NasException if ONNX Runtime refuses the model
   */
  Inference open(byte[] model, int batch) {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      // Or the threads of one session would still be waiting, at full speed, while the other runs.
      options.addConfigEntry("session.force_spinning_stop", "1");
      OrtSession session = environment.createSession(model, options);
      try {
        return new Session(session, noise(session, batch));
      } catch (OrtException | RuntimeException e) {
        session.close();
        throw e;
      }
    } catch (OrtException e) {
      throw refused(e);
    }
  }

  /** Positive, without denormal numbers, and the same for every network of one input shape. */
  private OnnxTensor noise(OrtSession session, int batch) throws OrtException {
    TensorInfo info = (TensorInfo) session.getInputInfo().values().iterator().next().getInfo();
    long[] axes = info.getShape();
    axes[0] = batch;
    int size = 1;
    for (long axis : axes) {
      size = Math.toIntExact(size * axis);
    }
    FloatBuffer values =
        ByteBuffer.allocateDirect(Float.BYTES * size)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    for (int i = 0; i < size; i++) {
      values.put(i, (float) i / size);
    }
    return OnnxTensor.createTensor(environment, values, axes);
  }

  private static NasException refused(OrtException e) {
    return new NasException(
        "ONNX Runtime cannot run the network: "
            + e.getMessage()
            + "\nMaybe measure with Dl4jDevice, and tell us what the network is.",
        e);
  }

  /** A session with its batch; owns both. */
  private static final class Session implements Inference {

    private final OrtSession session;
    private final OnnxTensor batch;
    private final Map<String, OnnxTensor> inputs;

    Session(OrtSession session, OnnxTensor batch) {
      this.session = session;
      this.batch = batch;
      this.inputs = Map.of(session.getInputNames().iterator().next(), batch);
    }

    @Override
    public void run() {
      try {
        session.run(inputs).close();
      } catch (OrtException e) {
        throw refused(e);
      }
    }

    @Override
    public void close() {
      batch.close();
      try {
        session.close();
      } catch (OrtException e) {
        throw refused(e);
      }
    }
  }
}
