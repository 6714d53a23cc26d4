package org.lightnas.search;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The architecture of the largest total score whose prediction lies within bounds: a
 * multiple-choice knapsack, solved exactly over fine bins for additive predictors (ALGORITHMS 1.9).
 * Costs are rounded up to bins, so a solution never exceeds the bound; what rounding can lose is
 * below L/BINS of the bound's room. For other predictors the costs are the exact effects of single
 * swaps around the last solution, the solution is predicted, and the room is shrunk by the error
 * until the prediction keeps the bound.
 */
final class Projection {

  private static final int BINS = 20_000;
  private static final int ROUNDS = 20;

  private final Constraint constraint;
  private final ChoiceSpace space;

  Projection(Constraint constraint) {
    this.constraint = constraint;
    this.space = constraint.predictor().space();
  }

  /**
   * The cheapest architecture found by taking each choice's cheapest swap until none helps: exact
   * for additive predictors.
   */
  Architecture cheapest() {
    Architecture now = space.uniform(0);
    double value = constraint.predict(now);
    while (true) {
      double[][] change = constraint.predictor().sensitivity(now);
      Architecture next = now;
      for (int l = 0; l < change.length; l++) {
        next = next.with(l, argMin(change[l]));
      }
      double nextValue = constraint.predict(next);
      if (!(nextValue < value)) {
        return now;
      }
      now = next;
      value = nextValue;
    }
  }

  /**
   * Checks that something meets the bound.
   *
   * @throws InfeasibleConstraintException naming bound and least value otherwise
   */
  Architecture requireFeasible() {
    Architecture cheapest = cheapest();
    double least = constraint.predict(cheapest);
    if (least > constraint.bound()) {
      String unit = constraint.metric().unit();
      throw new InfeasibleConstraintException(
          "No architecture of space '"
              + space.name()
              + "' meets "
              + constraint.metric().name()
              + " <= "
              + Numbers.format(constraint.bound())
              + " "
              + unit
              + ": the least predicted is "
              + Numbers.format(least)
              + " "
              + unit
              + " ("
              + cheapest.id()
              + ").\nMaybe raise the bound, or offer cheaper candidates.",
          constraint.bound(),
          least);
    }
    return cheapest;
  }

  /**
   * The best architecture in a band below an upper limit.
   *
   * @param scores {@code [choice][candidate]}, larger is better
   * @param lower the prediction should reach this if the band holds an architecture; otherwise it
   *     is ignored
   * @param upper the prediction does not exceed this
   * @throws InfeasibleConstraintException if nothing is found below {@code upper}
   */
  Architecture project(double[][] scores, double lower, double upper) {
    Architecture base = best(scores);
    double value = constraint.predict(base);
    if (value <= upper && value >= lower) {
      return base;
    }
    Architecture fallback = null;
    double room = upper;
    for (int round = 0; round < ROUNDS; round++) {
      double[][] change = constraint.predictor().sensitivity(base);
      Architecture candidate = knapsack(scores, change, constraint.predict(base), lower, room);
      if (candidate == null) {
        break;
      }
      double predicted = constraint.predict(candidate);
      if (predicted <= upper) {
        return candidate;
      }
      fallback = candidate;
      room -= 1.05 * (predicted - upper);
      base = candidate;
    }
    return descend(fallback == null ? best(scores) : fallback, scores, upper);
  }

  /** Takes the swaps that save most per score lost until the bound is kept. */
  private Architecture descend(Architecture start, double[][] scores, double upper) {
    Architecture now = start;
    while (constraint.predict(now) > upper) {
      double[][] change = constraint.predictor().sensitivity(now);
      Architecture next = null;
      double bestRate = Double.POSITIVE_INFINITY;
      for (int l = 0; l < scores.length; l++) {
        for (int k = 0; k < scores[l].length; k++) {
          if (change[l][k] < 0) {
            double rate = (scores[l][now.pick(l)] - scores[l][k]) / -change[l][k];
            if (rate < bestRate) {
              bestRate = rate;
              next = now.with(l, k);
            }
          }
        }
      }
      if (next == null) {
        Architecture cheapest = requireFeasible();
        if (constraint.predict(cheapest) <= upper) {
          return cheapest;
        }
        throw new InfeasibleConstraintException(
            "No architecture of space '"
                + space.name()
                + "' was found at "
                + Numbers.format(upper)
                + " "
                + constraint.metric().unit()
                + " or less.\nMaybe raise the bound.",
            upper,
            constraint.predict(cheapest));
      }
      now = next;
    }
    return now;
  }

  /**
   * {@code max sum score} subject to {@code lower <= base + sum change <= upper}; null if nothing
   * lies below {@code upper}.
   */
  private @Nullable Architecture knapsack(
      double[][] scores, double[][] change, double base, double lower, double upper) {
    int choices = scores.length;
    double floor = base;
    double ceiling = base;
    for (double[] row : change) {
      floor += Arrays.stream(row).min().orElseThrow();
      ceiling += Arrays.stream(row).max().orElseThrow();
    }
    if (floor > upper) {
      return null;
    }
    double top = Math.min(upper, ceiling);
    double width = Math.max(top - floor, Double.MIN_NORMAL) / BINS;
    double[] reached = new double[BINS + 1];
    Arrays.fill(reached, Double.NEGATIVE_INFINITY);
    reached[0] = 0;
    byte[][] taken = new byte[choices][BINS + 1];
    for (int l = 0; l < choices; l++) {
      double least = Arrays.stream(change[l]).min().orElseThrow();
      double[] next = new double[BINS + 1];
      Arrays.fill(next, Double.NEGATIVE_INFINITY);
      for (int k = 0; k < change[l].length; k++) {
        double bins = Math.ceil((change[l][k] - least) / width - 1e-9);
        if (bins > BINS) {
          continue;
        }
        int shift = (int) bins;
        for (int b = shift; b <= BINS; b++) {
          double score = reached[b - shift] + scores[l][k];
          if (score > next[b]) {
            next[b] = score;
            taken[l][b] = (byte) k;
          }
        }
      }
      reached = next;
    }
    int end = -1;
    int from = (int) Math.ceil((lower - floor) / width);
    for (int b = Math.max(0, from); b <= BINS; b++) {
      if (reached[b] > Double.NEGATIVE_INFINITY && (end < 0 || reached[b] > reached[end])) {
        end = b;
      }
    }
    if (end < 0) {
      // Nothing in the band: as near to it as possible from below is what the bound leaves.
      for (int b = Math.min(BINS, from); b >= 0 && end < 0; b--) {
        end = reached[b] > Double.NEGATIVE_INFINITY ? b : -1;
      }
    }
    if (end < 0) {
      return null;
    }
    int[] picks = new int[choices];
    for (int l = choices - 1, b = end; l >= 0; l--) {
      picks[l] = taken[l][b];
      double least = Arrays.stream(change[l]).min().orElseThrow();
      b -= (int) Math.ceil((change[l][picks[l]] - least) / width - 1e-9);
    }
    return space.architecture(picks);
  }

  /** The candidate of the largest score in every choice. */
  Architecture best(double[][] scores) {
    List<Choice> choices = space.choices();
    int[] picks = new int[choices.size()];
    for (int l = 0; l < picks.length; l++) {
      for (int k = 1; k < scores[l].length; k++) {
        if (scores[l][k] > scores[l][picks[l]]) {
          picks[l] = k;
        }
      }
    }
    return space.architecture(picks);
  }

  private static int argMin(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] < values[best]) {
        best = i;
      }
    }
    return best;
  }
}
