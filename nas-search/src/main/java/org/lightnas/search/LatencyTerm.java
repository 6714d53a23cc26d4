package org.lightnas.search;

import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;

/**
 * The part of the objective that keeps the bound, {@code lambda (c - 1) + rho/2 (c - 1)^2} with
 * {@code c = E[cost] / bound}, and its multiplier. The expectation is over the candidates'
 * probabilities, with the exact effect of each single swap from the most probable architecture: for
 * additive predictors it is the expectation itself.
 *
 * <p>LightNAS has the linear term only and a fixed rate for lambda; with few steps that rate is far
 * too slow, so here it is relative to the number of steps, and the quadratic term damps the
 * approach.
 */
final class LatencyTerm {

  /** Weight of the quadratic term. */
  private static final double RHO = 5;

  /** The multiplier after all steps at twice the bound. */
  private static final double TOTAL_RATE = 50;

  private final Constraint constraint;
  private final boolean aim;
  private final double rate;
  private double multiplier;

  /**
   * Starts at multiplier 0.
   *
   * @param steps how often {@link #ascend} will be called
   * @param aim push the cost up to the bound too; otherwise the multiplier stays at 0 or above
   */
  LatencyTerm(Constraint constraint, int steps, boolean aim) {
    this.constraint = constraint;
    this.aim = aim;
    this.rate = TOTAL_RATE / steps;
  }

  /** How strongly the cost counts now. */
  double multiplier() {
    return multiplier;
  }

  /** The effect of swaps around the most probable architecture. */
  record Expectation(double value, double[][] change) {}

  /** The expected cost under probabilities {@code p}, in the metric's unit. */
  Expectation expect(double[][] p, Architecture mostProbable) {
    double[][] change = SwapEffects.of(constraint, mostProbable);
    double value = constraint.predict(mostProbable);
    for (int l = 0; l < p.length; l++) {
      for (int k = 0; k < p[l].length; k++) {
        value += p[l][k] * change[l][k];
      }
    }
    return new Expectation(value, change);
  }

  /** Adds the gradient of this term by the logits. */
  void addGradient(double[][] gradient, double[][] p, Expectation expectation) {
    double excess = expectation.value() / constraint.bound() - 1;
    double slope = multiplier + RHO * (aim ? excess : Math.max(0, excess));
    for (int l = 0; l < p.length; l++) {
      double mean = 0;
      for (int k = 0; k < p[l].length; k++) {
        mean += p[l][k] * expectation.change()[l][k];
      }
      for (int k = 0; k < p[l].length; k++) {
        gradient[l][k] +=
            slope * p[l][k] * (expectation.change()[l][k] - mean) / constraint.bound();
      }
    }
  }

  /** Gradient ascent on the multiplier. */
  void ascend(Expectation expectation) {
    multiplier += rate * (expectation.value() / constraint.bound() - 1);
    if (!aim) {
      multiplier = Math.max(0, multiplier);
    }
  }
}
