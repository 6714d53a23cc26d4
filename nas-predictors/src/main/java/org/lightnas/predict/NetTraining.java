package org.lightnas.predict;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.lightnas.InterruptedRunException;
import org.lightnas.internal.Seeds;

/**
 * Fits the parameters of a {@link Net} by AdamW (Loshchilov and Hutter 2019) on mini-batches, with
 * the rate falling as a cosine, and keeps those that did best on held-out samples. Targets are
 * standardised; the loss grows as the square of small residuals and linearly beyond {@link #BEND},
 * so that hung measurements do not bend the fit. Deterministic: draws are a function of (seed,
 * purpose, step).
 */
final class NetTraining {

  private static final double BEND = 0.03;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.99;
  private static final double EPSILON = 1e-8;
  private static final double HELD_OUT = 0.15;

  /** Below this, every sample is needed for training and the last parameters are taken. */
  private static final int LEAST_FOR_HOLDING_OUT = 30;

  private final Net net;
  private final int[][] rows;
  private final double[] targets;
  private final NetSettings settings;
  private final double[] theta;
  private final double[] gradient;
  private final double[] first;
  private final double[] second;
  private final double[] table;
  private final double[] tableGradient;
  private final double[] outGradient;
  private final Net.Work work;
  private int step;
  private long graphs;

  /**
   * Prepares.
   *
   * @param rows the table row that each choice picks, {@code [n][L]}
   * @param targets about mean 0 and deviation 1, {@code [n]}
   */
  NetTraining(Net net, int[][] rows, double[] targets, NetSettings settings) {
    this.net = net;
    this.rows = rows;
    this.targets = targets;
    this.settings = settings;
    theta = new double[net.parameters()];
    gradient = new double[theta.length];
    first = new double[theta.length];
    second = new double[theta.length];
    table = new double[net.rows() * net.width()];
    tableGradient = new double[table.length];
    outGradient = new double[settings.batch()];
    work = net.work(settings.batch());
    net.initialise(theta, Seeds.random(settings.seed(), "weights", 0));
  }

  /**
   * Trains and returns the parameters.
   *
   * @throws InterruptedRunException if this thread is interrupted; nothing is kept
   */
  double[] run() {
    int n = targets.length;
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    shuffle(order, n, Seeds.random(settings.seed(), "held out", 0));
    int held = n < LEAST_FOR_HOLDING_OUT ? 0 : (int) Math.round(HELD_OUT * n);
    int[] training = Arrays.copyOf(order, n - held);
    int[] validation = Arrays.copyOfRange(order, n - held, n);
    int perEpoch = (training.length + settings.batch() - 1) / settings.batch();
    int epochs = Math.max(1, (settings.steps() + perEpoch - 1) / perEpoch);
    double[] best = theta.clone();
    double least = Double.POSITIVE_INFINITY;
    int since = 0;
    for (int epoch = 0; epoch < epochs; epoch++) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedRunException(
            "The training of a predictor was interrupted after "
                + epoch
                + " of at most "
                + epochs
                + " epochs; nothing is kept.\nMaybe fit it again: it takes seconds.");
      }
      shuffle(training, training.length, Seeds.random(settings.seed(), "order", epoch));
      for (int at = 0; at < training.length; at += settings.batch()) {
        double done = (double) step / (epochs * perEpoch);
        step(training, at, Math.min(settings.batch(), training.length - at), done);
      }
      if (held == 0) {
        continue;
      }
      double loss = loss(validation);
      since++;
      if (loss < least) {
        least = loss;
        since = 0;
        System.arraycopy(theta, 0, best, 0, theta.length);
      } else if (since * perEpoch > settings.steps() * settings.patience()) {
        break;
      }
    }
    return held == 0 ? theta : best;
  }

  private static void shuffle(int[] order, int n, RandomGenerator random) {
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  /**
   * One step of the optimiser on the samples {@code indices[at]} and so many after it.
   *
   * @param done share of the training that lies behind
   */
  void step(int[] indices, int at, int count, double done) {
    graphs += count;
    net.table(theta, table);
    forward(indices, at, count);
    for (int i = 0; i < count; i++) {
      double residual = work.out[i] - targets[indices[at + i]];
      outGradient[i] = Math.max(-BEND, Math.min(BEND, residual)) / count;
    }
    Arrays.fill(gradient, 0);
    Arrays.fill(tableGradient, 0);
    work.backward(theta, outGradient, count, gradient);
    int width = net.width();
    for (int i = 0; i < count; i++) {
      int[] picked = rows[indices[at + i]];
      for (int l = 0; l < picked.length; l++) {
        int slot = i * net.slots() + net.slot(l);
        Matrices.addRow(
            work.slotGradient, slot * width, 1, tableGradient, picked[l] * width, width);
      }
    }
    net.constantsBackward(work.slotGradient, tableGradient, count);
    net.tableBackward(tableGradient, gradient);
    update(settings.rate() * 0.5 * (1 + Math.cos(Math.PI * done)));
  }

  private void forward(int[] indices, int at, int count) {
    net.constants(table, work.slots, count);
    int width = net.width();
    for (int i = 0; i < count; i++) {
      int[] picked = rows[indices[at + i]];
      for (int l = 0; l < picked.length; l++) {
        int slot = i * net.slots() + net.slot(l);
        Matrices.addRow(table, picked[l] * width, 1, work.slots, slot * width, width);
      }
    }
    work.forward(theta, count);
  }

  private void update(double rate) {
    step++;
    double correction = Math.sqrt(1 - Math.pow(BETA2, step)) / (1 - Math.pow(BETA1, step));
    double decay = 1 - rate * settings.weightDecay();
    for (int i = 0; i < theta.length; i++) {
      double g = gradient[i];
      first[i] = BETA1 * first[i] + (1 - BETA1) * g;
      second[i] = BETA2 * second[i] + (1 - BETA2) * g * g;
      theta[i] = decay * theta[i] - rate * correction * first[i] / (Math.sqrt(second[i]) + EPSILON);
    }
  }

  /** The mean loss of some samples under the parameters as they are. */
  double loss(int[] indices) {
    net.table(theta, table);
    double sum = 0;
    for (int at = 0; at < indices.length; at += settings.batch()) {
      int count = Math.min(settings.batch(), indices.length - at);
      forward(indices, at, count);
      for (int i = 0; i < count; i++) {
        double size = Math.abs(work.out[i] - targets[indices[at + i]]);
        sum += size < BEND ? size * size / 2 : BEND * (size - BEND / 2);
      }
    }
    return sum / indices.length;
  }

  /** How many architectures went forward and backward. */
  long graphs() {
    return graphs;
  }

  /** The gradient of the last step, for tests. */
  double[] gradient() {
    return gradient;
  }

  /** The parameters as they are now, for tests. */
  double[] parameters() {
    return theta;
  }
}
