package org.lightnas.search.widths;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Latency never falls when something becomes wider: what measurements say under that condition. */
final class Isotonic {

  private Isotonic() {}

  /**
   * The values that do not fall and are nearest to some others, by pooling adjacent violators (Ayer
   * et al. 1955): minimises {@code sum_i w_i (fit_i - y_i)²}.
   *
   * @param weights positive
   */
  static double[] fit(double[] y, double[] weights) {
    double[] means = new double[y.length];
    double[] sums = new double[y.length];
    int[] ends = new int[y.length];
    int blocks = 0;
    for (int i = 0; i < y.length; i++) {
      means[blocks] = y[i];
      sums[blocks] = weights[i];
      ends[blocks++] = i + 1;
      while (blocks > 1 && means[blocks - 2] > means[blocks - 1]) {
        double both = sums[blocks - 2] + sums[blocks - 1];
        means[blocks - 2] =
            (sums[blocks - 2] * means[blocks - 2] + sums[blocks - 1] * means[blocks - 1]) / both;
        sums[blocks - 2] = both;
        ends[blocks - 2] = ends[blocks - 1];
        blocks--;
      }
    }
    double[] fit = new double[y.length];
    int from = 0;
    for (int b = 0; b < blocks; b++) {
      Arrays.fill(fit, from, ends[b], means[b]);
      from = ends[b];
    }
    return fit;
  }

  /**
   * The last place of every plateau: a plateau goes on as long as values exceed its first one by no
   * more than a share of it.
   *
   * @param fit does not fall, positive
   */
  static List<Integer> plateauEnds(double[] fit, double tolerance) {
    List<Integer> ends = new ArrayList<>();
    int first = 0;
    for (int i = 1; i < fit.length; i++) {
      if (fit[i] > (1 + tolerance) * fit[first]) {
        ends.add(i - 1);
        first = i;
      }
    }
    ends.add(fit.length - 1);
    return ends;
  }
}
