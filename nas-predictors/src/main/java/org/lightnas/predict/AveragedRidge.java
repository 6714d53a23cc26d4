package org.lightnas.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/**
 * Ridge regressions of one design with several penalties, averaged by their marginal likelihood.
 * With prior precisions p_j relative to the noise, whose variance is integrated out, and A = X'X +
 * diag(p),
 *
 * <pre>
 * log likelihood = -n/2 log(|y - X t|^2 + sum_j p_j t_j^2) - (log |A| - sum_j log p_j) / 2 + const
 * </pre>
 *
 * (Bishop 2006, 3.86). Errors count relative to y, and to half of its median where y is less: a
 * network that hardly does anything must not decide everything.
 */
final class AveragedRidge {

  /** A share of the target's square below which rounding decides. */
  private static final double ROUNDING = 1e-12;

  /** See {@link RobustRidge}. */
  private static final double TUNING = 3;

  private static final double MEDIAN_OF_NORMAL = 0.6745;

  private final double[] trust;
  private final double[][] x;
  private final double[] y;

  /** By columns; empty where samples are fewer. */
  private final double[][] gram;

  private final double[] moment;
  private final List<double[]> solutions = new ArrayList<>();
  private final List<Double> likelihoods = new ArrayList<>();

  /**
   * Prepares.
   *
   * @param design {@code [n][p]}
   * @param target positive, {@code [n]}; scaled to a mean of 1
   * @param trust how much each sample counts besides, 0 to 1
   */
  AveragedRidge(double[][] design, double[] target, double[] trust) {
    this.trust = trust.clone();
    int n = target.length;
    int p = design[0].length;
    double mean = Arrays.stream(target).average().orElseThrow();
    double[] sorted = Arrays.stream(target).sorted().toArray();
    double floor = sorted[n / 2] / 2;
    double[] sizes = Arrays.stream(target).map(v -> Math.max(v, floor)).toArray();
    double weights = Arrays.stream(sizes).map(v -> 1 / (v * v)).average().orElseThrow();
    x = new double[n][p];
    y = new double[n];
    for (int i = 0; i < n; i++) {
      double root = Math.sqrt(trust[i]) / (sizes[i] * Math.sqrt(weights));
      y[i] = root * target[i] / mean;
      for (int j = 0; j < p; j++) {
        x[i][j] = root * design[i][j];
      }
    }
    gram = new double[n < p ? 0 : p][p];
    moment = new double[p];
    for (int i = 0; i < n && gram.length > 0; i++) {
      for (int j = 0; j < p; j++) {
        Matrices.addRow(x[i], 0, x[i][j], gram[j], 0, x[i][j] == 0 ? 0 : j + 1);
      }
      Matrices.addRow(x[i], 0, y[i], moment, 0, p);
    }
  }

  /** Adds the fit with these penalties, all positive. */
  void add(double[] penalties) {
    if (y.length < penalties.length) {
      addBySamples(penalties);
    } else {
      addByColumns(penalties);
    }
  }

  /** With K = X diag(p)^-1 X' + 1: the misfit is {@code y'K^-1 y}, and |A| / prod p_j = |K|. */
  private void addBySamples(double[] penalties) {
    int n = y.length;
    double[][] scaled = new double[n][penalties.length];
    double[][] kernel = new double[n][n];
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < penalties.length; j++) {
        scaled[i][j] = x[i][j] / penalties[j];
      }
      for (int k = 0; k <= i; k++) {
        kernel[i][k] = RobustRidge.dot(scaled[i], x[k]) + (i == k ? 1 : 0);
      }
    }
    Cholesky factor = new Cholesky(kernel, ones);
    double[] dual = factor.solve(y);
    double[] solution = new double[penalties.length];
    for (int i = 0; i < n; i++) {
      Matrices.addRow(scaled[i], 0, dual[i], solution, 0, solution.length);
    }
    add(solution, RobustRidge.dot(y, dual), factor.logDeterminant());
  }

  private void addByColumns(double[] penalties) {
    int p = penalties.length;
    double[][] normal = new double[p][];
    double volume = 0;
    for (int j = 0; j < p; j++) {
      normal[j] = gram[j].clone();
      normal[j][j] += penalties[j];
      volume -= Math.log(penalties[j]);
    }
    Cholesky factor = new Cholesky(normal, penalties);
    double[] solution = factor.solve(moment);
    double misfit = 0;
    for (int i = 0; i < y.length; i++) {
      double residual = y[i] - RobustRidge.dot(x[i], solution);
      misfit += residual * residual;
    }
    for (int j = 0; j < p; j++) {
      misfit += penalties[j] * solution[j] * solution[j];
    }
    add(solution, misfit, factor.logDeterminant() + volume);
  }

  private void add(double[] solution, double misfit, double volume) {
    solutions.add(solution);
    likelihoods.add(
        -y.length / 2.0 * Math.log(misfit + ROUNDING * RobustRidge.dot(y, y)) - volume / 2);
  }

  /**
   * How much each sample can be trusted, 0 to 1: samples far from what the average says count
   * little (Cauchy weights).
   */
  double[] trust() {
    double[] solution = solution();
    double[] sizes = new double[y.length];
    for (int i = 0; i < sizes.length; i++) {
      double predicted = RobustRidge.dot(x[i], solution);
      sizes[i] = Math.abs(y[i] - predicted) / Math.sqrt(trust[i]);
    }
    double spread = Math.max(1e-9, new Median().evaluate(sizes) / MEDIAN_OF_NORMAL);
    return Arrays.stream(sizes)
        .map(size -> 1 / (1 + Math.pow(size / (TUNING * spread), 2)))
        .toArray();
  }

  /** The average, for targets with a mean of 1. */
  double[] solution() {
    double most = likelihoods.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    double[] average = new double[x[0].length];
    double sum = 0;
    for (int f = 0; f < solutions.size(); f++) {
      double weight = Math.exp(likelihoods.get(f) - most);
      sum += weight;
      for (int j = 0; j < average.length; j++) {
        average[j] += weight * solutions.get(f)[j];
      }
    }
    for (int j = 0; j < average.length; j++) {
      average[j] /= sum;
    }
    return average;
  }

  /**
   * What part each of these, of equal targets, has in an average over all fits of all.
   *
   * @param priors how likely each one is before the targets are seen; more of them are ignored
   */
  static double[] shares(List<AveragedRidge> averages, double... priors) {
    double most =
        averages.stream()
            .flatMap(a -> a.likelihoods.stream())
            .mapToDouble(Double::doubleValue)
            .max()
            .orElseThrow();
    double[] shares = new double[averages.size()];
    double sum = 0;
    for (int a = 0; a < shares.length; a++) {
      for (double likelihood : averages.get(a).likelihoods) {
        shares[a] += priors[a] * Math.exp(likelihood - most);
      }
      sum += shares[a];
    }
    for (int a = 0; a < shares.length; a++) {
      shares[a] /= sum;
    }
    return shares;
  }
}
