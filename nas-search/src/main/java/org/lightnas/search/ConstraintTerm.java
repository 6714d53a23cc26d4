package org.lightnas.search;

import org.lightnas.metric.Constraint;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.space.Architecture;

/**
 * The part of the objective that keeps one bound, {@code lambda (c - 1) + rho/2 (c - 1)^2} with
 * {@code c = cost / bound}, and its multiplier lambda, which ascends on the violation.
 *
 * <p>LightNAS has the linear term only; the cost is that of the sampled path. Ours is the cost
 * expected under the candidates' probabilities, with the exact effect of each single swap from the
 * most probable architecture (for additive predictors that is the expectation itself), and the
 * quadratic term damps the approach.
 */
final class ConstraintTerm {

  private final Constraint constraint;
  private final Dynamics dynamics;
  private final boolean aim;
  private double multiplier;

  /**
   * Starts at multiplier 0.
   *
   * @param aim push the cost up to the bound too; otherwise the multiplier stays at 0 or above
   */
  ConstraintTerm(Constraint constraint, Dynamics dynamics, boolean aim) {
    this.constraint = constraint;
    this.dynamics = dynamics;
    this.aim = aim;
  }

  /** How strongly the cost counts now. */
  double multiplier() {
    return multiplier;
  }

  /** Goes to where a search was. */
  void restore(double then) {
    multiplier = then;
  }

  /**
   * What the cost is held to be.
   *
   * @param value in the metric's unit
   * @param slopes its derivative by the share of each candidate, but for a constant per choice
   */
  record Expectation(double value, double[][] slopes) {}

  /** The expected cost under probabilities {@code p}. */
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

  /** Adds the gradient of this term by the logits, at the expected cost. */
  void addGradient(double[][] gradient, double[][] p, Expectation expectation) {
    double slope = slope(expectation.value());
    for (int l = 0; l < p.length; l++) {
      double mean = 0;
      for (int k = 0; k < p[l].length; k++) {
        mean += p[l][k] * expectation.slopes()[l][k];
      }
      for (int k = 0; k < p[l].length; k++) {
        gradient[l][k] += slope * p[l][k] * (expectation.slopes()[l][k] - mean);
      }
    }
  }

  /** Adds the gradient of this term by the logits, straight through a drawn architecture. */
  void addGradient(double[][] gradient, Logits.Draw draw, double tau) {
    double slope = slope(constraint.predict(draw.architecture()));
    double[][] gates =
        constraint.predictor() instanceof GradientPredictor smooth
            ? smooth.gradient(Logits.oneHot(draw.architecture()))
            : SwapEffects.of(constraint, draw.architecture());
    for (int l = 0; l < gates.length; l++) {
      for (int k = 0; k < gates[l].length; k++) {
        gates[l][k] *= slope;
      }
    }
    draw.addStraightThrough(gates, tau, gradient);
  }

  private double slope(double cost) {
    double excess = cost / constraint.bound() - 1;
    double pull = dynamics.quadratic() * (aim ? excess : Math.max(0, excess));
    return (multiplier + pull) / constraint.bound();
  }

  /** Gradient ascent on the multiplier. */
  void ascend(double cost) {
    double excess = cost / constraint.bound() - 1;
    multiplier += dynamics.multiplierRate() * excess;
    if (!aim || (dynamics.clamped() && excess * multiplier < 0)) {
      multiplier = dynamics.clamped() && aim ? 0 : Math.max(0, multiplier);
    }
  }

  /** How far the cost is from the bound, as a share of it. */
  double distance(double cost) {
    return Math.abs(cost / constraint.bound() - 1);
  }

  double predict(Architecture architecture) {
    return constraint.predict(architecture);
  }
}
