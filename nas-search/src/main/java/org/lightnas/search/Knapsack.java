package org.lightnas.search;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The multiple-choice knapsack: of every row one entry, so that the scores add up to the most while
 * the costs add up to a number within a band (ALGORITHMS 1.9). Solved by dynamic programming over
 * {@value #BINS} bins of cost between the least and the upper limit, each cost rounded up.
 *
 * <p>So a solution does not exceed the upper limit by more than the noise of floating point, and of
 * L rows it is at least as good as any that keeps L bins away from both limits.
 */
final class Knapsack {

  static final int BINS = 20_000;

  /** In bins: keeps a cost that is a whole number of bins from being rounded up by noise. */
  private static final double NOISE = 1e-9;

  /** Costs over the least of their row. */
  private final double[][] over;

  private final double[][] scores;
  private final double width;

  /** The entry taken last to reach a bin, {@code [row][bin]}. */
  private final int[][] taken;

  private Knapsack(double[][] scores, double[][] over, double room) {
    double most = sum(over, 1);
    // Room for everything where nothing is to be kept out, although every row is rounded up.
    double span = Math.min(room, most * (1 + 2.0 * over.length / BINS));
    this.scores = scores;
    this.over = over;
    this.width = Math.max(span, Double.MIN_NORMAL) / BINS;
    this.taken = new int[over.length][BINS + 1];
  }

  /**
   * The best picks in the band. If it holds none, it is moved down until its upper end meets the
   * costliest picks below: who wants the room used gets most of it, and of equals the best. If the
   * band lies above everything, there is no room to use up, and the lower limit is ignored. Of
   * equal scores the cheapest are taken.
   *
   * @param scores {@code [row][entry]}, finite, larger is better
   * @param costs {@code [row][entry]}, finite, may be negative
   * @param lower limit of the sum of costs
   * @param upper limit of the sum of costs, at least {@code lower}
   * @return one entry per row, or null if even the cheapest exceed {@code upper}
   */
  static int @Nullable [] solve(double[][] scores, double[][] costs, double lower, double upper) {
    double floor = sum(costs, -1);
    if (floor > upper) {
      return null;
    }
    double[][] over = new double[costs.length][];
    for (int l = 0; l < over.length; l++) {
      double least = Arrays.stream(costs[l]).min().orElseThrow();
      over[l] = Arrays.stream(costs[l]).map(cost -> cost - least).toArray();
    }
    boolean outOfReach = lower - floor > sum(over, 1);
    return new Knapsack(scores, over, upper - floor)
        .solve(outOfReach ? 0 : lower - floor, upper - floor);
  }

  /** The sum of the largest (sign 1) or least (sign -1) entry of every row. */
  private static double sum(double[][] rows, int sign) {
    double sum = 0;
    for (double[] row : rows) {
      sum += sign * Arrays.stream(row).map(value -> sign * value).max().orElseThrow();
    }
    return sum;
  }

  private int[] solve(double lower, double upper) {
    double[] reached = fill();
    int from = (int) Math.max(0, Math.ceil(lower / width - NOISE));
    int end = best(reached, from, BINS);
    if (end < 0) {
      int top = Math.min(BINS, from);
      while (reached[top] == Double.NEGATIVE_INFINITY) {
        top--; // ends at 0, which the cheapest reach
      }
      end = best(reached, (int) Math.max(0, top - (upper - lower) / width), top);
    }
    int[] picks = new int[over.length];
    for (int l = over.length - 1, b = end; l >= 0; l--) {
      picks[l] = taken[l][b];
      b -= (int) bins(over[l][picks[l]]);
    }
    return picks;
  }

  /** The best score of picks whose costs, rounded up, are exactly so many bins. */
  private double[] fill() {
    double[] reached = new double[BINS + 1];
    Arrays.fill(reached, Double.NEGATIVE_INFINITY);
    reached[0] = 0;
    for (int l = 0; l < over.length; l++) {
      double[] next = new double[BINS + 1];
      Arrays.fill(next, Double.NEGATIVE_INFINITY);
      for (int k = 0; k < over[l].length; k++) {
        double bins = bins(over[l][k]);
        for (int b = (int) Math.min(bins, BINS + 1.0); b <= BINS; b++) {
          double score = reached[b - (int) bins] + scores[l][k];
          if (score > next[b]) {
            next[b] = score;
            taken[l][b] = k;
          }
        }
      }
      reached = next;
    }
    return reached;
  }

  private double bins(double cost) {
    return Math.ceil(cost / width - NOISE);
  }

  /** The bin of the largest score from {@code from} to {@code to}; -1 if none is reached. */
  private static int best(double[] reached, int from, int to) {
    int best = -1;
    for (int b = from; b <= to; b++) {
      if (reached[b] > (best < 0 ? Double.NEGATIVE_INFINITY : reached[best])) {
        best = b;
      }
    }
    return best;
  }
}
