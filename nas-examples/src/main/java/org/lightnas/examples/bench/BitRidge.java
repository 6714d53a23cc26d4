package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;

/**
 * Ridge regression on what each choice picked, one column for each candidate but the first; the
 * penalty is the one with the least leave-one-out error. The plain way to predict from few labels.
 */
final class BitRidge {

  private static final double[] PENALTIES = {0.03, 0.1, 0.3, 1, 3, 10, 30};

  private final double[] coefficients;
  private final double[] center;
  private final double mean;

  private BitRidge(double[][] x, double[] y, double penalty, int without) {
    center = new double[x[0].length];
    int n = 0;
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      if (i != without) {
        n++;
        sum += y[i];
        for (int j = 0; j < center.length; j++) {
          center[j] += x[i][j];
        }
      }
    }
    for (int j = 0; j < center.length; j++) {
      center[j] /= n;
    }
    mean = sum / n;
    double[][] a = new double[center.length][center.length + 1];
    for (int i = 0; i < y.length; i++) {
      for (int j = 0; i != without && j < center.length; j++) {
        for (int k = 0; k < center.length; k++) {
          a[j][k] += (x[i][j] - center[j]) * (x[i][k] - center[k]);
        }
        a[j][center.length] += (x[i][j] - center[j]) * (y[i] - mean);
      }
    }
    for (int j = 0; j < center.length; j++) {
      a[j][j] += penalty;
    }
    coefficients = solve(a);
  }

  /** Fits at least two labels. */
  static BitRidge fit(Architecture[] masks, double[] accuracies) {
    checkArgument(masks.length >= 2, "A ridge needs two labels, but has %s.", masks.length);
    double[][] x = Arrays.stream(masks).map(BitRidge::bits).toArray(double[][]::new);
    double best = PENALTIES[0];
    double least = Double.POSITIVE_INFINITY;
    for (double penalty : PENALTIES) {
      double error = 0;
      for (int i = 0; i < x.length; i++) {
        double off = new BitRidge(x, accuracies, penalty, i).at(x[i]) - accuracies[i];
        error += off * off;
      }
      if (error < least) {
        least = error;
        best = penalty;
      }
    }
    return new BitRidge(x, accuracies, best, -1);
  }

  double predict(Architecture mask) {
    return at(bits(mask));
  }

  private double at(double[] x) {
    double sum = mean;
    for (int j = 0; j < x.length; j++) {
      sum += coefficients[j] * (x[j] - center[j]);
    }
    return sum;
  }

  private static double[] bits(Architecture mask) {
    int columns = mask.space().choices().stream().mapToInt(Choice::size).map(k -> k - 1).sum();
    double[] x = new double[columns];
    int at = -1;
    for (int l = 0; l < mask.space().choices().size(); l++) {
      if (mask.pick(l) > 0) {
        x[at + mask.pick(l)] = 1;
      }
      at += mask.space().choices().get(l).size() - 1;
    }
    return x;
  }

  /** By Gaussian elimination; the penalty makes the matrix positive definite. */
  private static double[] solve(double[][] a) {
    int n = a.length;
    for (int p = 0; p < n; p++) {
      for (int r = p + 1; r < n; r++) {
        double factor = a[r][p] / a[p][p];
        for (int c = p; c <= n; c++) {
          a[r][c] -= factor * a[p][c];
        }
      }
    }
    double[] w = new double[n];
    for (int p = n - 1; p >= 0; p--) {
      double sum = a[p][n];
      for (int c = p + 1; c < n; c++) {
        sum -= a[p][c] * w[c];
      }
      w[p] = sum / a[p][p];
    }
    return w;
  }
}
