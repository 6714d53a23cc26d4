package org.lightnas.engine;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Node;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Batch norm and ReLU or ReLU6 in plain Java over float32 host memory, in two sweeps forward and
 * two backward; ND4J's own operations need several times as long. Maps are worked on in flat runs
 * of {@code R} rows of {@code C} channels with all per-channel factors repeated R times, so that
 * every loop is one that the JIT compiler vectorises. Sums are combined per run in float, over runs
 * in double, in an order that does not depend on the threads.
 */
final class HostBatchNorm implements Kernel {

  /** Floats per run: two runs and their sums stay in the first-level cache. */
  private static final int RUN = 2048;

  private static final int RUNS_PER_TASK = 16;

  /** Bits of 6f, minus 1. */
  private static final int SIX = 0x40BFFFFF;

  private final Node.BatchNorm node;
  private final Activation function;
  private final Workers workers;
  private final int channels;
  private final int rows;
  private final int rowsPerRun;
  private final int tasks;
  private final FloatBuffer x;
  private final FloatBuffer y;
  private final FloatBuffer dx;
  private final FloatBuffer dy;
  private final IntBuffer bitsOfY;
  private final IntBuffer bitsOfDx;
  private final IntBuffer bitsOfDy;
  private final @Nullable Weight gamma;
  private final @Nullable Weight beta;
  private final Weight mean;
  private final Weight variance;

  private final Scratch[] scratch;
  private final double[][] sums;
  private final double[][] products;
  private final double[] batchMean;
  private final double[] inverseStd;

  /** What one thread works in. */
  private static final class Scratch {
    final float[] a;
    final float[] b;
    final float[] sum;
    final float[] product;
    final int[] bits;
    final int[] otherBits;

    Scratch(int run) {
      a = new float[run];
      b = new float[run];
      sum = new float[run];
      product = new float[run];
      bits = new int[run];
      otherBits = new int[run];
    }
  }

  HostBatchNorm(
      Node.BatchNorm node,
      Activation function,
      Slot in,
      Slot out,
      @Nullable Weight gamma,
      @Nullable Weight beta,
      Weight mean,
      Weight variance,
      Workers workers) {
    this.node = node;
    this.function = function;
    this.workers = workers;
    this.channels = (int) in.value().size(3);
    this.rows = (int) (in.value().length() / channels);
    this.rowsPerRun = Math.max(1, RUN / channels);
    int rowsPerTask = rowsPerRun * RUNS_PER_TASK;
    this.tasks = (rows + rowsPerTask - 1) / rowsPerTask;
    this.x = Host.floats(in.value());
    this.y = Host.floats(out.value());
    this.dx = Host.floats(in.gradient());
    this.dy = Host.floats(out.gradient());
    this.bitsOfY = bits(out.value());
    this.bitsOfDx = bits(in.gradient());
    this.bitsOfDy = bits(out.gradient());
    this.gamma = gamma;
    this.beta = beta;
    this.mean = mean;
    this.variance = variance;
    int run = rowsPerRun * channels;
    this.scratch = new Scratch[workers.threads()];
    for (int t = 0; t < scratch.length; t++) {
      scratch[t] = new Scratch(run);
    }
    this.sums = new double[tasks][channels];
    this.products = new double[tasks][channels];
    this.batchMean = new double[channels];
    this.inverseStd = new double[channels];
  }

  private static IntBuffer bits(INDArray array) {
    IntPointer start = new IntPointer(array.data().pointer()).getPointer(array.offset());
    return start.capacity(array.length()).asBuffer();
  }

  /** A sweep over one run of values: {@code count} floats from {@code offset}. */
  @FunctionalInterface
  private interface Sweep {
    void run(Scratch scratch, int offset, int count);
  }

  /** Visits all rows in runs; with {@code into}, collects the runs' sums per task. */
  private void sweep(boolean collect, Sweep sweep) {
    workers.run(
        tasks,
        (task, thread) -> {
          Scratch own = scratch[thread];
          if (collect) {
            Arrays.fill(own.sum, 0);
            Arrays.fill(own.product, 0);
          }
          int end = Math.min(rows, (task + 1) * rowsPerRun * RUNS_PER_TASK);
          for (int row = task * rowsPerRun * RUNS_PER_TASK; row < end; row += rowsPerRun) {
            sweep.run(own, row * channels, Math.min(rowsPerRun, end - row) * channels);
          }
          if (collect) {
            fold(own.sum, sums[task]);
            fold(own.product, products[task]);
          }
        });
  }

  private void fold(float[] run, double[] perChannel) {
    Arrays.fill(perChannel, 0);
    for (int r = 0; r < rowsPerRun; r++) {
      for (int c = 0; c < channels; c++) {
        perChannel[c] += run[r * channels + c];
      }
    }
  }

  private static double total(double[][] perTask, int channel) {
    double total = 0;
    for (double[] task : perTask) {
      total += task[channel];
    }
    return total;
  }

