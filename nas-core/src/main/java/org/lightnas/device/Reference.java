package org.lightnas.device;

import java.util.Locale;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Backends;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The network that a device measures all others against, ready to run, and the scale it gives. */
final class Reference implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalDevice.class);

  private static final FeatureShape INPUT = new FeatureShape(3, 24, 24);
  private static final int LARGEST_BATCH = 8;
  private static final long CALIBRATION_NANOS = 1_000_000_000;

  /** A scale found here is too high by this factor if others were busy meanwhile. */
  private static final double BUSY = 1.1;

  /** A given scale that is off by this factor is of another machine. */
  private static final double FOREIGN = 1.7;

  private final Inference inference;
  private final RatioTimer timer;
  private final boolean calibrated;
  private final double millis;
  private boolean doubted;

  /**
   * Warms up and calibrates.
   *
   * @param batch of the networks that are measured
   * @param given latency to scale values by, in ms; 0 for the one that is found now
   */
  Reference(InferenceRuntime runtime, int batch, RatioTimer timer, double given) {
    this.timer = timer;
    ComputationGraph network = network();
    try {
      inference = runtime.prepare(network, INPUT, Math.min(batch, LARGEST_BATCH), true);
    } finally {
      Networks.close(network);
    }
    double quietNanos;
    try {
      quietNanos = runtime.configured(() -> timer.calibrate(inference, CALIBRATION_NANOS));
    } catch (RuntimeException | Error e) {
      inference.close();
      throw e;
    }
    calibrated = given == 0;
    millis = calibrated ? quietNanos / 1e6 : given;
    doubt();
  }

  /** As {@link LocalDevice#referenceNetwork}. */
  static ComputationGraph network() {
    LayeredSpace space =
        LayeredSpace.named("reference", INPUT, 10)
            .stem(new ConvBnAct(3, 16, 1))
            .choice("block1", new MbConv(3, 6, 24, 2))
            .choice("block2", new MbConv(5, 3, 24, 1))
            .choice("block3", new MbConv(3, 3, 24, 1))
            .choice("block4", new MbConv(5, 6, 48, 2))
            .choice("block5", new MbConv(3, 3, 48, 1))
            .choice("block6", new MbConv(5, 3, 48, 1))
            .choice("block7", new MbConv(3, 6, 80, 2))
            .choice("block8", new MbConv(5, 3, 80, 1))
            .head(new ConvBnAct(1, 128, 1))
            .build();
    Backends.require();
    return Networks.create(space, space.uniform(0), 1);
  }

  /** The latency that all values are scaled by, in ms. */
  double millis() {
    return millis;
  }

  /** How much longer the work takes, as {@link RatioTimer#compare}. */
  RatioEstimate compare(Inference work) {
    RatioEstimate estimate = timer.compare(inference, work);
    doubt();
    return estimate;
  }

  /** Says once what is wrong with the scale of all values, if something is. */
  private void doubt() {
    if (doubted) {
      return;
    }
    doubtOf(calibrated, millis, timer.quietNanos() / 1e6)
        .ifPresent(
            text -> {
              doubted = true;
              LOG.warn("{}", text);
            });
  }

  /**
   * Why values may be off, all of them by the same factor.
   *
   * @param calibrated here, not given
   * @param scale the latency by which values are scaled, in ms
   * @param quiet the least the network has taken so far, in ms
   */
  static Optional<String> doubtOf(boolean calibrated, double scale, double quiet) {
    double factor = scale / quiet;
    if (factor < (calibrated ? BUSY : FOREIGN) && factor > 1 / FOREIGN) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "Latencies are %.2f times what they should be: scaled by %.3f ms of the reference"
                + " network, which takes %.3f ms.\n%s",
            factor,
            scale,
            quiet,
            calibrated
                ? "The machine was busy when the device was made. Maybe make it anew."
                : "Maybe that latency was calibrated on another machine or by another version; "
                    + "leave referenceMillis out, and measure what you compare with again."));
  }

  @Override
  public void close() {
    inference.close();
  }
}
