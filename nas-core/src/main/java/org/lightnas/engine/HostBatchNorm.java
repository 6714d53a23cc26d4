package org.lightnas.engine;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.Node;
import org.nd4j.linalg.activations.Activation;

/**
 * Batch norm and ReLU or ReLU6 in plain Java over float32 host memory, in two sweeps forward and
 * two backward; ND4J's own operations need several times as long. Maps are worked on in flat runs
 * of {@code R} rows of {@code C} channels with all per-channel factors repeated R times, so that
 * every loop is one that the JIT compiler vectorises. Every place in a run is summed up over the
 * few runs of a task in float, places and tasks in double, in an order that does not depend on the
 * threads.
 */
final class HostBatchNorm implements Kernel {

  /** Floats per run: a handful of arrays of this size stay close to the processor. */
  static final int RUN = 2048;

  /** Few, because so many values are summed up in float. */
  private static final int RUNS_PER_TASK = 16;

  /** So large that its square times the smallest float is above 1. */
  private static final float HUGE = 1e38f;

  private final Node.BatchNorm node;
  private final Activation function;
  private final int channels;
  private final int rows;
  private final int rowsPerRun;
  private final int rowsPerTask;
  private final int tasks;
  private final FloatBuffer x;
  private final FloatBuffer y;
  private final FloatBuffer dx;
  private final FloatBuffer dy;
  private final @Nullable HostWeight gamma;
  private final @Nullable HostWeight beta;
  private final HostWeight mean;
  private final HostWeight variance;
  private final Scratch scratch;
  private final double[] batchMean;
  private final double[] inverseStd;
  private final Workers.Task sumSquares = this::sumSquares;
  private final Workers.Task apply = this::apply;
  private final Workers.Task sumProducts = this::sumProducts;
  private final Workers.Task differentiate = this::differentiate;

  /** What all kernels of a provider work in, one at a time. Grows to what the largest needs. */
  static final class Scratch {
    private final Workers workers;
    private final Lane[] lanes;
    // Per channel at first, then repeated over a run.
    private float[] centre = new float[0];
    private float[] factor = new float[0];
    private float[] slope = new float[0];
    private float[] constant = new float[0];
    // Per task and channel.
    private double[] sums = new double[0];
    private double[] products = new double[0];

    Scratch(Workers workers) {
      this.workers = workers;
      this.lanes = new Lane[workers.threads()];
      Arrays.setAll(lanes, thread -> new Lane(0));
    }

    Workers workers() {
      return workers;
    }

    /** What this thread works in. */
    Lane lane(int thread) {
      return lanes[thread];
    }

    /** Makes room for runs of so many values and so many sums. */
    void reserve(int run, int cells) {
      if (run > centre.length) {
        Arrays.setAll(lanes, thread -> new Lane(run));
        centre = new float[run];
        factor = new float[run];
        slope = new float[run];
        constant = new float[run];
      }
      if (cells > sums.length) {
        sums = new double[cells];
        products = new double[cells];
      }
    }

    private double total(double[] cells, int channel, int channels, int tasks) {
      double total = 0;
      for (int task = 0; task < tasks; task++) {
        total += cells[task * channels + channel];
      }
      return total;
    }
  }

  /** What one thread works in. */
  static final class Lane {
    final float[] x;
    final float[] y;
    final float[] d;
    final float[] sum;
    final float[] product;

    Lane(int run) {
      x = new float[run];
      y = new float[run];
      d = new float[run];
      sum = new float[run];
      product = new float[run];
    }

    private void clearSums() {
      Arrays.fill(sum, 0);
      Arrays.fill(product, 0);
    }

    /** Clears d where y is 0 or, if {@code clipped}, 6. */
    void mask(boolean clipped, int n) {
      if (clipped) {
        maskClipped(y, d, n);
      } else {
        maskRectified(y, d, n);
      }
    }
  }

  HostBatchNorm(Norm norm, Activation function, Slot in, Slot out, Scratch scratch) {
    this.node = norm.node();
    this.function = function;
    this.channels = (int) in.map().size(3);
    this.rows = (int) (in.map().length() / channels);
    this.rowsPerRun = Math.max(1, RUN / channels);
    this.rowsPerTask = rowsPerRun * RUNS_PER_TASK;
    this.tasks = (rows + rowsPerTask - 1) / rowsPerTask;
    this.x = in.map().pointer().asBuffer();
    this.y = out.map().pointer().asBuffer();
    this.dx = in.slope().pointer().asBuffer();
    this.dy = out.slope().pointer().asBuffer();
    this.gamma = norm.gamma() == null ? null : HostWeight.of(norm.gamma());
    this.beta = norm.beta() == null ? null : HostWeight.of(norm.beta());
    this.mean = HostWeight.of(norm.mean());
    this.variance = HostWeight.of(norm.variance());
    this.scratch = scratch;
    this.batchMean = new double[channels];
    this.inverseStd = new double[channels];
    scratch.reserve(Math.max(RUN, channels), tasks * channels);
  }

