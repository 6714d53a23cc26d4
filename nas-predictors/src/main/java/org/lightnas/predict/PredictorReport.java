package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.correlation.KendallsCorrelation;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/**
 * How well a predictor does on architectures it was not fitted on: every sample was predicted once,
 * by a predictor fitted on the other folds.
 *
 * @param folds into how many parts the samples were split
 * @param pairs what was measured and what was predicted, in measuring order
 */
public record PredictorReport(int folds, List<Pair> pairs) {

  /**
   * One held-out sample.
   *
   * @param measured in ms
   * @param predicted in ms
   */
  public record Pair(double measured, double predicted) {

    double relativeError() {
      return Math.abs(predicted - measured) / measured;
    }
  }

  /**
   * Copies the pairs.
   *
   * @throws IllegalArgumentException if there are fewer than two pairs or folds
   */
  public PredictorReport {
    pairs = List.copyOf(pairs);
    checkArgument(
        pairs.size() >= 2 && folds >= 2,
        "A report needs at least 2 samples in 2 folds, but got %s in %s.",
        pairs.size(),
        folds);
  }

  /** The number of samples. */
  public int samples() {
    return pairs.size();
  }

  /** Root of the mean squared error, in ms. */
  public double rmse() {
    return Math.sqrt(
        pairs.stream()
            .mapToDouble(pair -> Math.pow(pair.predicted() - pair.measured(), 2))
            .average()
            .orElseThrow());
  }

  /** Median of {@code |predicted - measured| / measured}: 0.01 is one percent. */
  public double medianError() {
    return new Median().evaluate(column(Pair::relativeError));
  }

  /** The share of samples whose relative error is at most {@code error}: both as fractions of 1. */
  public double within(double error) {
    return (double) pairs.stream().filter(pair -> pair.relativeError() <= error).count()
        / pairs.size();
  }

  /** Rank correlation of measured and predicted; NaN if either never changes. */
  public double spearman() {
    return new SpearmansCorrelation().correlation(column(Pair::measured), column(Pair::predicted));
  }

  /** Kendall's tau-b of measured and predicted; NaN if either never changes. */
  public double kendall() {
    return new KendallsCorrelation().correlation(column(Pair::measured), column(Pair::predicted));
  }

  private double[] column(ToDoubleFunction<Pair> value) {
    return pairs.stream().mapToDouble(value).toArray();
  }

  /** Three lines for people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        """
        %d samples in %d folds, held out: RMSE %.3g ms, median error %.1f %%
        within 1 / 5 / 10 %%: %.0f / %.0f / %.0f %% of the samples
        Spearman %.3f, Kendall %.3f""",
        samples(),
        folds,
        rmse(),
        100 * medianError(),
        100 * within(0.01),
        100 * within(0.05),
        100 * within(0.10),
        spearman(),
        kendall());
  }
}
