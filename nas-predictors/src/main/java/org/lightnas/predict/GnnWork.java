package org.lightnas.predict;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Both passes of a {@link GnnNet}, with buffers of one thread. */
final class GnnWork extends Net.Work {

  private final GnnNet net;
  private final int width;
  private final int nodes;
  private final GnnMatrices matrices;
  private final GnnForward forward;

  private final double[] nextGradient;
  private final double[] globalGradient;
  private final double[] globalInputGradient;
  private final double[] sums;
  private final double[] shared;

  /** Of one architecture: by the products, and by what each node told itself and others. */
  private final double[][] productGradient;

  private final double[][] inputGradient;
  private final double[][] matrixGradient;
  private final double[][] transposedRows;
  private final double[] transposed;

  GnnWork(GnnNet net, int batch) {
    super(batch, net.slots() * net.width());
    this.net = net;
    width = net.width();
    nodes = net.slots();
    matrices = new GnnMatrices(net);
    forward = new GnnForward(net, batch, slots);
    nextGradient = new double[batch * nodes * width];
    globalGradient = new double[batch * width];
    globalInputGradient = new double[batch * 2 * width];
    sums = new double[batch * width];
    shared = new double[batch * width];
    productGradient = new double[nodes][3 * width];
    inputGradient = new double[nodes][3 * width];
    matrixGradient = new double[width][3 * width];
    transposedRows = new double[width][3 * width];
    transposed = new double[2 * width * width];
  }

  @Override
  void forward(double[] theta, int count) {
    for (int i = 0; i < count * nodes; i++) {
      Matrices.addRow(theta, net.bias(), 1, slots, i * width, width);
    }
    Matrices.rectify(slots, count * nodes * width);
    matrices.load(theta);
    forward.run(theta, matrices, count, out);
  }

  @Override
  void backward(double[] theta, double[] outGradient, int count, double @Nullable [] gradient) {
    double[] last = forward.globalInputs[net.layers() + 1];
    if (gradient != null) {
      Matrices.addOuter(last, outGradient, gradient, net.head(), count, width, 1);
      Matrices.addSums(outGradient, gradient, net.head() + width, count, 1);
    }
    Arrays.fill(globalGradient, 0, count * width, 0);
    Matrices.addProduct(outGradient, theta, net.head(), globalGradient, count, 1, width);
    Matrices.maskByOutput(globalGradient, last, count * width);
    Arrays.fill(nextGradient, 0, count * nodes * width, 0);
    for (int t = net.layers(); t >= 0; t--) {
      // Here nextGradient is by H(t+1) and globalGradient by what g(t+1) was rectified from.
      globalBackward(theta, t, count, gradient);
      Arrays.fill(slotGradient, 0, count * nodes * width, 0);
      if (t < net.layers()) {
        sharedBackward(theta, t, count, gradient);
        convolveBackward(t, count, gradient);
      }
      spreadMeans(count);
      Matrices.maskByOutput(slotGradient, forward.states[t], count * nodes * width);
      System.arraycopy(slotGradient, 0, nextGradient, 0, count * nodes * width);
      if (t > 0) {
        for (int i = 0; i < count; i++) {
          System.arraycopy(globalInputGradient, 2 * i * width, globalGradient, i * width, width);
        }
        globalRows(t, count);
        Matrices.maskByOutput(globalGradient, sums, count * width);
      }
    }
    if (gradient != null) {
      Matrices.addSums(slotGradient, gradient, net.bias(), count * nodes, width);
    }
  }

  private void globalBackward(double[] theta, int t, int count, double @Nullable [] gradient) {
    int at = net.global(t);
    if (gradient != null) {
      Matrices.addOuter(
          forward.globalInputs[t], globalGradient, gradient, at, count, 2 * width, width);
      Matrices.addSums(globalGradient, gradient, at + 2 * width * width, count, width);
    }
    Matrices.transpose(theta, at, transposed, 2 * width, width);
    Arrays.fill(globalInputGradient, 0, count * 2 * width, 0);
    Matrices.addProduct(
        globalGradient, transposed, 0, globalInputGradient, count, width, 2 * width);
  }

