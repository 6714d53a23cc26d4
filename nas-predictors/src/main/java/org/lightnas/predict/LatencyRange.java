package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import java.util.Locale;

/**
 * The latencies that the architectures of a space can have.
 *
 * @param min of the fastest, rounded up to a nanosecond that a constraint of this value admits
 * @param max of the slowest, likewise
 * @since 0.1.0
 */
public record LatencyRange(Duration min, Duration max) {

  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * Checks the order.
   *
   * @throws IllegalArgumentException if {@code min} exceeds {@code max}
   */
  public LatencyRange {
    checkArgument(min.compareTo(max) <= 0, "A range cannot reach from %s down to %s.", min, max);
  }

  static LatencyRange ofMillis(double min, double max) {
    return new LatencyRange(admitting(min), admitting(max));
  }

  /** The least duration that is no shorter than so many ms when it is converted back. */
  private static Duration admitting(double millis) {
    long nanos = (long) Math.ceil(millis * NANOS_PER_MILLI);
    return Duration.ofNanos(nanos / NANOS_PER_MILLI < millis ? nanos + 1 : nanos);
  }

  /**
   * A latency in between: 0 is {@code min}, 1 is {@code max}, linear.
   *
   * @throws IllegalArgumentException if the fraction is not within 0 and 1
   */
  public Duration at(double fraction) {
    checkArgument(
        fraction >= 0 && fraction <= 1,
        "The fraction of a latency range must be within 0 and 1, but is %s.",
        fraction);
    return min.plusNanos(Math.round(fraction * max.minus(min).toNanos()));
  }

  /** {@code 1.234 … 5.678 ms}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.3f … %.3f ms",
        min.toNanos() / NANOS_PER_MILLI,
        max.toNanos() / NANOS_PER_MILLI);
  }
}
