package org.lightnas.search;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The multiple-choice knapsack with several limits: of every row one entry, so that the scores add
 * up to the most while each kind of cost stays within its room. Depth first, rows with the widest
 * scores first, entries by their reduced score; what is left is bounded by the Lagrangian {@code
 * sum_l max_k (score - u cost) + u room}, whose multipliers {@code u >= 0} are found once, by
 * subgradients.
 */
final class BranchAndBound {

  private static final int SUBGRADIENT_STEPS = 300;

  /** Differences of scores below this are rounding. */
  private static final double NOISE = 1e-12;

  private final double[][] scores;
  private final double[][][] costs;
  private final double[] rooms;
  private final long limit;

  /** The order in which rows are decided. */
  private final int[] order;

  private final double[] multipliers;

  /** {@code score - u cost}. */
  private final double[][] reduced;

  /** Of the rows from a place in the order on: the most reduced score, the least costs. */
  private final double[] reducedRest;

  private final double[][] leastRest;

  private final int[] picks;
  private int @Nullable [] best;
  private double bestScore = Double.NEGATIVE_INFINITY;
  private double openBound = Double.NEGATIVE_INFINITY;
  private long nodes;

  /**
   * What was found.
   *
   * @param picks one entry per row
   * @param gap by how much the best of all may have a larger sum of scores; 0 if these are proved
   *     to be the best
   */
  record Solution(int[] picks, double gap) {}

  private BranchAndBound(double[][] scores, double[][][] costs, double[] rooms, long limit) {
    this.scores = scores;
    this.costs = costs;
    this.rooms = rooms;
    this.limit = limit;
    int rows = scores.length;
    this.order =
        IntStream.range(0, rows)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer l) -> -spread(scores[l])))
            .mapToInt(Integer::intValue)
            .toArray();
    this.multipliers = multipliers();
    this.reduced = new double[rows][];
    for (int l = 0; l < rows; l++) {
      reduced[l] = reduced(l, multipliers);
    }
    this.reducedRest = new double[rows + 1];
    this.leastRest = new double[rooms.length][rows + 1];
    for (int i = rows - 1; i >= 0; i--) {
      int l = order[i];
      reducedRest[i] = reducedRest[i + 1] + Arrays.stream(reduced[l]).max().orElseThrow();
      for (int m = 0; m < rooms.length; m++) {
        leastRest[m][i] = leastRest[m][i + 1] + Arrays.stream(costs[m][l]).min().orElseThrow();
      }
    }
    this.picks = new int[rows];
  }

  /**
   * The best picks.
   *
   * @param scores {@code [row][entry]}, finite
   * @param costs {@code [kind][row][entry]}, finite, may be negative
   * @param rooms limit of each kind's sum
   * @param limit of the nodes visited; beyond it the best found so far is taken
   * @return null if no picks keep all limits, or none were found within the limit of nodes
   */
  static @Nullable Solution solve(
      double[][] scores, double[][][] costs, double[] rooms, long limit) {
    BranchAndBound search = new BranchAndBound(scores, costs, rooms, limit);
    search.descend(0, 0, new double[rooms.length], 0);
    if (search.best == null) {
      return null;
    }
    double gap = Math.max(0, search.openBound - search.bestScore);
    return new Solution(search.best, gap < NOISE ? 0 : gap);
  }

  private static double spread(double[] row) {
    return Arrays.stream(row).max().orElseThrow() - Arrays.stream(row).min().orElseThrow();
  }

  private double[] reduced(int l, double[] u) {
    double[] row = scores[l].clone();
    for (int m = 0; m < rooms.length; m++) {
      for (int k = 0; k < row.length; k++) {
        row[k] -= u[m] * costs[m][l][k];
      }
    }
    return row;
  }

  /** Multipliers of a low Lagrangian bound, in a scale in which every cost ranges over 1. */
  private double[] multipliers() {
    double[] scale = new double[rooms.length];
    double total = 0;
    for (int m = 0; m < rooms.length; m++) {
      scale[m] =
          Math.max(Arrays.stream(costs[m]).mapToDouble(BranchAndBound::spread).sum(), 1e-300);
    }
    for (double[] row : scores) {
      total += spread(row);
    }
    double[] u = new double[rooms.length];
    double[] lowest = u.clone();
    double bound = Double.POSITIVE_INFINITY;
    for (int step = 0; step < SUBGRADIENT_STEPS; step++) {
      double value = 0;
      double[] over = Arrays.stream(rooms).map(room -> -room).toArray();
      for (int l = 0; l < scores.length; l++) {
        double[] row = reduced(l, u);
        int k = IntStream.range(0, row.length).reduce(0, (a, b) -> row[b] > row[a] ? b : a);
        value += row[k];
        for (int m = 0; m < rooms.length; m++) {
          over[m] += costs[m][l][k];
        }
      }
      for (int m = 0; m < rooms.length; m++) {
        value += u[m] * rooms[m];
      }
      if (value < bound) {
        bound = value;
        lowest = u.clone();
      }
      double size = 2 * total / (1 + step);
      for (int m = 0; m < rooms.length; m++) {
        u[m] = Math.max(0, u[m] + size * over[m] / (scale[m] * scale[m]));
      }
    }
    return lowest;
  }

  private void descend(int i, double score, double[] spent, double reducedSoFar) {
    double upper = reducedSoFar + reducedRest[i];
    for (int m = 0; m < rooms.length; m++) {
      if (spent[m] + leastRest[m][i] > rooms[m]) {
        return;
      }
      upper += multipliers[m] * rooms[m];
    }
    if (upper <= bestScore + NOISE) {
      return;
    }
    if (i == order.length) {
      if (score > bestScore) {
        best = picks.clone();
        bestScore = score;
      }
      return;
    }
    if (++nodes > limit) {
      openBound = Math.max(openBound, upper);
      return;
    }
    int l = order[i];
    int[] entries =
        IntStream.range(0, scores[l].length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer k) -> -reduced[l][k]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int k : entries) {
      picks[l] = k;
      double[] next = spent.clone();
      for (int m = 0; m < rooms.length; m++) {
        next[m] += costs[m][l][k];
      }
      descend(i + 1, score + scores[l][k], next, reducedSoFar + reduced[l][k]);
    }
  }
}
