package org.lightnas.compress;

import java.util.Arrays;

/**
 * A normal distribution over the coefficients of a linear function, which learns from one
 * observation after the other (recursive least squares). Mutable.
 */
final class Belief {

  private final double[] mean;
  private final double[][] covariance;
  private final double noise;
  private double evidence;

  /**
   * Before anything is seen.
   *
   * @param noise variance of the noise of observations
   */
  Belief(double[] mean, double[] variance, double noise) {
    this.mean = mean.clone();
    this.covariance = new double[mean.length][mean.length];
    for (int i = 0; i < mean.length; i++) {
      covariance[i][i] = variance[i];
    }
    this.noise = noise;
  }

  /** Learns that {@code w x = value}, but for noise. */
  void observe(double[] x, double value) {
    double[] gain = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; x[i] != 0 && j < x.length; j++) {
        gain[j] += covariance[i][j] * x[i];
      }
    }
    double error = value - at(x);
    double variance = noise + dot(x, gain);
    evidence -= (Math.log(2 * Math.PI * variance) + error * error / variance) / 2;
    for (int i = 0; i < x.length; i++) {
      mean[i] += gain[i] * error / variance;
      for (int j = 0; j < x.length; j++) {
        covariance[i][j] -= gain[i] * gain[j] / variance;
      }
    }
  }

  /** The expected value of the function. */
  double at(double[] x) {
    return dot(x, mean);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** The logarithm of how likely all observations were, each by those before it. */
  double evidence() {
    return evidence;
  }

  double[] mean() {
    return mean.clone();
  }

  /** Of each coefficient. */
  double[] variance() {
    double[] variance = new double[mean.length];
    Arrays.setAll(variance, i -> covariance[i][i]);
    return variance;
  }
}
