package org.lightnas.predict;

/**
 * Products of small row-major matrices in flat arrays. Inner loops run along rows, which the JVM
 * turns into vector instructions; nothing is allocated.
 */
final class Matrices {

  private Matrices() {}

  /** {@code y[n][m] += x[n][k] w[k][m]}; w begins at {@code at}. Zeros of x cost little. */
  static void addProduct(double[] x, double[] w, int at, double[] y, int n, int k, int m) {
    for (int i = 0; i < n; i++) {
      int row = i * k;
      int to = i * m;
      int p = 0;
      for (; p + 7 < k; p += 8) {
        addEightRows(x, row + p, w, at + p * m, y, to, m);
      }
      for (; p + 3 < k; p += 4) {
        double a = x[row + p];
        double b = x[row + p + 1];
        double c = x[row + p + 2];
        double d = x[row + p + 3];
        if (a != 0 || b != 0 || c != 0 || d != 0) {
          addRows(w, at + p * m, a, b, c, d, y, to, m);
        }
      }
      for (; p < k; p++) {
        addRow(w, at + p * m, x[row + p], y, to, m);
      }
    }
  }

  /** Eight at once: y is read and written an eighth as often. */
  private static void addEightRows(
      double[] x, int from, double[] w, int at, double[] y, int to, int m) {
    double a = x[from];
    double b = x[from + 1];
    double c = x[from + 2];
    double d = x[from + 3];
    double e = x[from + 4];
    double f = x[from + 5];
    double g = x[from + 6];
    double h = x[from + 7];
    for (int j = 0; j < m; j++) {
      int i = at + j;
      y[to + j] +=
          a * w[i]
              + b * w[i + m]
              + c * w[i + 2 * m]
              + d * w[i + 3 * m]
              + (e * w[i + 4 * m] + f * w[i + 5 * m] + g * w[i + 6 * m] + h * w[i + 7 * m]);
    }
  }

  private static void addRows(
      double[] w, int at, double a, double b, double c, double d, double[] y, int to, int m) {
    int second = at + m;
    int third = second + m;
    int fourth = third + m;
    for (int j = 0; j < m; j++) {
      y[to + j] += a * w[at + j] + b * w[second + j] + c * w[third + j] + d * w[fourth + j];
    }
  }

  /** {@code y[to + j] += a x[at + j]} for m values. */
  static void addRow(double[] x, int at, double a, double[] y, int to, int m) {
    for (int j = 0; j < m; j++) {
      y[to + j] += a * x[at + j];
    }
  }

  /** {@code w[k][m] += xT[k][n] y[n][m]}; w begins at {@code at}. */
  static void addOuter(double[] x, double[] y, double[] w, int at, int n, int k, int m) {
    for (int i = 0; i < n; i++) {
      for (int p = 0; p < k; p++) {
        double a = x[i * k + p];
        if (a != 0) {
          addRow(y, i * m, a, w, at + p * m, m);
        }
      }
    }
  }

  /** The transpose {@code [m][k]} of {@code w[k][m]}, which begins at {@code at}. */
  static void transpose(double[] w, int at, double[] to, int k, int m) {
    for (int p = 0; p < k; p++) {
      for (int j = 0; j < m; j++) {
        to[j * k + p] = w[at + p * m + j];
      }
    }
  }

  /** Sets {@code n} rows of {@code y} to the row of x that begins at {@code at}. */
  static void fillRows(double[] x, int at, double[] y, int n, int m) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(x, at, y, i * m, m);
    }
  }

  /** {@code w[at + j] += sum_i y[i][j]}. */
  static void addSums(double[] y, double[] w, int at, int n, int m) {
    for (int i = 0; i < n; i++) {
      addRow(y, i * m, 1, w, at, m);
    }
  }

  /** ReLU in place. */
  static void rectify(double[] x, int count) {
    for (int i = 0; i < count; i++) {
      x[i] = Math.max(x[i], 0);
    }
  }

  /** Sets gradients to 0 where the rectified output is. */
  static void maskByOutput(double[] gradient, double[] output, int count) {
    for (int i = 0; i < count; i++) {
      if (!(output[i] > 0)) {
        gradient[i] = 0;
      }
    }
  }
}
