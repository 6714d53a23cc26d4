package org.lightnas.predict;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.jspecify.annotations.Nullable;

/** A family in a comparison, and what it predicted so far. */
final class Entrant {

  /** A prediction that is not positive counts as this share of the measurement. */
  private static final double LEAST_RATIO = 1e-3;

  /**
   * Errors beyond so many times the lesser median count as this: a few networks that neither family
   * can predict would otherwise drown what tells the two apart.
   */
  private static final double CAP = 3;

  /** Never below this: where most errors are rounding, the others are what tells families apart. */
  private static final double LEAST_CAP = 0.01;

  private final PredictorFamily family;
  private final double[] predicted;
  private final double[] errors;
  private boolean dropped;
  private @Nullable IllegalArgumentException failure;

  Entrant(PredictorFamily family, int samples) {
    this.family = family;
    predicted = new double[samples];
    errors = new double[samples];
    Arrays.fill(errors, Double.NaN);
  }

  PredictorFamily family() {
    return family;
  }

  double predicted(int sample) {
    return predicted[sample];
  }

  void predicted(int sample, double measured, double value) {
    predicted[sample] = value;
    // Also for NaN.
    double ratio = value > LEAST_RATIO * measured ? value / measured : LEAST_RATIO;
    errors[sample] = Math.abs(Math.log(ratio));
  }

  void drop() {
    dropped = true;
  }

  boolean dropped() {
    return dropped;
  }

  void fail(IllegalArgumentException reason) {
    failure = reason;
  }

  @Nullable IllegalArgumentException failure() {
    return failure;
  }

  /** Median of the errors so far; NaN if there are none. */
  double error() {
    return new Median().evaluate(Arrays.stream(errors).filter(e -> !Double.isNaN(e)).toArray());
  }

  /**
   * How much larger this one's errors are on the samples that both predicted.
   *
   * @param samples how many
   * @param mean of the pairwise differences of the errors, each at most the cap
   * @param noise standard error of the mean
   */
  record Excess(int samples, double mean, double noise) {}

  Excess over(Entrant other) {
    double cap = Math.max(LEAST_CAP, CAP * Math.min(error(), other.error()));
    double[] differences =
        IntStream.range(0, errors.length)
            .filter(i -> !Double.isNaN(errors[i]) && !Double.isNaN(other.errors[i]))
            .mapToDouble(i -> Math.min(errors[i], cap) - Math.min(other.errors[i], cap))
            .toArray();
    int n = differences.length;
    double mean = Arrays.stream(differences).average().orElse(Double.NaN);
    double squares = Arrays.stream(differences).map(d -> (d - mean) * (d - mean)).sum();
    return new Excess(n, mean, n < 2 ? Double.NaN : Math.sqrt(squares / (n - 1) / n));
  }
}
