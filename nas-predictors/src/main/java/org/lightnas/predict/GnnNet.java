package org.lightnas.predict;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Graph convolutions over the choices of a space, with a global node that hears and is heard by
 * all. With x the features of the picked candidates, M the mean over nodes, F and R the means over
 * the nodes that a node reads from and that read it:
 *
 * <pre>
 * H0      = relu(x W + b)                                       g0 = 0
 * H(t+1)  = relu(H(t) A + F(H(t)) B + R(H(t)) C + g(t) D + e)   g(t+1) = relu(g(t) U + M(H(t)) V + c)
 * out     = g(T) w + d                                          T = layers + 1
 * </pre>
 *
 * The reconstruction of SurgeNAS's predictor with one departure: feeding and fed neighbours are
 * told apart, since in a cell only what reads a node decides whether it counts. Parameters in this
 * order: W, b, per layer (A, B, C below each other), D, e, then per global step U, V below each
 * other, c, then w, d.
 */
final class GnnNet implements Net {

  private final ChoiceGraph graph;
  private final double[][] features;
  private final int width;
  private final int layers;
  private final int nodes;
  private final int bias;
  private final int[] convolutions;
  private final int[] globals;
  private final int head;
  private final int parameters;

  GnnNet(ChoiceGraph graph, int width, int layers) {
    this.graph = graph;
    this.features = graph.features();
    this.width = width;
    this.layers = layers;
    this.nodes = graph.nodes();
    bias = features[0].length * width;
    int at = bias + width;
    convolutions = new int[layers];
    globals = new int[layers + 1];
    for (int t = 0; t < layers; t++) {
      convolutions[t] = at;
      at += (4 * width + 1) * width;
    }
    for (int t = 0; t <= layers; t++) {
      globals[t] = at;
      at += (2 * width + 1) * width;
    }
    head = at;
    parameters = at + width + 1;
  }

  @Override
  public int parameters() {
    return parameters;
  }

  @Override
  public void initialise(double[] theta, RandomGenerator random) {
    Arrays.fill(theta, 0);
    // About three features of a node are on.
    fill(theta, 0, bias, Math.sqrt(2.0 / 3), random);
    for (int at : convolutions) {
      fill(theta, at, 4 * width * width, Math.sqrt(2.0 / (4 * width)), random);
    }
    for (int at : globals) {
      fill(theta, at, 2 * width * width, Math.sqrt(2.0 / (2 * width)), random);
    }
    fill(theta, head, width, Math.sqrt(1.0 / width), random);
  }

  private static void fill(
      double[] theta, int at, int count, double spread, RandomGenerator random) {
    for (int i = at; i < at + count; i++) {
      theta[i] = random.nextGaussian() * spread;
    }
  }

  /** The number of convolutions. */
  int layers() {
    return layers;
  }

