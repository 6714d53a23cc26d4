package org.lightnas.search;

import org.jspecify.annotations.Nullable;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * The architecture of the largest total score whose prediction lies within bounds: a {@link
 * Knapsack}, exact for additive predictors. For others its costs are the effects of single swaps
 * around the last solution; the solution is predicted, and the room is shrunk by the error until
 * the prediction keeps the bound.
 */
final class Projection implements Projector {

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

  @Override
  public void requireFeasible() {
    Architecture cheapest = Extremes.cheapest(constraint);
    if (predict(cheapest) > constraint.bound()) {
      throw infeasible(constraint.bound(), cheapest);
    }
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

  @Override
  public Projected project(double[][] scores, double[] lower, double[] upper) {
    return find(scores, lower[0], upper[0]);
  }

  /** As {@link #project(double[][], double[], double[])}, of one bound. */
  Architecture project(double[][] scores, double lower, double upper) {
    return find(scores, lower, upper).architecture();
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
  private Projected find(double[][] scores, double lower, double upper) {
    Architecture base = Logits.best(space, scores);
    if (predict(base) >= lower && predict(base) <= upper) {
      return new Projected(base, 0);
    }
    Architecture below = null;
    Architecture above = base;
    double room = upper;
    double shrink = 0;
    for (int round = 0; round < ROUNDS; round++) {
      double now = predict(base);
      double[][] change = constraint.sensitivity(base);
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
        return new Projected(candidate, gap());
      } else if (candidate.equals(below)) {
        break;
      } else if (below == null || predicted > predict(below)) {
        below = candidate;
      }
      base = candidate;
    }
    return below == null
        ? new Projected(descend(above, scores, upper), Double.NaN)
        : new Projected(below, gap());
  }

  private double gap() {
    return Projector.isSum(constraint) ? 0 : Double.NaN;
  }

  /** Takes the swaps that save most per score lost until the bound is kept. */
  private Architecture descend(Architecture start, double[][] scores, double upper) {
    Architecture now = start;
    while (predict(now) > upper) {
      Architecture next = cheaper(now, scores);
      if (next == null) {
        Architecture cheapest = Extremes.cheapest(constraint);
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
    double[][] change = constraint.sensitivity(now);
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
}
