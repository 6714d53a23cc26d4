package org.lightnas.device;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * What a {@link Device} says about one network.
 *
 * @param millis latency of one batch in ms: the median over rounds of the ratio to the device's
 *     reference network, scaled by {@code referenceMillis}, so that drift of a busy machine cancels
 * @param spread standard error of that median, in ms
 * @param rounds how many interleaved rounds were taken
 * @param batch images per batch
 * @param threads threads the network ran on
 * @param referenceMillis latency of the reference network when the device was calibrated, in ms
 * @since 0.1.0
 */
public record Measurement(
    double millis, double spread, int rounds, int batch, int threads, double referenceMillis) {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is not finite or not positive (spread: negative)
   */
  public Measurement {
    checkArgument(
        millis > 0 && Double.isFinite(millis),
        "A latency of %s ms cannot have been measured.",
        millis);
    checkArgument(
        spread >= 0 && Double.isFinite(spread),
        "A spread of %s ms cannot have been measured.",
        spread);
    checkArgument(
        referenceMillis > 0 && Double.isFinite(referenceMillis),
        "A reference latency of %s ms cannot have been measured.",
        referenceMillis);
    checkArgument(
        rounds >= 1 && batch >= 1 && threads >= 1,
        "Rounds, batch and threads must be positive, but are %s, %s and %s.",
        rounds,
        batch,
        threads);
  }

  /** The latency a careful promise names: {@code millis + 2 spread}. */
  public double upperMillis() {
    return millis + 2 * spread;
  }

  /** {@code 0.118 ±0.002 ms}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.3f ±%.3f ms", millis, spread);
  }
}
