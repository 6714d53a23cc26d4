package org.lightnas.predict;

import java.util.Arrays;
import java.util.random.RandomGenerator;

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

  ChoiceGraph graph() {
    return graph;
  }

  /** Where b begins among the parameters. */
  int bias() {
    return bias;
  }

  /** Where A of a layer begins. */
  int convolution(int t) {
    return convolutions[t];
  }

  /** Where U of a global step begins. */
  int global(int t) {
    return globals[t];
  }

  /** Where w begins. */
  int head() {
    return head;
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
    return new GnnWork(this, batch);
  }

  /**
   * {@inheritDoc} With g(0) = 0 the first convolution and global step are sums over nodes of {@code
   * H0 A, H0 B, H0 C} and {@code H0 V / nodes}: those are a row.
   */
  @Override
  public FixedNet fixed(double[] theta) {
    GnnMatrices matrices = new GnnMatrices(this);
    matrices.load(theta);
    double[] first = new double[rows() * width];
    table(theta, first);
    double[] table = new double[rows() * 4 * width];
    double[] products = new double[3 * width];
    double[] global = new double[width];
    double[][] heard = Arrays.copyOfRange(matrices.globals[0], width, 2 * width);
    for (int row = 0; row < rows(); row++) {
      Matrices.addRow(theta, bias, 1, first, row * width, width);
    }
    Matrices.rectify(first, first.length);
    for (int row = 0; row < rows(); row++) {
      Arrays.fill(products, 0);
      Arrays.fill(global, 0);
      Matrices.addProduct(first, row * width, matrices.convolutions[0], products);
      Matrices.addProduct(first, row * width, heard, global);
      System.arraycopy(products, 0, table, row * 4 * width, 3 * width);
      Matrices.addRow(global, 0, 1.0 / nodes, table, (4 * row + 3) * width, width);
    }
    double[] start = new double[nodes * 4 * width];
    int constants = 2 * 4 * width;
    System.arraycopy(table, table.length - constants, start, start.length - constants, constants);
    return new FixedNet(4 * width, table, start, batch -> new FixedWork(theta, matrices, batch));
  }

  private final class FixedWork extends FixedNet.Work {

    private final double[] theta;
    private final GnnMatrices matrices;
    private final GnnForward forward;

    FixedWork(double[] theta, GnnMatrices matrices, int batch) {
      super(new double[batch * nodes * 4 * width], new double[batch]);
      this.theta = theta;
      this.matrices = matrices;
      this.forward = new GnnForward(GnnNet.this, batch, new double[0]);
    }

    @Override
    void forward(int count) {
      forward.runFromProducts(theta, matrices, slots, count, out);
    }
  }
}
