package org.lightnas.search;

import org.lightnas.NasException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.space.Architecture;

/**
 * The part of the objective that keeps one bound, {@code lambda (cost / bound - 1)}, and its
 * multiplier lambda, which ascends on the violation.
 */
final class ConstraintTerm {

  private static final double STEP = 0.5;

  private final Constraint constraint;
  private final boolean aim;
  private final boolean given;
  private double multiplier;

  private ConstraintTerm(Constraint constraint, boolean aim, boolean given, double multiplier) {
    this.constraint = constraint;
    this.aim = aim;
    this.given = given;
    this.multiplier = multiplier;
  }

  /**
   * Learns its multiplier, from 0 on.
   *
   * @param aim push the cost up to the bound too; otherwise the multiplier stays at 0 or above
   */
  ConstraintTerm(Constraint constraint, boolean aim) {
    this(constraint, aim, false, 0);
  }

  /** Has a multiplier that does not change: a trade-off of loss and cost. */
  static ConstraintTerm given(Constraint constraint, double multiplier) {
    return new ConstraintTerm(constraint, false, true, multiplier);
  }

  /** Whether its multiplier does not change. */
  boolean isGiven() {
    return given;
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
   * The cost under probabilities, with the exact effect of each single swap from the most probable
   * architecture: for additive predictors it is the expectation itself.
   *
   * @param value in the metric's unit
   * @param change what each candidate adds, {@code [choice][candidate]}
   */
  record Expectation(double value, double[][] change) {}

  /** The expected cost under probabilities {@code p}. */
  Expectation expect(double[][] p, Architecture mostProbable) {
    double[][] change = constraint.sensitivity(mostProbable);
    double value = constraint.predict(mostProbable);
    for (int l = 0; l < p.length; l++) {
      value += mean(p[l], change[l]);
    }
    return new Expectation(value, change);
  }

  private static double mean(double[] p, double[] values) {
    double mean = 0;
    for (int k = 0; k < p.length; k++) {
      mean += p[k] * values[k];
    }
    return mean;
  }

  /** The variance of {@code cost / bound} under probabilities. */
  double variance(double[][] p, Expectation cost) {
    double variance = 0;
    for (int l = 0; l < p.length; l++) {
      double mean = mean(p[l], cost.change()[l]);
      for (int k = 0; k < p[l].length; k++) {
        double off = (cost.change()[l][k] - mean) / constraint.bound();
        variance += p[l][k] * off * off;
      }
    }
    return variance;
  }

  /** Adds {@code lambda cost / bound} of every candidate. */
  void addCost(double[][] total, Expectation cost) {
    for (int l = 0; l < total.length; l++) {
      for (int k = 0; k < total[l].length; k++) {
        total[l][k] += multiplier * cost.change()[l][k] / constraint.bound();
      }
    }
  }

  /** Adds the gradient of this term by the logits, straight through a drawn architecture. */
  void addGradient(double[][] gradient, Logits.Draw draw, double tau) {
    double[][] gates =
        constraint.predictor() instanceof GradientPredictor smooth
            ? finite(smooth, smooth.gradient(Logits.oneHot(draw.architecture())))
            : constraint.sensitivity(draw.architecture());
    for (double[] row : gates) {
      for (int k = 0; k < row.length; k++) {
        row[k] *= multiplier / constraint.bound();
      }
    }
    draw.addStraightThrough(gates, tau, gradient);
  }

  /** One NaN would spread to every logit and be noticed by none. */
  private static double[][] finite(GradientPredictor predictor, double[][] gradient) {
    for (double[] row : gradient) {
      for (double value : row) {
        if (!Double.isFinite(value)) {
          throw new NasException(
              "The gradient of the "
                  + predictor
                  + " holds "
                  + value
                  + ".\nMaybe its gradient() does not agree with its predict().");
        }
      }
    }
    return gradient;
  }

  /**
   * Ascent on the multiplier as published: {@code lambda += rate (cost / bound - 1)}, and a
   * multiplier that then pushes the wrong way is set to 0.
   */
  void ascend(double rate, double cost) {
    double excess = cost / constraint.bound() - 1;
    move(rate * excess);
    if (!given && excess * multiplier < 0) {
      multiplier = 0;
    }
  }

  /**
   * Ascent on the multiplier by half a Newton step on {@code lambda -> min_p E[loss] + lambda
   * (E[cost] / bound - 1) - temperature H(p)}, whose second derivative is the variance of {@code
   * cost / bound} over the temperature. Where choices are nearly decided that says little: no logit
   * moves by more than half a nat.
   */
  void ascend(double[][] p, Expectation cost, double temperature) {
    double excess = cost.value() / constraint.bound() - 1;
    double newton = excess / Math.max(variance(p, cost), Double.MIN_NORMAL);
    double most = constraint.bound() / Math.max(widest(cost), Double.MIN_NORMAL);
    move(STEP * temperature * Math.max(-most, Math.min(most, newton)));
  }

  private void move(double step) {
    if (given) {
      return;
    }
    multiplier += step;
    if (!aim && multiplier < 0) {
      multiplier = 0;
    }
  }

  /** The most that candidates of one choice differ in cost. */
  private static double widest(Expectation cost) {
    double widest = 0;
    for (double[] row : cost.change()) {
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double change : row) {
        least = Math.min(least, change);
        most = Math.max(most, change);
      }
      widest = Math.max(widest, most - least);
    }
    return widest;
  }

  /** How far the cost is from the bound, as a share of it. */
  double distance(double cost) {
    return Math.abs(cost / constraint.bound() - 1);
  }

  double predict(Architecture architecture) {
    return constraint.predict(architecture);
  }
}
