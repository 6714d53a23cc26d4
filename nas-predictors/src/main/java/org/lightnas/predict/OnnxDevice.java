package org.lightnas.predict;

import org.lightnas.NasException;
import org.lightnas.device.InferenceRuntime;
import org.lightnas.device.LocalDevice;

/**
 * This machine, running networks by ONNX Runtime: what deployment usually runs, and several times
 * faster than DL4J. Networks are written as {@link org.lightnas.export.Onnx} does, batch norms
 * folded, and run on a batch of fixed noise with all of the runtime's optimisations.
 *
 * <p>Needs {@code com.microsoft.onnxruntime:onnxruntime} on the class path, which is an optional
 * dependency of this module. A session belongs to the measurement it is made for and is closed with
 * it; that of the reference network is closed with the device.
 *
 * @see LocalDevice how it measures
 * @since 0.1.0
 */
public final class OnnxDevice extends LocalDevice {

  static final String COORDINATES = "com.microsoft.onnxruntime:onnxruntime";

  private OnnxDevice(Builder<OnnxDevice> settings) {
    super(settings, OnnxDevice::runtime);
  }

  private static InferenceRuntime runtime(int threads) {
    try {
      return OnnxSessions.onThreads(threads);
    } catch (LinkageError e) {
      boolean absent = e instanceof NoClassDefFoundError && !(e.getCause() instanceof Error);
      throw new NasException(
          absent
              ? "ONNX Runtime is not on the class path, so OnnxDevice cannot measure.\nMaybe add "
                  + COORDINATES
                  + ", or measure with Dl4jDevice."
              : "ONNX Runtime does not start on this machine: "
                  + e
                  + "\nMaybe add a release of "
                  + COORDINATES
                  + " that has natives for "
                  + System.getProperty("os.name")
                  + " "
                  + System.getProperty("os.arch")
                  + ", or measure with Dl4jDevice.",
          e);
    }
  }

  /**
   * This machine with the default settings: batch 1 on 1 thread. Takes two seconds or so to warm up
   * and calibrate.
   *
   * @throws NasException naming what to add, if ONNX Runtime or an ND4J backend is not on the class
   *     path
   */
  public static OnnxDevice thisMachine() {
    return builder().build();
  }

  /** Settings, all with defaults. */
  public static Builder<OnnxDevice> builder() {
    return builder(OnnxDevice::new);
  }
}