  private int endOf(int task) {
    return Math.min(rows, (task + 1) * rowsPerTask);
  }

  /** How many floats the run from {@code row} on has. */
  private int count(int row, int end) {
    return Math.min(rowsPerRun, end - row) * channels;
  }

  @Override
  public void forward(Pass pass) {
    if (pass.training()) {
      measure(pass.kept(node.decay()));
    } else {
      for (int c = 0; c < channels; c++) {
        batchMean[c] = mean.value().get(c);
        inverseStd[c] = 1 / Math.sqrt(variance.value().get(c) + node.eps());
      }
    }
    for (int c = 0; c < channels; c++) {
      double scale = gamma(c) * inverseStd[c];
      double shift = beta == null ? node.beta() : beta.value().get(c);
      scratch.factor[c] = (float) scale;
      scratch.constant[c] = (float) (shift - rounding(c) * scale);
      scratch.centre[c] = (float) batchMean[c];
    }
    repeat(scratch.factor);
    repeat(scratch.constant);
    repeat(scratch.centre);
    scratch.workers.run(tasks, apply);
  }

  private double gamma(int channel) {
    return gamma == null ? node.gamma() : gamma.value().get(channel);
  }

  /** What the mean is more than the float that is subtracted for it. */
  private double rounding(int channel) {
    return batchMean[channel] - (float) batchMean[channel];
  }

  /**
   * Mean and variance of the batch. Every place in a run subtracts its first value in the task
   * before it squares, so that a large mean costs no digits of a small variance.
   */
  private void measure(double kept) {
    scratch.workers.run(tasks, sumSquares);
    for (int c = 0; c < channels; c++) {
      double away = scratch.total(scratch.sums, c, channels, tasks) / rows;
      double square = scratch.total(scratch.products, c, channels, tasks) / rows;
      double v = Math.max(0, square - away * away);
      batchMean[c] = x.get(c) + away;
      inverseStd[c] = 1 / Math.sqrt(v + node.eps());
      if (kept < 1) {
        mix(mean.value(), c, kept, batchMean[c]);
        mix(variance.value(), c, kept, v);
      }
    }
    if (kept < 1) {
      mean.changed();
      variance.changed();
    }
  }

  private static void mix(FloatBuffer running, int channel, double kept, double now) {
    running.put(channel, (float) (kept * running.get(channel) + (1 - kept) * now));
  }

  /** Leaves a task's sums of {@code x - x0} and its square, with x0 the first row of all. */
  private void sumSquares(int task, int thread) {
    Lane own = scratch.lanes[thread];
    float[] first = own.d;
    int start = task * rowsPerTask;
    int end = endOf(task);
    own.clearSums();
    x.get(start * channels, first, 0, count(start, end));
    for (int row = start + rowsPerRun; row < end; row += rowsPerRun) {
      int count = count(row, end);
      x.get(row * channels, own.x, 0, count);
      squares(own.x, first, own.sum, own.product, count);
    }
    int cell = task * channels;
    Arrays.fill(scratch.sums, cell, cell + channels, 0);
    Arrays.fill(scratch.products, cell, cell + channels, 0);
    for (int r = 0; r < Math.min(rowsPerRun, end - start); r++) {
      int values = (end - start - r + rowsPerRun - 1) / rowsPerRun;
      for (int c = 0; c < channels; c++) {
        int place = r * channels + c;
        double sum = own.sum[place];
        double away = (double) first[place] - x.get(c);
        scratch.sums[cell + c] += sum + values * away;
        scratch.products[cell + c] += own.product[place] + away * (2 * sum + values * away);
      }
    }
  }

  private void apply(int task, int thread) {
    float[] values = scratch.lanes[thread].x;
    float least = function == Activation.IDENTITY ? Float.NEGATIVE_INFINITY : 0;
    float most = function == Activation.RELU6 ? 6 : Float.POSITIVE_INFINITY;
    int end = endOf(task);
    for (int row = task * rowsPerTask; row < end; row += rowsPerRun) {
      int count = count(row, end);
      x.get(row * channels, values, 0, count);
      float[] shift = scratch.constant;
      affineClipped(values, scratch.centre, scratch.factor, shift, least, most, count);
      y.put(row * channels, values, 0, count);
    }
  }