  /** Through D and e, which all nodes of an architecture share. */
  private void sharedBackward(double[] theta, int t, int count, double @Nullable [] gradient) {
    int at = net.convolution(t) + 3 * width * width;
    for (int i = 0; i < count; i++) {
      Arrays.fill(shared, i * width, (i + 1) * width, 0);
      for (int v = 0; v < nodes; v++) {
        Matrices.addRow(nextGradient, (i * nodes + v) * width, 1, shared, i * width, width);
      }
    }
    if (gradient != null) {
      globalRows(t, count);
      Matrices.addOuter(sums, shared, gradient, at, count, width, width);
      Matrices.addSums(shared, gradient, at + width * width, count, width);
    }
    Matrices.transpose(theta, at, transposed, width, width);
    Arrays.fill(sums, 0, count * width, 0);
    Matrices.addProduct(shared, transposed, 0, sums, count, width, width);
    for (int i = 0; i < count; i++) {
      Matrices.addRow(sums, i * width, 1, globalInputGradient, 2 * i * width, width);
    }
  }

  /** Copies g, the first half of each row, to {@link #sums}. */
  private void globalRows(int t, int count) {
    for (int i = 0; i < count; i++) {
      System.arraycopy(forward.globalInputs[t], 2 * i * width, sums, i * width, width);
    }
  }

  /** Through A, B and C. */
  private void convolveBackward(int t, int count, double @Nullable [] gradient) {
    matrices.transposed(t, transposedRows);
    clear(matrixGradient);
    for (int i = 0; i < count; i++) {
      int first = i * nodes * width;
      if (gradient != null) {
        byProducts(first);
        Matrices.addOuter(forward.states[t], first, productGradient, matrixGradient);
      }
      clear(inputGradient);
      for (int v = 0; v < nodes; v++) {
        int to = first + v * width;
        Matrices.addProduct(nextGradient, to, transposedRows, inputGradient[v]);
        Matrices.addRow(inputGradient[v], 0, 1, slotGradient, to, width);
        scatter(inputGradient[v], width, net.graph().feeders()[v], first);
        scatter(inputGradient[v], 2 * width, net.graph().readers()[v], first);
      }
    }
    if (gradient != null) {
      matrices.addGradient(t, matrixGradient, gradient);
    }
  }

  /** The gradient by the products of one architecture. */
  private void byProducts(int first) {
    clear(productGradient);
    for (int v = 0; v < nodes; v++) {
      int from = first + v * width;
      System.arraycopy(nextGradient, from, productGradient[v], 0, width);
      int[] feeders = net.graph().feeders()[v];
      for (int u : feeders) {
        Matrices.addRow(nextGradient, from, 1.0 / feeders.length, productGradient[u], width, width);
      }
      int[] readers = net.graph().readers()[v];
      for (int u : readers) {
        Matrices.addRow(
            nextGradient, from, 1.0 / readers.length, productGradient[u], 2 * width, width);
      }
    }
  }

  private void scatter(double[] from, int at, int[] neighbours, int first) {
    for (int u : neighbours) {
      Matrices.addRow(from, at, 1.0 / neighbours.length, slotGradient, first + u * width, width);
    }
  }

  private static void clear(double[][] rows) {
    for (double[] row : rows) {
      Arrays.fill(row, 0);
    }
  }

  private void spreadMeans(int count) {
    for (int i = 0; i < count; i++) {
      for (int v = 0; v < nodes; v++) {
        Matrices.addRow(
            globalInputGradient,
            (2 * i + 1) * width,
            1.0 / nodes,
            slotGradient,
            (i * nodes + v) * width,
            width);
      }
    }
  }
}
