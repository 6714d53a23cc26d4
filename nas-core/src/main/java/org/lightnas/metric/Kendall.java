package org.lightnas.metric;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Kendall's tau-b with a confidence interval. With {@code C_i} = concordant minus discordant pairs
 * that sample i is in, and {@code n_x}, {@code n_y} the pairs that x and y tell apart,
 *
 * <pre>
 * tau_b = (sum_i C_i / 2) / sqrt(n_x n_y)
 * </pre>
 *
 * Leaving sample i out takes away {@code C_i} and the pairs that i is in, so all leave-one-out
 * values follow at once, and with them the jackknife's standard error, ties included. The interval
 * is symmetric on the scale of Fisher's z, so it never leaves [-1, 1]. Time O(n log n).
 *
 * @since 0.1.0
 */
public final class Kendall {

  private static final double NORMAL_95 = 1.959964;

  private final double tau;
  private final double standardError;

  /**
   * Of two columns.
   *
   * @throws IllegalArgumentException if they are not of equal length, at least 2, or a value is NaN
   */
  public Kendall(double[] x, double[] y) {
    int n = x.length;
    checkArgument(
        n == y.length && n >= 2,
        "Two columns of equal length are compared, of at least 2 values, but these have %s and %s.",
        n,
        y.length);
    checkArgument(
        DoubleStream.concat(Arrays.stream(x), Arrays.stream(y)).noneMatch(Double::isNaN),
        "A value to be ranked is NaN.\nMaybe leave its pair out.");
    int[] ranksX = denseRanks(x);
    int[] ranksY = denseRanks(y);
    long[] tiesX = ties(ranksX);
    long[] tiesY = ties(ranksY);
    long[] concordance = concordance(ranksX, ranksY);
    double pairs = n * (n - 1.0) / 2;
    double sum = Arrays.stream(concordance).sum() / 2.0;
    // Each sample counts the others of its value, so every tied pair is counted twice.
    double pairsX = pairs - Arrays.stream(tiesX).sum() / 2.0;
    double pairsY = pairs - Arrays.stream(tiesY).sum() / 2.0;
    tau = sum / Math.sqrt(pairsX * pairsY);
    double[] without = new double[n];
    double mean = 0;
    for (int i = 0; i < n; i++) {
      double left = pairsX - (n - 1 - tiesX[i]);
      double right = pairsY - (n - 1 - tiesY[i]);
      without[i] = (sum - concordance[i]) / Math.sqrt(left * right);
      mean += without[i] / n;
    }
    double squares = 0;
    for (double value : without) {
      squares += (value - mean) * (value - mean);
    }
    standardError = Math.sqrt(squares * (n - 1) / n);
  }

  /** NaN if a column never changes. */
  public double tau() {
    return tau;
  }

  /** Lower and upper end at 95 %; NaN where tau or its error cannot be told. */
  public double[] interval() {
    if (Math.abs(tau) >= 1) {
      return new double[] {tau, tau};
    }
    double z = 0.5 * Math.log((1 + tau) / (1 - tau));
    double reach = NORMAL_95 * standardError / (1 - tau * tau);
    return new double[] {Math.tanh(z - reach), Math.tanh(z + reach)};
  }

  /** Equal values get equal ranks, from 0, without gaps. */
  private static int[] denseRanks(double[] values) {
    double[] distinct = Arrays.stream(values).sorted().distinct().toArray();
    return Arrays.stream(values).mapToInt(v -> Arrays.binarySearch(distinct, v)).toArray();
  }

  /** How many others have the value of each. */
  private static long[] ties(int[] ranks) {
    long[] counts = new long[ranks.length];
    for (int rank : ranks) {
      counts[rank]++;
    }
    return Arrays.stream(ranks).mapToLong(rank -> counts[rank] - 1).toArray();
  }

  private static long[] concordance(int[] x, int[] y) {
    int n = x.length;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingInt(i -> x[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    long[] concordance = new long[n];
    sweep(order, x, y, 1, concordance);
    for (int i = 0, j = n - 1; i < j; i++, j--) {
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    sweep(order, x, y, -1, concordance);
    return concordance;
  }

  /** Adds, for each sample, the lower minus the higher y among those passed before it. */
  private static void sweep(int[] order, int[] x, int[] y, int sign, long[] concordance) {
    int n = order.length;
    int[] tree = new int[n + 1];
    int begin = 0;
    while (begin < n) {
      int end = begin;
      while (end < n && x[order[end]] == x[order[begin]]) {
        end++;
      }
      for (int i = begin; i < end; i++) {
        int rank = y[order[i]];
        int lower = upTo(tree, rank);
        int higher = begin - upTo(tree, rank + 1);
        concordance[order[i]] += (long) sign * (lower - higher);
      }
      for (int i = begin; i < end; i++) {
        for (int at = y[order[i]] + 1; at <= n; at += at & -at) {
          tree[at]++;
        }
      }
      begin = end;
    }
  }

  /** How many of the first {@code count} ranks were added to a Fenwick tree. */
  private static int upTo(int[] tree, int count) {
    int sum = 0;
    for (int at = count; at > 0; at -= at & -at) {
      sum += tree[at];
    }
    return sum;
  }
}