  /**
   * With {@code x^ = (x - m) r} and d the gradient behind the activation: {@code dgamma = sum d
   * x^}, {@code dbeta = sum d}, {@code dx = gamma r (d - dbeta / M - x^ dgamma / M)}.
   */
  @Override
  public void backward() {
    for (int c = 0; c < channels; c++) {
      scratch.centre[c] = (float) batchMean[c];
    }
    repeat(scratch.centre);
    scratch.workers.run(tasks, sumProducts);
    for (int c = 0; c < channels; c++) {
      double dbeta = scratch.total(scratch.sums, c, channels, tasks);
      double products = scratch.total(scratch.products, c, channels, tasks);
      double dgamma = (products - rounding(c) * dbeta) * inverseStd[c];
      double factor = gamma(c) * inverseStd[c];
      double slope = -factor * inverseStd[c] * dgamma / rows;
      scratch.factor[c] = (float) factor;
      scratch.slope[c] = (float) slope;
      scratch.constant[c] = (float) (-factor * dbeta / rows - slope * rounding(c));
      if (gamma != null) {
        gamma.gradient().put(c, (float) dgamma);
      }
      if (beta != null) {
        beta.gradient().put(c, (float) dbeta);
      }
    }
    repeat(scratch.factor);
    repeat(scratch.slope);
    repeat(scratch.constant);
    scratch.workers.run(tasks, differentiate);
  }

  /** Leaves a task's sums of d and of {@code d (x - m)}. */
  private void sumProducts(int task, int thread) {
    Lane own = scratch.lanes[thread];
    int end = endOf(task);
    own.clearSums();
    for (int row = task * rowsPerTask; row < end; row += rowsPerRun) {
      int count = count(row, end);
      dy.get(row * channels, own.d, 0, count);
      if (function != Activation.IDENTITY) {
        y.get(row * channels, own.y, 0, count);
        own.mask(function == Activation.RELU6, count);
        // The masked gradient waits in dx for the second sweep; dy may belong to others too.
        dx.put(row * channels, own.d, 0, count);
      }
      x.get(row * channels, own.x, 0, count);
      products(own.x, scratch.centre, own.d, own.sum, own.product, count);
    }
    int cell = task * channels;
    Arrays.fill(scratch.sums, cell, cell + channels, 0);
    Arrays.fill(scratch.products, cell, cell + channels, 0);
    for (int place = 0; place < rowsPerRun * channels; place += channels) {
      for (int c = 0; c < channels; c++) {
        scratch.sums[cell + c] += own.sum[place + c];
        scratch.products[cell + c] += own.product[place + c];
      }
    }
  }

  private void differentiate(int task, int thread) {
    Lane own = scratch.lanes[thread];
    FloatBuffer masked = function == Activation.IDENTITY ? dy : dx;
    int end = endOf(task);
    for (int row = task * rowsPerTask; row < end; row += rowsPerRun) {
      int count = count(row, end);
      masked.get(row * channels, own.d, 0, count);
      x.get(row * channels, own.x, 0, count);
      combine(own, scratch.centre, scratch.factor, scratch.slope, scratch.constant, count);
      dx.put(row * channels, own.d, 0, count);
    }
  }

  /** From the first row of a run to all. */
  private void repeat(float[] run) {
    int length = Math.min(rowsPerRun, rows) * channels;
    for (int done = channels; done < length; done *= 2) {
      System.arraycopy(run, 0, run, done, Math.min(done, length - done));
    }
  }

  // Loops below are separate, flat and free of branches: that is what the compiler vectorises.

  private static void squares(float[] x, float[] first, float[] sum, float[] square, int n) {
    for (int i = 0; i < n; i++) {
      float v = x[i] - first[i];
      sum[i] += v;
      square[i] += v * v;
    }
  }

  private static void products(
      float[] x, float[] centre, float[] d, float[] sum, float[] product, int n) {
    for (int i = 0; i < n; i++) {
      float e = d[i];
      sum[i] += e;
      product[i] += e * (x[i] - centre[i]);
    }
  }

  private static void affineClipped(
      float[] x, float[] centre, float[] a, float[] b, float least, float most, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = Math.min(Math.max((x[i] - centre[i]) * a[i] + b[i], least), most);
    }
  }

  /** A comparison would not vectorise. */
  private static void maskClipped(float[] y, float[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] *= Math.min(1f, y[i] * (6f - y[i]) * HUGE * HUGE);
    }
  }

  private static void maskRectified(float[] y, float[] d, int n) {
    for (int i = 0; i < n; i++) {
      d[i] *= Math.min(1f, y[i] * HUGE * HUGE);
    }
  }

  private static void combine(Lane own, float[] centre, float[] a, float[] b, float[] q, int n) {
    float[] x = own.x;
    float[] d = own.d;
    for (int i = 0; i < n; i++) {
      d[i] = a[i] * d[i] + b[i] * (x[i] - centre[i]) + q[i];
    }
  }
}
