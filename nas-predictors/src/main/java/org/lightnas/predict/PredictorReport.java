package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.apache.commons.math3.stat.descriptive.rank.Median;
import org.lightnas.metric.Kendall;
import org.lightnas.metric.Quality;
import org.lightnas.report.HtmlReport;

/**
 * How well a predictor does on architectures it was not fitted on: every sample was predicted once,
 * by a predictor fitted on the other folds.
 *
 * @param folds into how many parts the samples were split
 * @param pairs what was measured and what was predicted, in measuring order
 * @since 0.1.0
 */
public record PredictorReport(int folds, List<Pair> pairs) {

  /**
   * One held-out sample.
   *
   * @param measured in ms
   * @param predicted in ms
   * @since 0.1.0
   */
  public record Pair(double measured, double predicted) {

    double relativeError() {
      return Math.abs(predicted - measured) / measured;
    }

    /** What the prediction missed, as a share of it. */
    double residual() {
      return (measured - predicted) / predicted;
    }
  }

  /**
   * Copies the pairs.
   *
   * @throws IllegalArgumentException if there are fewer than two pairs or folds, or a pair is of
   *     latencies that nobody can measure or predict
   */
  public PredictorReport {
    pairs = List.copyOf(pairs);
    checkArgument(
        pairs.size() >= 2 && folds >= 2,
        "A report needs at least 2 samples in 2 folds, but got %s in %s.",
        pairs.size(),
        folds);
    for (Pair pair : pairs) {
      checkArgument(
          pair.measured() > 0
              && Double.isFinite(pair.measured())
              && Double.isFinite(pair.predicted()),
          "A report needs positive latencies and finite predictions, but got %s.",
          pair);
    }
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
    return ranks().tau();
  }

  /**
   * The 95 % interval of {@link #kendall}, as far as the choice of the samples goes: from the
   * jackknife's standard error, symmetric on the scale of Fisher's z.
   */
  public Interval kendallInterval() {
    double[] ends = ranks().interval();
    return new Interval(ends[0], ends[1]);
  }

  /**
   * Where a figure lies.
   *
   * @param low NaN if unknown
   * @param high NaN if unknown
   * @since 0.1.0
   */
  public record Interval(double low, double high) {}

  private Kendall ranks() {
    return new Kendall(column(Pair::measured), column(Pair::predicted));
  }

  /**
   * How much a relative error is like the one measured before it: the lag-1 autocorrelation of
   * {@code (measured - predicted) / predicted} in measuring order, -1 to 1. Near 0 where errors
   * come from the networks; far above where the device drifted while it was measured, which no
   * predictor can learn. 0 if all errors are equal.
   */
  public double drift() {
    double[] residuals = column(Pair::residual);
    double mean = Arrays.stream(residuals).average().orElseThrow();
    double lagged = 0;
    double squares = 0;
    for (int i = 0; i < residuals.length; i++) {
      double now = residuals[i] - mean;
      squares += now * now;
      lagged += i == 0 ? 0 : now * (residuals[i - 1] - mean);
    }
    return squares == 0 ? 0 : lagged / squares;
  }

  /**
   * Whether {@link #drift} is too high for chance (three standard errors, {@code 3 / sqrt(n)}) and
   * for comfort (0.2).
   */
  public boolean drifted() {
    return drift() > Math.max(0.2, 3 / Math.sqrt(samples()));
  }

  /** What searchers judge a predictor by. */
  public Quality quality() {
    return new Quality(samples(), spearman(), medianError(), within(0.05), within(0.10));
  }

  /**
   * A self-contained HTML page: the figures, predicted over measured latency, residuals over the
   * prediction and in measuring order.
   *
   * @param title such as the predictor and its device
   * @throws IllegalArgumentException if the title is blank
   */
  public HtmlReport page(String title) {
    return ReportPage.of(title, this);
  }

  double[] column(ToDoubleFunction<Pair> value) {
    return pairs.stream().mapToDouble(value).toArray();
  }

  /** Three lines for people, and a fourth if the device seems to have drifted. */
  @Override
  public String toString() {
    Kendall ranks = ranks();
    return String.format(
            Locale.ROOT,
            """
            %d samples in %d folds, held out: RMSE %.3g ms, median error %.1f %%
            within 1 / 5 / 10 %%: %.0f / %.0f / %.0f %% of the samples
            Spearman %.3f, Kendall %.3f (95 %%: %.3f to %.3f)\
            """,
            samples(),
            folds,
            rmse(),
            100 * medianError(),
            100 * within(0.01),
            100 * within(0.05),
            100 * within(0.10),
            spearman(),
            ranks.tau(),
            ranks.interval()[0],
            ranks.interval()[1])
        + (drifted() ? "\n" + driftWarning() : "");
  }

  /** For people, where {@link #drifted}. */
  String driftWarning() {
    return String.format(
        Locale.ROOT,
        "Warning: errors follow the order of measuring (autocorrelation %.2f), so the device"
            + " drifted. Maybe measure again, in random order and with nothing else running.",
        drift());
  }
}
