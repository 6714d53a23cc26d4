package org.lightnas.predict;

/**
 * A symmetric positive definite matrix as the product {@code L L'} of a lower triangle and its
 * transpose. Loops run along rows, each of one array, which the JVM turns into vector instructions.
 */
final class Cholesky {

  private final double[][] factor;

  /**
   * Factors a matrix.
   *
   * @param matrix {@code [n][n]}; its lower triangle is read and overwritten
   * @param least what each pivot is at least, but for rounding, {@code [n]}
   */
  Cholesky(double[][] matrix, double[] least) {
    int n = matrix.length;
    factor = matrix;
    double[] column = new double[n];
    for (int k = 0; k < n; k++) {
      double pivot = Math.sqrt(Math.max(factor[k][k], least[k] / 2));
      factor[k][k] = pivot;
      for (int j = k + 1; j < n; j++) {
        factor[j][k] /= pivot;
        column[j] = factor[j][k];
      }
      for (int j = k + 1; j < n; j++) {
        double[] row = factor[j];
        double scale = row[k];
        if (scale != 0) {
          for (int m = k + 1; m <= j; m++) {
            row[m] -= scale * column[m];
          }
        }
      }
    }
  }

  /** The logarithm of the determinant. */
  double logDeterminant() {
    double sum = 0;
    for (int j = 0; j < factor.length; j++) {
      sum += 2 * Math.log(factor[j][j]);
    }
    return sum;
  }

  /** The solution of {@code A x = b}; a new array. */
  double[] solve(double[] b) {
    double[] x = b.clone();
    for (int j = 0; j < x.length; j++) {
      double[] row = factor[j];
      for (int k = 0; k < j; k++) {
        x[j] -= row[k] * x[k];
      }
      x[j] /= row[j];
    }
    for (int j = x.length - 1; j >= 0; j--) {
      double[] row = factor[j];
      x[j] /= row[j];
      for (int k = 0; k < j; k++) {
        x[k] -= row[k] * x[j];
      }
    }
    return x;
  }

  /** The inverse of L, lower triangle. */
  private double[][] inverseFactor() {
    int n = factor.length;
    double[][] inverse = new double[n][];
    for (int j = 0; j < n; j++) {
      double[] row = new double[n];
      for (int k = 0; k < j; k++) {
        subtract(factor[j][k], inverse[k], row, k);
      }
      row[j] = 1;
      for (int m = 0; m <= j; m++) {
        row[m] /= factor[j][j];
      }
      inverse[j] = row;
    }
    return inverse;
  }

  /** The diagonal of the inverse. */
  double[] inverseDiagonal() {
    double[] diagonal = new double[factor.length];
    for (double[] row : inverseFactor()) {
      for (int m = 0; m < row.length; m++) {
        diagonal[m] += row[m] * row[m];
      }
    }
    return diagonal;
  }

  /** The inverse, {@code [n][n]}. */
  double[][] inverse() {
    int n = factor.length;
    double[][] inverse = new double[n][n];
    double[][] rows = inverseFactor();
    for (int j = 0; j < n; j++) {
      for (int a = 0; a <= j; a++) {
        subtract(-rows[j][a], rows[j], inverse[a], a);
      }
    }
    for (int a = 0; a < n; a++) {
      for (int b = 0; b < a; b++) {
        inverse[b][a] = inverse[a][b];
      }
    }
    return inverse;
  }

  /** {@code y[m] -= scale x[m]} for m up to {@code last}. */
  private static void subtract(double scale, double[] x, double[] y, int last) {
    if (scale != 0) {
      for (int m = 0; m <= last; m++) {
        y[m] -= scale * x[m];
      }
    }
  }
}
