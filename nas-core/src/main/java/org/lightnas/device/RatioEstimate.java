package org.lightnas.device;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * The median of the ratios of several rounds, and how sure it is.
 *
 * @param ratio the median
 * @param spread its standard error, in the unit of the ratio
 * @param rounds how many rounds there were
 * @since 0.1.0
 */
public record RatioEstimate(double ratio, double spread, int rounds) {

  /**
   * The median and its standard error, the latter from two order statistics (Price and Bonett 2001,
   * "Estimating the variance of the sample median"):
   *
   * <pre>
   * c = max(1, round((n + 1) / 2 - sqrt(n)))
   * SE = (x(n - c + 1) - x(c)) / (2 z)     z = the normal quantile of 1 - P(Binomial(n, 1/2) &lt; c)
   * </pre>
   *
   * It asks nothing of the distribution, and timings are skewed; from about ten rounds on an
   * outlier on either side does not touch it; and unlike the median absolute deviation it is rarely
   * much too small for few rounds (at six it is a quarter too large on average), which matters when
   * measuring stops as soon as it is small.
   *
   * @param ratios one or more, positive and finite; not modified. The spread of a single one is
   *     unknown and given as the ratio itself.
   * @throws IllegalArgumentException if there is none
   */
  public static RatioEstimate of(double... ratios) {
    checkArgument(ratios.length > 0, "No round was measured.");
    double[] sorted = ratios.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    if (n == 1) {
      return new RatioEstimate(median, median, 1);
    }
    int c = (int) Math.max(1, Math.round((n + 1) / 2.0 - Math.sqrt(n)));
    double spread = (sorted[n - c] - sorted[c - 1]) / (2 * upperNormalQuantile(binomialTail(n, c)));
    return new RatioEstimate(median, spread, n);
  }

  /** P(Binomial(n, 1/2) &lt; c), summed in the order of growing terms. */
  private static double binomialTail(int n, int c) {
    double term = Math.pow(0.5, n);
    double sum = 0;
    for (int i = 0; i < c; i++) {
      sum += term;
      term *= (double) (n - i) / (i + 1);
    }
    return sum;
  }

  /**
   * The z with P(Z &gt; z) = p for a standard normal Z, 0 &lt; p &lt; 0.5, to 4.5e-4 (Abramowitz
   * and Stegun 26.2.23).
   */
  private static double upperNormalQuantile(double p) {
    double t = Math.sqrt(-2 * Math.log(p));
    return t
        - (2.515517 + t * (0.802853 + t * 0.010328))
            / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  }
}
