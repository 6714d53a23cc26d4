package org.lightnas.predict;

import java.util.Arrays;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/**
 * Ridge regression that a few wild samples do not bend: weights fall as {@code 1 / (1 + (r / c
 * s)²)} with a sample's leave-one-out residual r, s being the spread of the middle half (Cauchy
 * weights; Holland and Welsch 1977 take c = 2.385 for 95 % efficiency on normal noise, we 3, since
 * the spread of twenty residuals is itself uncertain).
 */
final class RobustRidge {

  private static final double TUNING = 3;

  /** Of the residuals' median size over the standard deviation, for normal noise. */
  private static final double MEDIAN_OF_NORMAL = 0.6745;

  private final double[][] x;
  private final double[] y;
  private final double[] scale;
  private final int columns;

  /**
   * Keeps the data.
   *
   * @param x design {@code [n][p]}; not modified
   * @param y targets {@code [n]}, positive; errors count relative to them
   */
  RobustRidge(double[][] x, double[] y) {
    this.x = x;
    this.y = y;
    this.columns = x[0].length;
    this.scale = Arrays.stream(y).map(v -> 1 / v).toArray();
  }

  /**
   * A solution under given weights.
   *
   * @param solution {@code [p]}
   * @param inverse of the penalised normal matrix, {@code [p][p]}
   * @param residuals relative leave-one-out residuals {@code (y - prediction) / y}, {@code [n]}
   */
  record Solution(double[] solution, RealMatrix inverse, double[] residuals) {}

  /**
   * Weights under which a sample far from the others' fit counts little.
   *
   * @param penalties of the columns, {@code [p]}
   * @param start weights to begin with
   */
  double[] robustWeights(double[] penalties, double[] start, int rounds) {
    double[] weights = start;
    for (int round = 0; round < rounds; round++) {
      double[] residuals = solve(weights, penalties).residuals();
      double[] sizes = Arrays.stream(residuals).map(Math::abs).toArray();
      double spread = Math.max(1e-9, new Median().evaluate(sizes) / MEDIAN_OF_NORMAL);
      weights = new double[y.length];
      for (int i = 0; i < weights.length; i++) {
        double ratio = residuals[i] / (TUNING * spread);
        weights[i] = scale[i] * scale[i] / (1 + ratio * ratio);
      }
      weights = normalised(weights);
    }
    return weights;
  }

  /** What each sample adds to the weighted mean of squared relative residuals. */
  double[] losses(double[] residuals, double[] weights) {
    double[] losses = new double[y.length];
    for (int i = 0; i < losses.length; i++) {
      double error = residuals[i] / scale[i];
      losses[i] = weights[i] * error * error;
    }
    return losses;
  }

  private static double[] normalised(double[] weights) {
    double mean = Arrays.stream(weights).average().orElseThrow();
    return Arrays.stream(weights).map(w -> w / mean).toArray();
  }

  /** Minimises {@code sum_i w_i (y_i - x_i b)² + sum_j penalty_j b_j²}. */
  Solution solve(double[] weights, double[] penalties) {
    double[][] gram = new double[columns][columns];
    double[] moment = new double[columns];
    for (int i = 0; i < y.length; i++) {
      double[] row = x[i];
      for (int j = 0; j < columns; j++) {
        if (row[j] != 0) {
          double weighted = weights[i] * row[j];
          moment[j] += weighted * y[i];
          for (int k = 0; k <= j; k++) {
            gram[j][k] += weighted * row[k];
          }
        }
      }
    }
    for (int j = 0; j < columns; j++) {
      gram[j][j] += penalties[j];
      for (int k = 0; k < j; k++) {
        gram[k][j] = gram[j][k];
      }
    }
    RealMatrix inverse =
        new CholeskyDecomposition(new Array2DRowRealMatrix(gram, false), 1e-10, 1e-30)
            .getSolver()
            .getInverse();
    double[] solution = inverse.operate(moment);
    double[] residuals = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      double leverage = weights[i] * quadratic(inverse, x[i]);
      // A sample that alone decides something has leverage 1: its error cannot be told.
      residuals[i] = (y[i] - dot(solution, x[i])) * scale[i] / Math.max(1e-6, 1 - leverage);
    }
    return new Solution(solution, inverse, residuals);
  }

  private static double quadratic(RealMatrix matrix, double[] row) {
    double sum = 0;
    for (int j = 0; j < row.length; j++) {
      if (row[j] != 0) {
        for (int k = 0; k < row.length; k++) {
          if (row[k] != 0) {
            sum += row[j] * row[k] * matrix.getEntry(j, k);
          }
        }
      }
    }
    return sum;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }
}
