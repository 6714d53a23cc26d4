package org.lightnas.device;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.Quantiles;
import com.google.common.math.Stats;
import java.util.List;
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

  /** The standard error of a median over that of a mean, for normal noise: sqrt(pi / 2). */
  private static final double MEDIAN = 1.2533;

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

  /**
   * Several measurements of one network as one: the median, and as its spread the larger one of
   * what the device says of single measurements and what they differ by, both over the root of
   * their number. So a device that thinks too well of itself is found out.
   *
   * @param several one or more, of one device
   * @throws IllegalArgumentException if there is none
   */
  public static Measurement together(List<Measurement> several) {
    checkArgument(!several.isEmpty(), "There is no measurement to be taken together.");
    Measurement first = several.get(0);
    int n = several.size();
    if (n == 1) {
      return first;
    }
    double[] millis = several.stream().mapToDouble(Measurement::millis).toArray();
    double own =
        Math.sqrt(several.stream().mapToDouble(m -> m.spread() * m.spread()).average().orElse(0));
    double between = Stats.of(millis).sampleStandardDeviation();
    double error = Math.max(own, between) / Math.sqrt(n);
    return new Measurement(
        Quantiles.median().compute(millis),
        n == 2 ? error : MEDIAN * error,
        several.stream().mapToInt(Measurement::rounds).sum(),
        first.batch(),
        first.threads(),
        first.referenceMillis());
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
