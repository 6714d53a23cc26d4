package org.lightnas.metric;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;

/**
 * How well a predictor did on architectures that it had not seen, in the figures that searches
 * judge it by.
 *
 * @param samples how many were predicted
 * @param spearman rank correlation of measured and predicted, -1 to 1; NaN if either never changed
 * @param medianError median of {@code |predicted - measured| / measured}: 0.01 is one percent
 * @param within5 the share of samples whose relative error is at most 5 %, 0 to 1
 * @param within10 the same for 10 %
 * @since 0.1.0
 */
public record Quality(
    int samples, double spearman, double medianError, double within5, double within10) {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if there is no sample or a figure is out of its range
   */
  public Quality {
    checkArgument(samples >= 1, "A quality needs a sample, but was told of %s.", samples);
    checkArgument(
        Double.isNaN(spearman) || Math.abs(spearman) <= 1.000001,
        "A rank correlation is from -1 to 1, but is %s.",
        spearman);
    checkArgument(medianError >= 0, "A median error is at least 0, but is %s.", medianError);
    checkArgument(
        within5 >= 0 && within5 <= within10 && within10 <= 1,
        "Shares are from 0 to 1 and do not fall, but within 5 and 10 percent are %s and %s.",
        within5,
        within10);
  }

  /** {@code Spearman 0.985, median error 1.2 % (60 samples held out)}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Spearman %.3f, median error %.1f %% (%d samples held out)",
        spearman,
        100 * medianError,
        samples);
  }
}