  @Override
  public int rows() {
    return features.length;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public int slots() {
    return nodes;
  }

  @Override
  public int slot(int choice) {
    return choice;
  }

  @Override
  public void table(double[] theta, double[] table) {
    Arrays.fill(table, 0);
    for (int row = 0; row < features.length; row++) {
      for (int f = 0; f < features[row].length; f++) {
        if (features[row][f] != 0) {
          Matrices.addRow(theta, f * width, features[row][f], table, row * width, width);
        }
      }
    }
    // The bias belongs to nodes, not to candidates, so that mixtures need not add up to 1.
  }

  @Override
  public void tableBackward(double[] tableGradient, double[] gradient) {
    for (int row = 0; row < features.length; row++) {
      for (int f = 0; f < features[row].length; f++) {
        if (features[row][f] != 0) {
          Matrices.addRow(tableGradient, row * width, features[row][f], gradient, f * width, width);
        }
      }
    }
  }

  @Override
  public void constants(double[] table, double[] slots, int batch) {
    Arrays.fill(slots, 0, batch * nodes * width, 0);
    int entries = features.length - 2;
    for (int i = 0; i < batch; i++) {
      System.arraycopy(table, entries * width, slots, ((i + 1) * nodes - 2) * width, 2 * width);
    }
  }

  @Override
  public void constantsBackward(double[] slotGradient, double[] tableGradient, int batch) {
    int entries = features.length - 2;
    for (int i = 0; i < batch; i++) {
      Matrices.addRow(
          slotGradient,
          ((i + 1) * nodes - 2) * width,
          1,
          tableGradient,
          entries * width,
          2 * width);
    }
  }

  @Override
  public Work work(int batch) {
    return new GnnWork(batch);
  }

  private final class GnnWork extends Work {

    /** H of every layer; the first is made of the slots in place. */
    private final double[][] states = new double[layers + 1][];

    /** H, F(H) and R(H) side by side, of every layer. */
    private final double[][] inputs = new double[layers][];

    /** g and M(H) side by side, of every step, and after the last one g. */
    private final double[][] globalInputs = new double[layers + 2][];

    private final double[] stateGradient;
    private final double[] nextGradient;
    private final double[] inputGradient;
    private final double[] globalGradient;
    private final double[] globalInputGradient;
    private final double[] sums;
    private final double[] shared;
    private final double[] transposed = new double[3 * width * width];

    GnnWork(int batch) {
      super(batch, nodes * width);
      for (int t = 0; t <= layers; t++) {
        states[t] = t == 0 ? slots : new double[batch * nodes * width];
        globalInputs[t] = new double[batch * 2 * width];
        if (t < layers) {
          inputs[t] = new double[batch * nodes * 3 * width];
        }
      }
      globalInputs[layers + 1] = new double[batch * width];
      stateGradient = slotGradient;
      nextGradient = new double[batch * nodes * width];
      inputGradient = new double[batch * nodes * 3 * width];
      globalGradient = new double[batch * width];
      globalInputGradient = new double[batch * 2 * width];
      sums = new double[batch * width];
      shared = new double[batch * width];
    }

    @Override
    void forward(double[] theta, int count) {
      for (int i = 0; i < count * nodes; i++) {
        Matrices.addRow(theta, bias, 1, slots, i * width, width);
      }
      Matrices.rectify(slots, count * nodes * width);
      Arrays.fill(globalInputs[0], 0);
      for (int t = 0; t <= layers; t++) {
        means(states[t], globalInputs[t], count);
        if (t < layers) {
          convolve(theta, t, count);
        }
        double[] next = t < layers ? sums : globalInputs[layers + 1];
        Matrices.fillRows(theta, globals[t] + 2 * width * width, next, count, width);
        Matrices.addProduct(globalInputs[t], theta, globals[t], next, count, 2 * width, width);
        Matrices.rectify(next, count * width);
        for (int i = 0; i < count && t < layers; i++) {
          System.arraycopy(sums, i * width, globalInputs[t + 1], i * 2 * width, width);
        }
      }
      Arrays.fill(out, 0, count, theta[head + width]);
      Matrices.addProduct(globalInputs[layers + 1], theta, head, out, count, width, 1);
    }

    /** Fills in M(H), the second half of each row. */
    private void means(double[] state, double[] globalInput, int count) {
      for (int i = 0; i < count; i++) {
        int to = (2 * i + 1) * width;
        Arrays.fill(globalInput, to, to + width, 0);
        for (int v = 0; v < nodes; v++) {
          Matrices.addRow(state, (i * nodes + v) * width, 1.0 / nodes, globalInput, to, width);
        }
      }
    }

    private void convolve(double[] theta, int t, int count) {
      double[] input = inputs[t];
      Arrays.fill(input, 0, count * nodes * 3 * width, 0);
      int square = width * width;
      Matrices.fillRows(theta, convolutions[t] + 4 * square, shared, count, width);
      globalRows(globalInputs[t], count);
      Matrices.addProduct(sums, theta, convolutions[t] + 3 * square, shared, count, width, width);
      double[] next = states[t + 1];
      for (int i = 0; i < count; i++) {
        for (int v = 0; v < nodes; v++) {
          int from = (i * nodes + v) * width;
          int to = 3 * from;
          System.arraycopy(states[t], from, input, to, width);
          gather(states[t], i, graph.feeders()[v], input, to + width);
          gather(states[t], i, graph.readers()[v], input, to + 2 * width);
          System.arraycopy(shared, i * width, next, from, width);
        }
      }
      Matrices.addProduct(input, theta, convolutions[t], next, count * nodes, 3 * width, width);
      Matrices.rectify(next, count * nodes * width);
    }

    /** Copies g, the first half of each row, to {@link #sums}. */
    private void globalRows(double[] globalInput, int count) {
      for (int i = 0; i < count; i++) {
        System.arraycopy(globalInput, 2 * i * width, sums, i * width, width);
      }
    }

    private void gather(double[] state, int i, int[] neighbours, double[] to, int at) {
      for (int u : neighbours) {
        Matrices.addRow(state, (i * nodes + u) * width, 1.0 / neighbours.length, to, at, width);
      }
    }

    @Override
    void backward(double[] theta, double[] outGradient, int count, double @Nullable [] gradient) {
      double[] last = globalInputs[layers + 1];
      if (gradient != null) {
        Matrices.addOuter(last, outGradient, gradient, head, count, width, 1);
        Matrices.addSums(outGradient, gradient, head + width, count, 1);
      }
      Arrays.fill(globalGradient, 0, count * width, 0);
      Matrices.addProduct(outGradient, theta, head, globalGradient, count, 1, width);
      Matrices.maskByOutput(globalGradient, last, count * width);
      Arrays.fill(nextGradient, 0, count * nodes * width, 0);
      for (int t = layers; t >= 0; t--) {
        // Here nextGradient is by H(t+1) and globalGradient by what g(t+1) was rectified from.
        globalBackward(theta, t, count, gradient);
        Arrays.fill(stateGradient, 0, count * nodes * width, 0);
        if (t < layers) {
          convolveBackward(theta, t, count, gradient);
        }
        spreadMeans(count);
        Matrices.maskByOutput(stateGradient, states[t], count * nodes * width);
        System.arraycopy(stateGradient, 0, nextGradient, 0, count * nodes * width);
        if (t > 0) {
          for (int i = 0; i < count; i++) {
            System.arraycopy(globalInputGradient, 2 * i * width, globalGradient, i * width, width);
          }
          globalRows(globalInputs[t], count);
          Matrices.maskByOutput(globalGradient, sums, count * width);
        }
      }
      if (gradient != null) {
        Matrices.addSums(slotGradient, gradient, bias, count * nodes, width);
      }
    }

    private void globalBackward(double[] theta, int t, int count, double @Nullable [] gradient) {
      if (gradient != null) {
        Matrices.addOuter(
            globalInputs[t], globalGradient, gradient, globals[t], count, 2 * width, width);
        Matrices.addSums(globalGradient, gradient, globals[t] + 2 * width * width, count, width);
      }
      Matrices.transpose(theta, globals[t], transposed, 2 * width, width);
      Arrays.fill(globalInputGradient, 0, count * 2 * width, 0);
      Matrices.addProduct(
          globalGradient, transposed, 0, globalInputGradient, count, width, 2 * width);
    }

    private void convolveBackward(double[] theta, int t, int count, double @Nullable [] gradient) {
      int square = width * width;
      for (int i = 0; i < count; i++) {
        Arrays.fill(shared, i * width, (i + 1) * width, 0);
        for (int v = 0; v < nodes; v++) {
          Matrices.addRow(nextGradient, (i * nodes + v) * width, 1, shared, i * width, width);
        }
      }
      globalRows(globalInputs[t], count);
      if (gradient != null) {
        int rows = count * nodes;
        Matrices.addOuter(
            inputs[t], nextGradient, gradient, convolutions[t], rows, 3 * width, width);
        Matrices.addOuter(
            sums, shared, gradient, convolutions[t] + 3 * square, count, width, width);
        Matrices.addSums(shared, gradient, convolutions[t] + 4 * square, count, width);
      }
      Matrices.transpose(theta, convolutions[t] + 3 * square, transposed, width, width);
      Arrays.fill(sums, 0, count * width, 0);
      Matrices.addProduct(shared, transposed, 0, sums, count, width, width);
      for (int i = 0; i < count; i++) {
        Matrices.addRow(sums, i * width, 1, globalInputGradient, 2 * i * width, width);
      }
      Matrices.transpose(theta, convolutions[t], transposed, 3 * width, width);
      Arrays.fill(inputGradient, 0, count * nodes * 3 * width, 0);
      Matrices.addProduct(
          nextGradient, transposed, 0, inputGradient, count * nodes, width, 3 * width);
      for (int i = 0; i < count; i++) {
        for (int v = 0; v < nodes; v++) {
          int to = (i * nodes + v) * width;
          Matrices.addRow(inputGradient, 3 * to, 1, stateGradient, to, width);
          scatter(inputGradient, 3 * to + width, i, graph.feeders()[v]);
          scatter(inputGradient, 3 * to + 2 * width, i, graph.readers()[v]);
        }
      }
    }

    private void scatter(double[] from, int at, int i, int[] neighbours) {
      for (int u : neighbours) {
        Matrices.addRow(
            from, at, 1.0 / neighbours.length, stateGradient, (i * nodes + u) * width, width);
      }
    }

    private void spreadMeans(int count) {
      for (int i = 0; i < count; i++) {
        for (int v = 0; v < nodes; v++) {
          Matrices.addRow(
              globalInputGradient,
              (2 * i + 1) * width,
              1.0 / nodes,
              stateGradient,
              (i * nodes + v) * width,
              width);
        }
      }
    }
  }
}
