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

  /** As in {@link RobustRidge}. */
  private static final double TUNING = 3;

  private static final double MEDIAN_OF_NORMAL = 0.6745;

  private final double[] trust;
  private final double[][] x;
  private final double[] y;
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
    gram = new double[p][p];
    moment = new double[p];
    for (int i = 0; i < n; i++) {
      double root = Math.sqrt(trust[i]) / (sizes[i] * Math.sqrt(weights));
      y[i] = root * target[i] / mean;
      for (int j = 0; j < p; j++) {
        x[i][j] = root * design[i][j];
      }
      for (int j = 0; j < p; j++) {
        moment[j] += x[i][j] * y[i];
        for (int k = 0; k <= j && x[i][j] != 0; k++) {
          gram[j][k] += x[i][j] * x[i][k];
        }
      }
    }
  }

  /** Adds the fit with these penalties, all positive. */
  void add(double[] penalties) {
    int p = moment.length;
    double[][] factor = new double[p][p];
    double volume = 0;
    for (int j = 0; j < p; j++) {
      for (int k = 0; k <= j; k++) {
        double sum = gram[j][k] + (j == k ? penalties[j] : 0);
        for (int m = 0; m < k; m++) {
          sum -= factor[j][m] * factor[k][m];
        }
        // X'X is positive semidefinite, so the pivot is at least the penalty but for rounding.
        factor[j][k] = j == k ? Math.sqrt(Math.max(sum, penalties[j] / 2)) : sum / factor[k][k];
      }
      volume += 2 * Math.log(factor[j][j]) - Math.log(penalties[j]);
    }
    double[] solution = moment.clone();
    for (int j = 0; j < p; j++) {
      for (int k = 0; k < j; k++) {
        solution[j] -= factor[j][k] * solution[k];
      }
      solution[j] /= factor[j][j];
    }
    for (int j = p - 1; j >= 0; j--) {
      for (int k = j + 1; k < p; k++) {
        solution[j] -= factor[k][j] * solution[k];
      }
      solution[j] /= factor[j][j];
    }
    double misfit = 0;
    double squares = 0;
    for (int i = 0; i < y.length; i++) {
      double residual = y[i];
      for (int j = 0; j < p; j++) {
        residual -= x[i][j] * solution[j];
      }
      misfit += residual * residual;
      squares += y[i] * y[i];
    }
    for (int j = 0; j < p; j++) {
      misfit += penalties[j] * solution[j] * solution[j];
    }
    solutions.add(solution);
    likelihoods.add(-y.length / 2.0 * Math.log(misfit + ROUNDING * squares) - volume / 2);
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
    double[] average = new double[moment.length];
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
