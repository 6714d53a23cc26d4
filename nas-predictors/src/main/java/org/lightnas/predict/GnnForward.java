package org.lightnas.predict;

import java.util.Arrays;

/** The forward pass of a {@link GnnNet}, with buffers of one thread. */
final class GnnForward {

  /** H of every layer, {@code [batch][nodes][width]}. */
  final double[][] states;

  /** g and M(H) side by side, of every step, and after the last one g. */
  final double[][] globalInputs;

  private final GnnNet net;
  private final int width;
  private final int nodes;

  /** Of one architecture: what each node says to itself, to what reads it and to its feeders. */
  private final double[][] products;

  private final double[] sum;
  private final double[] mean;

  /**
   * Lays out memory.
   *
   * @param first H of the first layer
   */
  GnnForward(GnnNet net, int batch, double[] first) {
    this.net = net;
    width = net.width();
    nodes = net.slots();
    int layers = net.layers();
    states = new double[layers + 1][];
    globalInputs = new double[layers + 2][];
    for (int t = 0; t <= layers; t++) {
      states[t] = t == 0 ? first : new double[batch * nodes * width];
      globalInputs[t] = new double[batch * 2 * width];
    }
    globalInputs[layers + 1] = new double[batch * width];
    products = new double[nodes][3 * width];
    sum = new double[width];
    mean = new double[width];
  }

  /** From {@code states[0]}, with g = 0, to the outputs. */
  void run(double[] theta, GnnMatrices matrices, int count, double[] out) {
    run(theta, matrices, 0, count, out);
  }

  /** The same where each pick's products with the first layer's matrices are known. */
  void runFromProducts(
      double[] theta, GnnMatrices matrices, double[] slots, int count, double[] out) {
    int stride = 4 * width;
    for (int i = 0; i < count; i++) {
      System.arraycopy(theta, net.global(0) + 2 * width * width, mean, 0, width);
      for (int v = 0; v < nodes; v++) {
        int from = (i * nodes + v) * stride;
        System.arraycopy(slots, from, products[v], 0, 3 * width);
        Matrices.addRow(slots, from + 3 * width, 1, mean, 0, width);
      }
      combine(theta, matrices, 0, i);
      Matrices.rectify(mean, width);
      System.arraycopy(mean, 0, globalInputs[1], 2 * i * width, width);
    }
    run(theta, matrices, 1, count, out);
  }

  private void run(double[] theta, GnnMatrices matrices, int first, int count, double[] out) {
    int layers = net.layers();
    for (int t = first; t <= layers; t++) {
      for (int i = 0; i < count; i++) {
        means(t, i);
        if (t < layers) {
          for (int v = 0; v < nodes; v++) {
            Arrays.fill(products[v], 0);
            Matrices.addProduct(
                states[t], (i * nodes + v) * width, matrices.convolutions[t], products[v]);
          }
          combine(theta, matrices, t, i);
        }
        System.arraycopy(theta, net.global(t) + 2 * width * width, sum, 0, width);
        Matrices.addProduct(globalInputs[t], 2 * i * width, matrices.globals[t], sum);
        Matrices.rectify(sum, width);
        int to = t < layers ? 2 * i * width : i * width;
        System.arraycopy(sum, 0, globalInputs[t + 1], to, width);
      }
    }
    Arrays.fill(out, 0, count, theta[net.head() + width]);
    Matrices.addProduct(globalInputs[layers + 1], theta, net.head(), out, count, width, 1);
  }

  /** Fills in M(H), the second half of the row. */
  private void means(int t, int i) {
    Arrays.fill(mean, 0);
    for (int v = 0; v < nodes; v++) {
      Matrices.addRow(states[t], (i * nodes + v) * width, 1.0 / nodes, mean, 0, width);
    }
    System.arraycopy(mean, 0, globalInputs[t], (2 * i + 1) * width, width);
  }

  /** Makes H(t+1) of one architecture of the products. */
  private void combine(double[] theta, GnnMatrices matrices, int t, int i) {
    System.arraycopy(theta, net.convolution(t) + 4 * width * width, sum, 0, width);
    Matrices.addProduct(globalInputs[t], 2 * i * width, matrices.shared[t], sum);
    double[] next = states[t + 1];
    for (int v = 0; v < nodes; v++) {
      int to = (i * nodes + v) * width;
      System.arraycopy(sum, 0, next, to, width);
      Matrices.addRow(products[v], 0, 1, next, to, width);
      gather(net.graph().feeders()[v], width, next, to);
      gather(net.graph().readers()[v], 2 * width, next, to);
    }
    int from = i * nodes * width;
    for (int j = from; j < from + nodes * width; j++) {
      next[j] = Math.max(next[j], 0);
    }
  }

  private void gather(int[] neighbours, int from, double[] next, int to) {
    for (int u : neighbours) {
      Matrices.addRow(products[u], from, 1.0 / neighbours.length, next, to, width);
    }
  }
}
