package org.lightnas.search;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The architecture of the largest total score whose prediction lies within bounds: a {@link
 * Knapsack}, exact for additive predictors. For others its costs are the effects of single swaps
 * around the last solution; the solution is predicted, and the room is shrunk by the error until
 * the prediction keeps the bound.
 */
final class Projection {

  private static final int ROUNDS = 20;

  /** How much more than the error the room is shrunk by. */
  private static final double MARGIN = 1.05;

  /** By how much more than the last time, if the error was noise of floating point. */
  private static final double GROWTH = 4;

  /** Errors below this share of the limit are noise. */
  private static final double NOISE = 1e-12;

  private final Constraint constraint;
  private final ChoiceSpace space;

  Projection(Constraint constraint) {
    this.constraint = constraint;
    this.space = constraint.predictor().space();
  }

  /**
   * The cheapest architecture that is found by taking the swaps that save, all at once or the best
   * one alone, until none does: the cheapest of all for additive predictors.
   */
  Architecture cheapest() {
    return extreme(1);
  }

  /** The costliest, as {@link #cheapest}. */
  Architecture costliest() {
    return extreme(-1);
  }

  private Architecture extreme(int sign) {
    Architecture now = space.uniform(0);
    while (true) {
      double[][] change = SwapEffects.of(constraint, now);
      Architecture all = now;
      Architecture one = now;
      double most = 0;
      for (int l = 0; l < change.length; l++) {
        for (int k = 0; k < change[l].length; k++) {
          if (sign * change[l][k] < sign * change[l][all.pick(l)]) {
            all = all.with(l, k);
          }
          if (sign * change[l][k] < most) {
            most = sign * change[l][k];
            one = now.with(l, k);
          }
        }
      }
      Architecture next = sign * (predict(all) - predict(one)) <= 0 ? all : one;
      if (!(sign * predict(next) < sign * predict(now))) {
        return now;
      }
      now = next;
    }
  }

  /**
   * Checks that something meets the bound.
   *
   * @throws InfeasibleConstraintException naming bound and least value otherwise
   */
  Architecture requireFeasible() {
    Architecture cheapest = cheapest();
    if (predict(cheapest) > constraint.bound()) {
      throw infeasible(constraint.bound(), cheapest);
    }
    return cheapest;
  }

  private InfeasibleConstraintException infeasible(double bound, Architecture cheapest) {
    String unit = constraint.metric().unit();
    return new InfeasibleConstraintException(
        "No architecture of space '"
            + space.name()
            + "' meets "
            + constraint.metric().name()
            + " <= "
            + Numbers.format(bound)
            + " "
            + unit
            + ": the least predicted is "
            + Numbers.formatUp(predict(cheapest))
            + " "
            + unit
            + " ("
            + cheapest.id()
            + ").\nMaybe raise the bound, or offer cheaper candidates.",
        bound,
        predict(cheapest));
  }

  /**
   * The best architecture in a band below an upper limit. If the band holds none, it moves down; if
   * all predictions lie below it, its lower limit is ignored (see {@link Knapsack}). For predictors
   * that are not additive the band is found as well as swaps tell; the upper limit is kept by every
   * result.
   *
   * @param scores {@code [choice][candidate]}, finite, larger is better
   * @param lower the prediction should reach this
   * @param upper the prediction does not exceed this
   * @throws InfeasibleConstraintException if nothing is found below {@code upper}
   */
  Architecture project(double[][] scores, double lower, double upper) {
    Architecture base = best(scores);
    if (predict(base) >= lower && predict(base) <= upper) {
      return base;
    }
    Architecture below = null;
    Architecture above = base;
    double room = upper;
    double shrink = 0;
    for (int round = 0; round < ROUNDS; round++) {
      double now = predict(base);
      double[][] change = SwapEffects.of(constraint, base);
      int[] picks = Knapsack.solve(scores, change, Math.min(lower, room) - now, room - now);
      if (picks == null) {
        break;
      }
      Architecture candidate = space.architecture(picks);
      double predicted = predict(candidate);
      if (predicted > upper) {
        boolean noise = predicted - upper <= NOISE * upper;
        shrink = Math.max(MARGIN * (predicted - upper), noise ? GROWTH * shrink : 0);
        room -= shrink;
        above = candidate;
      } else if (predicted >= lower) {
        return candidate;
      } else if (candidate.equals(below)) {
        break;
      } else if (below == null || predicted > predict(below)) {
        below = candidate;
      }
      base = candidate;
    }
    return below == null ? descend(above, scores, upper) : below;
  }

  /** Takes the swaps that save most per score lost until the bound is kept. */
  private Architecture descend(Architecture start, double[][] scores, double upper) {
    Architecture now = start;
    while (predict(now) > upper) {
      Architecture next = cheaper(now, scores);
      if (next == null) {
        Architecture cheapest = cheapest();
        if (predict(cheapest) > upper) {
          throw infeasible(upper, cheapest);
        }
        return cheapest;
      }
      now = next;
    }
    return now;
  }

  private @Nullable Architecture cheaper(Architecture now, double[][] scores) {
    double[][] change = SwapEffects.of(constraint, now);
    Architecture next = null;
    double least = Double.POSITIVE_INFINITY;
    for (int l = 0; l < scores.length; l++) {
      for (int k = 0; k < scores[l].length; k++) {
        double lostPerSaved = (scores[l][now.pick(l)] - scores[l][k]) / -change[l][k];
        if (change[l][k] < 0 && lostPerSaved < least) {
          least = lostPerSaved;
          next = now.with(l, k);
        }
      }
    }
    return next;
  }

  private double predict(Architecture architecture) {
    return constraint.predict(architecture);
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
}
