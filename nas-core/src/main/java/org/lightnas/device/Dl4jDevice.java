package org.lightnas.device;

/**
 * This machine, running networks by DL4J's own {@code ComputationGraph.output}.
 *
 * <p>Measuring ends all ND4J workspaces of the calling thread, so do not measure inside one.
 *
 * @see LocalDevice how it measures
 * @since 0.1.0
 */
public final class Dl4jDevice extends LocalDevice {

  private Dl4jDevice(Builder<Dl4jDevice> settings) {
    super(settings, Dl4jRuntime::new);
  }

  /**
   * This machine with the default settings; takes two seconds or so to warm up and calibrate.
   *
   * @throws org.lightnas.NasException if there is no ND4J backend on the class path
   */
  public static Dl4jDevice thisMachine() {
    return builder().build();
  }

  /** Settings, all with defaults. */
  public static Builder<Dl4jDevice> builder() {
    return builder(Dl4jDevice::new);
  }
}
