package org.lightnas.predict;

/**
 * The matrices of a {@link GnnNet} as its passes read them: rows are arrays of their own, and those
 * of a convolution for a node, its feeders and its readers lie side by side, so that inner loops
 * are long and become vector instructions.
 */
final class GnnMatrices {

  /** A, B and C side by side, {@code [layer][width][3 width]}. */
  final double[][][] convolutions;

  /** D, {@code [layer][width][width]}. */
  final double[][][] shared;

  /** U and V below each other, {@code [layer + 1][2 width][width]}. */
  final double[][][] globals;

  private final GnnNet net;

  GnnMatrices(GnnNet net) {
    this.net = net;
    int width = net.width();
    convolutions = new double[net.layers()][width][3 * width];
    shared = new double[net.layers()][width][width];
    globals = new double[net.layers() + 1][2 * width][width];
  }

  /** Copies parameters. */
  void load(double[] theta) {
    int width = net.width();
    for (int t = 0; t <= net.layers(); t++) {
      rows(theta, net.global(t), globals[t]);
      if (t < net.layers()) {
        rows(theta, net.convolution(t) + 3 * width * width, shared[t]);
        for (int part = 0; part < 3; part++) {
          for (int p = 0; p < width; p++) {
            int from = net.convolution(t) + (part * width + p) * width;
            System.arraycopy(theta, from, convolutions[t][p], part * width, width);
          }
        }
      }
    }
  }

  private static void rows(double[] theta, int at, double[][] to) {
    for (int p = 0; p < to.length; p++) {
      System.arraycopy(theta, at + p * to[p].length, to[p], 0, to[p].length);
    }
  }

  /** A, B and C transposed, side by side: {@code [width][3 width]}. */
  void transposed(int t, double[][] to) {
    int width = net.width();
    for (int p = 0; p < width; p++) {
      double[] row = convolutions[t][p];
      for (int j = 0; j < width; j++) {
        to[j][p] = row[j];
        to[j][width + p] = row[width + j];
        to[j][2 * width + p] = row[2 * width + j];
      }
    }
  }

  /** Adds a gradient by the matrices of a convolution, laid out as they are here. */
  void addGradient(int t, double[][] rows, double[] gradient) {
    int width = net.width();
    for (int part = 0; part < 3; part++) {
      for (int p = 0; p < width; p++) {
        int to = net.convolution(t) + (part * width + p) * width;
        Matrices.addRow(rows[p], part * width, 1, gradient, to, width);
      }
    }
  }
}
