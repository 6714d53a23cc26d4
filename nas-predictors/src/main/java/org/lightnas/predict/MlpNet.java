package org.lightnas.predict;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One-hot choices, dense layers with ReLU, one number: {@code h1 = relu(b0 + sum_l E[l][pick])},
 * {@code h2 = relu(h1 W1 + b1)}, …, {@code out = hn w + b}. Parameters in this order: E, b0, W1,
 * b1, …, w, b.
 */
final class MlpNet implements Net {

  /**
   * Of the spread that keeps variances at 1: picks that few samples know then add little to what
   * training made of the others.
   */
  private static final double FIRST_LAYER = 0.3;

  private final int entries;
  private final int[] sizes;
  private final int[] weights;
  private final int parameters;

  /**
   * Lays the parameters out.
   *
   * @param entries candidates of all choices together
   * @param hidden widths of the hidden layers, at least one
   */
  MlpNet(int entries, int... hidden) {
    this.entries = entries;
    this.sizes = Arrays.copyOf(hidden, hidden.length + 1);
    sizes[hidden.length] = 1;
    weights = new int[sizes.length];
    int at = (entries + 1) * sizes[0];
    for (int i = 1; i < sizes.length; i++) {
      weights[i] = at;
      at += (sizes[i - 1] + 1) * sizes[i];
    }
    parameters = at;
  }

  private int bias(int layer) {
    return weights[layer] + sizes[layer - 1] * sizes[layer];
  }

  @Override
  public int parameters() {
    return parameters;
  }

  @Override
  public void initialise(double[] theta, RandomGenerator random) {
    Arrays.fill(theta, 0);
    // As if every choice had six candidates, one of which is on.
    for (int i = 0; i < entries * sizes[0]; i++) {
      theta[i] = FIRST_LAYER * random.nextGaussian() * Math.sqrt(6.0 / entries);
    }
    for (int layer = 1; layer < sizes.length; layer++) {
      double spread = Math.sqrt(2.0 / sizes[layer - 1]);
      for (int i = weights[layer]; i < bias(layer); i++) {
        theta[i] = random.nextGaussian() * spread;
      }
    }
  }

  @Override
  public int rows() {
    return entries + 1;
  }

  @Override
  public int width() {
    return sizes[0];
  }

  @Override
  public int slots() {
    return 1;
  }

  @Override
  public int slot(int choice) {
    return 0;
  }

  @Override
  public void table(double[] theta, double[] table) {
    System.arraycopy(theta, 0, table, 0, table.length);
  }

  @Override
  public void tableBackward(double[] tableGradient, double[] gradient) {
    Matrices.addRow(tableGradient, 0, 1, gradient, 0, tableGradient.length);
  }

  @Override
  public void constants(double[] table, double[] slots, int batch) {
    Matrices.fillRows(table, entries * sizes[0], slots, batch, sizes[0]);
  }

  @Override
  public void constantsBackward(double[] slotGradient, double[] tableGradient, int batch) {
    Matrices.addSums(slotGradient, tableGradient, entries * sizes[0], batch, sizes[0]);
  }

  @Override
  public Work work(int batch) {
    return new MlpWork(batch);
  }

  private final class MlpWork extends Work {

    /** Outputs of the hidden layers and, last, of the net. */
    private final double[][] outputs;

    private final double[][] gradients;
    private final double[] transposed;

    MlpWork(int batch) {
      super(batch, sizes[0]);
      outputs = new double[sizes.length][];
      gradients = new double[sizes.length][];
      int largest = 1;
      for (int i = 0; i < sizes.length; i++) {
        outputs[i] = i == 0 ? slots : new double[batch * sizes[i]];
        gradients[i] = i == 0 ? slotGradient : new double[batch * sizes[i]];
        largest = Math.max(largest, i == 0 ? 0 : sizes[i - 1] * sizes[i]);
      }
      transposed = new double[largest];
    }

    @Override
    void forward(double[] theta, int count) {
      Matrices.rectify(slots, count * sizes[0]);
      for (int layer = 1; layer < sizes.length; layer++) {
        int m = sizes[layer];
        Matrices.fillRows(theta, bias(layer), outputs[layer], count, m);
        Matrices.addProduct(
            outputs[layer - 1], theta, weights[layer], outputs[layer], count, sizes[layer - 1], m);
        if (layer + 1 < sizes.length) {
          Matrices.rectify(outputs[layer], count * m);
        }
      }
      System.arraycopy(outputs[sizes.length - 1], 0, out, 0, count);
    }

    @Override
    void backward(double[] theta, double[] outGradient, int count, double @Nullable [] gradient) {
      System.arraycopy(outGradient, 0, gradients[sizes.length - 1], 0, count);
      for (int layer = sizes.length - 1; layer > 0; layer--) {
        int k = sizes[layer - 1];
        int m = sizes[layer];
        if (gradient != null) {
          Matrices.addOuter(
              outputs[layer - 1], gradients[layer], gradient, weights[layer], count, k, m);
          Matrices.addSums(gradients[layer], gradient, bias(layer), count, m);
        }
        Matrices.transpose(theta, weights[layer], transposed, k, m);
        Arrays.fill(gradients[layer - 1], 0, count * k, 0);
        Matrices.addProduct(gradients[layer], transposed, 0, gradients[layer - 1], count, m, k);
        Matrices.maskByOutput(gradients[layer - 1], outputs[layer - 1], count * k);
      }
    }
  }
}
