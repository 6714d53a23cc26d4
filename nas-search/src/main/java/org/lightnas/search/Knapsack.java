package org.lightnas.search;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The multiple-choice knapsack: of every row one entry, so that the scores add up to the most while
 * the costs add up to a number within a band. Solved by dynamic programming over {@value #BINS}
 * bins between the least sum of costs and the upper limit; of the partial sums in a bin only that
 * of the best score goes on.
 *
 * <p>Costs themselves are not rounded, so a solution keeps the limits, and it is the best of all
 * where no two different sums share a bin. Otherwise, of L rows, it is at least as good as any that
 * stays L bins away from both limits.
 */
final class Knapsack {

  static final int BINS = 20_000;

  private final double[][] scores;

  /** Costs over the least of their row. */
  private final double[][] over;

  private final double room;
  private final double width;

  /** Of the partial sum in each bin: score, cost, and the entry and bin it came by. */
  private double[] score = new double[BINS + 1];

  private double[] cost = new double[BINS + 1];
  private final int[][] entry;
  private final int[][] before;

  private Knapsack(double[][] scores, double[][] over, double room) {
    this.scores = scores;
    this.over = over;
    this.room = room;
    this.width = Math.max(Math.min(room, sum(over, 1)), Double.MIN_NORMAL) / BINS;
    this.entry = new int[over.length][BINS + 1];
    this.before = new int[over.length][BINS + 1];
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
    Knapsack knapsack = new Knapsack(scores, over, upper - floor);
    boolean outOfReach = lower - floor > sum(over, 1);
    return knapsack.solve(outOfReach ? 0 : lower - floor);
  }

  /** The sum of the largest (sign 1) or least (sign -1) entry of every row. */
  private static double sum(double[][] rows, int sign) {
    double sum = 0;
    for (double[] row : rows) {
      sum += sign * Arrays.stream(row).map(value -> sign * value).max().orElseThrow();
    }
    return sum;
  }

  private int[] solve(double lower) {
    fill();
    int end = best(lower);
    if (end < 0) {
      int top = BINS;
      while (score[top] == Double.NEGATIVE_INFINITY) {
        top--; // ends at 0, where the cheapest are
      }
      end = best(cost[top] - (room - lower));
    }
    int[] picks = new int[over.length];
    for (int l = over.length - 1, b = end; l >= 0; l--) {
      picks[l] = entry[l][b];
      b = before[l][b];
    }
    return picks;
  }

  private void fill() {
    Arrays.fill(score, Double.NEGATIVE_INFINITY);
    score[0] = 0;
    for (int l = 0; l < over.length; l++) {
      double[] nextScore = new double[BINS + 1];
      double[] nextCost = new double[BINS + 1];
      Arrays.fill(nextScore, Double.NEGATIVE_INFINITY);
      for (int b = 0; b <= BINS; b++) {
        for (int k = 0; k < over[l].length && score[b] > Double.NEGATIVE_INFINITY; k++) {
          double newCost = cost[b] + over[l][k];
          double newScore = score[b] + scores[l][k];
          int bin = (int) Math.min(BINS, newCost / width);
          if (newCost <= room
              && (newScore > nextScore[bin]
                  || (newScore == nextScore[bin] && newCost < nextCost[bin]))) {
            nextScore[bin] = newScore;
            nextCost[bin] = newCost;
            entry[l][bin] = k;
            before[l][bin] = b;
          }
        }
      }
      score = nextScore;
      cost = nextCost;
    }
  }

  /** The bin of the largest score at a cost of {@code from} or more; -1 if there is none. */
  private int best(double from) {
    int best = -1;
    for (int b = 0; b <= BINS; b++) {
      if (cost[b] >= from && score[b] > (best < 0 ? Double.NEGATIVE_INFINITY : score[best])) {
        best = b;
      }
    }
    return best;
  }
}
