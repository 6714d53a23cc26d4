package org.lightnas.metric;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.internal.Foreign;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/**
 * An upper bound on a metric, with the predictor that judges architectures and, optionally, the
 * device that judges networks.
 *
 * @param predictor predicts the metric; fixes the unit of the bound
 * @param bound positive and finite, in the unit of {@code predictor.metric()}
 * @param device measures networks; null where nothing is to be measured
 * @since 0.1.0
 */
public record Constraint(Predictor predictor, double bound, @Nullable Device device) {

  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * Checks the bound, and that the device is the one the predictor was fitted on.
   *
   * @throws IllegalArgumentException if the bound is not positive and finite, if there is a device
   *     but the metric is not latency, or if the device's fingerprint is not the predictor's
   */
  public Constraint {
    checkArgument(
        bound > 0 && Double.isFinite(bound),
        "The %s bound (%s %s) must be a positive number.",
        predictor.metric().name(),
        bound,
        predictor.metric().unit());
    if (device != null) {
      checkArgument(
          predictor.metric().equals(Metric.LATENCY),
          "A device measures latency, so it cannot verify a bound on %s.",
          predictor.metric().name());
      Optional<String> fitted = predictor.fingerprint();
      checkArgument(
          fitted.isEmpty() || fitted.get().equals(device.fingerprint()),
          "The predictor was fitted on device [%s], but [%s] is to verify it.\n"
              + "Maybe profile the space on this device.",
          fitted.orElse(""),
          device.fingerprint());
    }
  }

  /**
   * Latency of one batch at most {@code bound}, to the nanosecond.
   *
   * @throws IllegalArgumentException if the bound is not positive or the predictor predicts
   *     something else
   */
  public static Constraint latency(Duration bound, Predictor predictor) {
    checkArgument(
        predictor.metric().equals(Metric.LATENCY),
        "A latency bound needs a latency predictor, but this one predicts %s.",
        predictor.metric().name());
    double millis = bound.getSeconds() * 1e3 + bound.getNano() / NANOS_PER_MILLI;
    return new Constraint(predictor, millis, null);
  }

  /**
   * The predictor's metric at most {@code bound}, in the metric's unit.
   *
   * @throws IllegalArgumentException if the bound is not positive and finite
   */
  public static Constraint atMost(double bound, Predictor predictor) {
    return new Constraint(predictor, bound, null);
  }

  /**
   * The same bound, verified by measuring: searches measure what they found and repair it, and
   * {@link #verify} judges networks.
   *
   * @throws IllegalArgumentException if the bound is not on latency, or the predictor was fitted on
   *     a device of another fingerprint (both are named)
   */
  public Constraint measuredOn(Device newDevice) {
    return new Constraint(predictor, bound, newDevice);
  }

  /** The same predictor and device with another bound, in the metric's unit. */
  public Constraint withBound(double newBound) {
    return new Constraint(predictor, newBound, device);
  }

  /** What is bounded. */
  public Metric metric() {
    return predictor.metric();
  }

  /**
   * The prediction, guarded.
   *
   * @throws NasException if the predictor answers with a number that is negative, infinite or NaN,
   *     or fails; naming it and the architecture
   */
  public double predict(Architecture architecture) {
    double value =
        Foreign.call(
            () -> predictor.predict(architecture),
            () -> "The " + predictor + " failed on architecture " + architecture.id());
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new NasException(
          "The "
              + predictor
              + " predicts "
              + value
              + " "
              + metric().unit()
              + " for architecture "
              + architecture.id()
              + ".\nMaybe fit it on architectures like this one.");
    }
    return value;
  }

  /**
   * What single swaps would change, {@code [choice][candidate]}, guarded: {@link
   * Predictor#sensitivity}.
   *
   * @throws NasException naming the predictor, and the swap whose effect is no finite number or is
   *     missing, or what it failed on
   */
  public double[][] sensitivity(Architecture architecture) {
    double[][] change =
        Foreign.call(
            () -> predictor.sensitivity(architecture),
            () -> "The " + predictor + " failed on swaps of architecture " + architecture.id());
    List<Choice> choices = predictor.space().choices();
    for (int l = 0; l < choices.size(); l++) {
      for (int k = 0; k < choices.get(l).size(); k++) {
        double by = l < change.length && k < change[l].length ? change[l][k] : Double.NaN;
        if (!Double.isFinite(by)) {
          Architecture swapped = architecture.with(l, k);
          predict(swapped); // says it better, if it is at fault
          throw new NasException(
              "The "
                  + predictor
                  + " says that a swap from "
                  + architecture.id()
                  + " to "
                  + swapped.id()
                  + " changes "
                  + metric().name()
                  + " by "
                  + by
                  + " "
                  + metric().unit()
                  + ".\nMaybe its sensitivity() does not agree with its predict().");
        }
      }
    }
    return change;
  }

  /** Whether the prediction is within the bound. */
  public boolean admits(Architecture architecture) {
    return predict(architecture) <= bound;
  }

  /**
   * Judges an architecture by prediction alone.
   *
   * @throws NasException as {@link #predict}
   */
  public Verdict verify(Architecture architecture) {
    return new Verdict(metric(), bound, predict(architecture), null);
  }

  /**
   * Judges an architecture: by measuring its network where a device is named, by prediction where
   * none is.
   *
   * @param seed of the network's weights
   * @throws NasException if the device cannot measure the network, or as {@link #predict}
   * @throws IllegalArgumentException if there is a device, but the architecture's space is no
   *     {@link SearchSpace}
   */
  public Verdict verify(Architecture architecture, long seed) {
    if (device == null) {
      return verify(architecture);
    }
    checkArgument(
        architecture.space() instanceof SearchSpace,
        "Space '%s' describes choices only, so nothing of it can be measured.\n"
            + "Maybe leave measuredOn(device) away.",
        architecture.space().name());
    SearchSpace space = (SearchSpace) architecture.space();
    Measurement measured =
        Foreign.call(
            () -> device.confirm(() -> device.measure(space, architecture, seed)),
            () -> "Device " + device + " failed on architecture " + architecture.id());
    return new Verdict(metric(), bound, predict(architecture), measured);
  }

  /**
   * Measures a network, which may come from anywhere, and judges it. Takes as long as the device
   * needs to be sure: {@link Device#confirm}.
   *
   * @throws IllegalStateException if no device was given
   * @throws NasException if the device cannot measure the network
   */
  public Verdict verify(ComputationGraph network) {
    return new Verdict(metric(), bound, null, measure(network));
  }

  /**
   * Measures the network of an architecture and judges it, with its prediction beside it.
   *
   * @throws IllegalStateException if no device was given
   * @throws NasException if the device cannot measure the network, or as {@link #predict}
   */
  public Verdict verify(Architecture architecture, ComputationGraph network) {
    return new Verdict(metric(), bound, predict(architecture), measure(network));
  }

  private Measurement measure(ComputationGraph network) {
    if (device == null) {
      throw new IllegalStateException(
          "The "
              + metric().name()
              + " constraint names no device, so a network cannot be measured.\n"
              + "Maybe use constraint.measuredOn(device).");
    }
    return Foreign.call(
        () -> device.confirm(() -> device.measure(network)),
        () -> "Device " + device + " failed on a network");
  }
}