  @Override
  public void forward(Pass pass) {
    double[] m = batchMean;
    if (pass.training()) {
      sweep(
          true,
          (own, offset, count) -> {
            x.get(offset, own.a, 0, count);
            squares(own.a, own.sum, own.product, count);
          });
      double kept = pass.kept(node.decay());
      double[] runningMean = Host.read(mean.value());
      double[] runningVariance = Host.read(variance.value());
      for (int c = 0; c < channels; c++) {
        m[c] = total(sums, c) / rows;
        double v = Math.max(0, total(products, c) / rows - m[c] * m[c]);
        inverseStd[c] = 1 / Math.sqrt(v + node.eps());
        runningMean[c] = kept * runningMean[c] + (1 - kept) * m[c];
        runningVariance[c] = kept * runningVariance[c] + (1 - kept) * v;
      }
      if (kept < 1) {
        Host.write(mean.value(), runningMean);
        Host.write(variance.value(), runningVariance);
        mean.changed();
        variance.changed();
      }
    } else {
      double[] runningMean = Host.read(mean.value());
      double[] runningVariance = Host.read(variance.value());
      for (int c = 0; c < channels; c++) {
        m[c] = runningMean[c];
        inverseStd[c] = 1 / Math.sqrt(runningVariance[c] + node.eps());
      }
    }
    double[] g = factors(gamma, node.gamma());
    double[] shift = factors(beta, node.beta());
    double[] scale = new double[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = g[c] * inverseStd[c];
      shift[c] -= m[c] * scale[c];
    }
    float[] a = repeated(scale);
    float[] b = repeated(shift);
    sweep(
        false,
        (own, offset, count) -> {
          x.get(offset, own.a, 0, count);
          if (function == Activation.RELU6) {
            affineClipped(own.a, a, b, count);
          } else if (function == Activation.RELU) {
            affineRectified(own.a, a, b, count);
          } else {
            affine(own.a, a, b, count);
          }
          y.put(offset, own.a, 0, count);
        });
  }

  /**
   * With {@code x^ = (x - m) r} and d the gradient behind the activation: {@code dgamma = sum d
   * x^}, {@code dbeta = sum d}, {@code dx = gamma r (d - dbeta / M - x^ dgamma / M)}.
   */
  @Override
  public void backward() {
    sweep(
        true,
        (own, offset, count) -> {
          if (function != Activation.IDENTITY) {
            bitsOfY.get(offset, own.bits, 0, count);
            bitsOfDy.get(offset, own.otherBits, 0, count);
            if (function == Activation.RELU6) {
              maskClipped(own.bits, own.otherBits, count);
            } else {
              maskRectified(own.bits, own.otherBits, count);
            }
            // The masked gradient waits in dx for the second sweep; dy may belong to others too.
            bitsOfDx.put(offset, own.otherBits, 0, count);
            dx.get(offset, own.b, 0, count);
          } else {
            dy.get(offset, own.b, 0, count);
          }
          x.get(offset, own.a, 0, count);
          dots(own.a, own.b, own.sum, own.product, count);
        });
    double[] g = factors(gamma, node.gamma());
    double[] dgamma = new double[channels];
    double[] dbeta = new double[channels];
    double[] ofD = new double[channels];
    double[] ofX = new double[channels];
    double[] constant = new double[channels];
    for (int c = 0; c < channels; c++) {
      dbeta[c] = total(sums, c);
      dgamma[c] = (total(products, c) - batchMean[c] * dbeta[c]) * inverseStd[c];
      ofD[c] = g[c] * inverseStd[c];
      ofX[c] = -ofD[c] * inverseStd[c] * dgamma[c] / rows;
      constant[c] = -ofD[c] * dbeta[c] / rows - ofX[c] * batchMean[c];
    }
    if (gamma != null && beta != null) {
      Host.write(gamma.gradient(), dgamma);
      Host.write(beta.gradient(), dbeta);
    }
    float[] a = repeated(ofD);
    float[] b = repeated(ofX);
    float[] q = repeated(constant);
    FloatBuffer masked = function == Activation.IDENTITY ? dy : dx;
    sweep(
        false,
        (own, offset, count) -> {
          x.get(offset, own.a, 0, count);
          masked.get(offset, own.b, 0, count);
          combine(own.a, own.b, a, b, q, count);
          dx.put(offset, own.b, 0, count);
        });
  }

  private double[] factors(@Nullable Weight weight, double fixed) {
    if (weight != null) {
      return Host.read(weight.value());
    }
    double[] all = new double[channels];
    Arrays.fill(all, fixed);
    return all;
  }

  private float[] repeated(double[] perChannel) {
    float[] run = new float[rowsPerRun * channels];
    for (int i = 0; i < run.length; i++) {
      run[i] = (float) perChannel[i % channels];
    }
    return run;
  }

  // Loops below are separate, flat and free of branches: that is what the compiler vectorises.

  private static void squares(float[] x, float[] sum, float[] square, int n) {
    for (int i = 0; i < n; i++) {
      float v = x[i];
      sum[i] += v;
      square[i] += v * v;
    }
  }

  private static void dots(float[] x, float[] d, float[] sum, float[] product, int n) {
    for (int i = 0; i < n; i++) {
      float e = d[i];
      sum[i] += e;
      product[i] += e * x[i];
    }
  }

  private static void affine(float[] x, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = x[i] * a[i] + b[i];
    }
  }

  private static void affineRectified(float[] x, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.max(x[i] * a[i] + b[i], 0f);
    }
  }

  private static void affineClipped(float[] x, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.min(Math.max(x[i] * a[i] + b[i], 0f), 6f);
    }
  }

  /** Clears d where y is 0 or 6: bits of positive floats are ordered as the floats are. */
  private static void maskClipped(int[] y, int[] d, int n) {
    for (int i = 0; i < n; i++) {
      int v = y[i] - 1;
      d[i] &= (~v & (v - SIX)) >> 31;
    }
  }

  private static void maskRectified(int[] y, int[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] &= ~((y[i] - 1) >> 31);
    }
  }

  private static void combine(float[] x, float[] d, float[] a, float[] b, float[] q, int n) {
    for (int i = 0; i < n; i++) {
      d[i] = a[i] * d[i] + b[i] * x[i] + q[i];
    }
  }
}
