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

  /**
   * {@code y[m] += x[k] w[k][m]} with x beginning at {@code from}. Rows of w and y are arrays of
   * their own: loops that read and write at one index become vector instructions even where the JVM
   * cannot tell that two arrays are not the same. (It does so for four rows at once; for eight, on
   * JDK 17, not.)
   */
  static void addProduct(double[] x, int from, double[][] w, double[] y) {
    int p = 0;
    for (; p + 3 < w.length; p += 4) {
      int at = from + p;
      addFourRows(w[p], x[at], w[p + 1], x[at + 1], w[p + 2], x[at + 2], w[p + 3], x[at + 3], y);
    }
    for (; p < w.length; p++) {
      addRow(w[p], x[from + p], y);
    }
  }

  private static void addRow(double[] x, double a, double[] y) {
    for (int j = 0; j < y.length; j++) {
      y[j] += a * x[j];
    }
  }

  /** {@code w[k][m] += sum_n x[n][k] y[n][m]} with x, flat, beginning at {@code from}. */
  static void addOuter(double[] x, int from, double[][] y, double[][] w) {
    int k = w.length;
    for (int p = 0; p < k; p++) {
      int i = 0;
      for (; i + 3 < y.length; i += 4) {
        int at = from + i * k + p;
        double a = x[at];
        double b = x[at + k];
        double c = x[at + 2 * k];
        double d = x[at + 3 * k];
        if (a != 0 || b != 0 || c != 0 || d != 0) {
          addFourRows(y[i], a, y[i + 1], b, y[i + 2], c, y[i + 3], d, w[p]);
        }
      }
      for (; i < y.length; i++) {
        addRow(y[i], x[from + i * k + p], w[p]);
      }
    }
  }

  private static void addFourRows(
      double[] wa,
      double a,
      double[] wb,
      double b,
      double[] wc,
      double c,
      double[] wd,
      double d,
      double[] y) {
    for (int j = 0; j < y.length; j++) {
      y[j] += a * wa[j] + b * wb[j] + c * wc[j] + d * wd[j];
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
