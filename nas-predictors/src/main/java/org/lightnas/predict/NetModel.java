package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * A trained {@link Net} as a function of architectures: what the predictors made of nets share.
 * Immutable and thread-safe; each thread has buffers of its own, and predicting allocates nothing.
 *
 * <pre>
 * y = floor + s ln(1 + exp((mean + deviation z - floor) / s)),    s = floor / 8
 * </pre>
 *
 * z is the net's answer; the bend keeps predictions positive and is flat only far below what was
 * measured.
 */
final class NetModel {

  private static final double BENDS_PER_FLOOR = 8;
  private static final int MIN_SAMPLES = 3;

  private final ChoiceSpace space;
  private final Net net;
  private final double[] theta;
  private final Scale scale;
  private final @Nullable String fingerprint;
  private final long trained;
  private final int[] offsets;
  private final double[] table;
  private final FixedNet fixed;
  private final ThreadLocal<Net.Work> mixture;
  private final ThreadLocal<FixedNet.Work> single;
  private final ThreadLocal<FixedNet.Work> swaps;

  /**
   * What turns a net's answer into a latency, in ms.
   *
   * @param floor half of the least measured latency
   */
  record Scale(double mean, double deviation, double floor) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is not finite, or deviation or floor not positive
     */
    Scale {
      checkArgument(
          Double.isFinite(mean)
              && deviation > 0
              && Double.isFinite(deviation)
              && floor > 0
              && Double.isFinite(floor),
          "A scale needs a finite mean and positive deviation and floor, but has %s, %s and %s ms.",
          mean,
          deviation,
          floor);
    }

    double millis(double z) {
      double bend = floor / BENDS_PER_FLOOR;
      double t = (mean + deviation * z - floor) / bend;
      // ln(1 + exp t) without overflow.
      return floor + bend * (Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t))));
    }

    double slope(double z) {
      double bend = floor / BENDS_PER_FLOOR;
      return deviation / (1 + Math.exp(-(mean + deviation * z - floor) / bend));
    }
  }

  NetModel(
      ChoiceSpace space,
      Net net,
      double[] theta,
      Scale scale,
      @Nullable String fingerprint,
      long trained) {
    this.space = space;
    this.net = net;
    this.theta = theta;
    this.scale = scale;
    this.fingerprint = fingerprint;
    this.trained = trained;
    this.offsets = Entries.offsets(space);
    this.table = new double[net.rows() * net.width()];
    net.table(theta, table);
    this.fixed = net.fixed(theta);
    this.mixture = ThreadLocal.withInitial(() -> net.work(1));
    this.single = ThreadLocal.withInitial(() -> fixed.memory().apply(1));
    int all = offsets[offsets.length - 1] - offsets.length + 2;
    this.swaps = ThreadLocal.withInitial(() -> fixed.memory().apply(all));
  }

  /**
   * Trains a net.
   *
   * @param kind for messages: {@code "An MLP"}
   * @throws IllegalArgumentException if there are fewer than 3 samples
   */
  static NetModel fit(Profile profile, Net net, NetSettings settings, String kind) {
    List<Profile.Sample> samples = profile.samples();
    checkArgument(
        samples.size() >= MIN_SAMPLES,
        "%s is fitted on at least %s samples, but the profile of space '%s' has %s.",
        kind,
        MIN_SAMPLES,
        profile.space().name(),
        samples.size());
    double[] millis =
        samples.stream().mapToDouble(sample -> sample.measurement().millis()).toArray();
    double mean = Arrays.stream(millis).average().orElseThrow();
    double variance = Arrays.stream(millis).map(y -> (y - mean) * (y - mean)).sum() / millis.length;
    double floor = Arrays.stream(millis).min().orElseThrow() / 2;
    // Equal latencies leave nothing to scale by, and nothing to learn.
    Scale scale = new Scale(mean, variance > 0 ? Math.sqrt(variance) : mean, floor);
    int[] offsets = Entries.offsets(profile.space());
    int[][] rows = new int[millis.length][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Entries.picked(samples.get(i).architecture(), offsets);
    }
    double[] targets =
        Arrays.stream(millis).map(y -> (y - scale.mean()) / scale.deviation()).toArray();
    NetTraining training = new NetTraining(net, rows, targets, settings);
    double[] theta = training.run();
    return new NetModel(
        profile.space(), net, theta, scale, profile.fingerprint(), training.graphs());
  }

  ChoiceSpace space() {
    return space;
  }

  Net net() {
    return net;
  }

  /** Not to be modified. */
  double[] parameters() {
    return theta;
  }

  Scale scale() {
    return scale;
  }

  /** How many architectures training passed forward and backward; 0 if read from a file. */
  long trained() {
    return trained;
  }

  @Nullable String fingerprint() {
    return fingerprint;
  }

  double predict(Architecture architecture) {
    architecture.requireSpace(space);
    FixedNet.Work work = single.get();
    start(work, architecture);
    work.forward(1);
    return scale.millis(work.out[0]);
  }

  private void start(FixedNet.Work work, Architecture architecture) {
    System.arraycopy(fixed.start(), 0, work.slots, 0, fixed.start().length);
    int width = fixed.width();
    for (int l = 0; l + 1 < offsets.length; l++) {
      int from = (offsets[l] + architecture.pick(l)) * width;
      Matrices.addRow(fixed.table(), from, 1, work.slots, net.slot(l) * width, width);
    }
  }

  /** All swaps in one batch: only the rows of the swapped choice differ from the first. */
  double[][] sensitivity(Architecture architecture) {
    architecture.requireSpace(space);
    FixedNet.Work work = swaps.get();
    start(work, architecture);
    int width = fixed.width();
    int size = net.slots() * width;
    int count = 1;
    for (int l = 0; l + 1 < offsets.length; l++) {
      int now = offsets[l] + architecture.pick(l);
      for (int row = offsets[l]; row < offsets[l + 1]; row++) {
        if (row != now) {
          int to = count * size + net.slot(l) * width;
          System.arraycopy(work.slots, 0, work.slots, count * size, size);
          Matrices.addRow(fixed.table(), now * width, -1, work.slots, to, width);
          Matrices.addRow(fixed.table(), row * width, 1, work.slots, to, width);
          count++;
        }
      }
    }
    work.forward(count);
    double before = scale.millis(work.out[0]);
    double[][] change = new double[offsets.length - 1][];
    count = 1;
    for (int l = 0; l < change.length; l++) {
      change[l] = new double[offsets[l + 1] - offsets[l]];
      for (int k = 0; k < change[l].length; k++) {
        if (k != architecture.pick(l)) {
          change[l][k] = scale.millis(work.out[count++]) - before;
        }
      }
    }
    return change;
  }

  double predict(double[][] relaxed) {
    return scale.millis(forward(relaxed).out[0]);
  }

  double[][] gradient(double[][] relaxed) {
    Net.Work work = forward(relaxed);
    work.backward(theta, new double[] {scale.slope(work.out[0])}, 1, null);
    int width = net.width();
    double[][] gradient = new double[relaxed.length][];
    for (int l = 0; l < gradient.length; l++) {
      gradient[l] = new double[relaxed[l].length];
      int slot = net.slot(l) * width;
      for (int k = 0; k < gradient[l].length; k++) {
        int row = (offsets[l] + k) * width;
        for (int j = 0; j < width; j++) {
          gradient[l][k] += work.slotGradient[slot + j] * table[row + j];
        }
      }
    }
    return gradient;
  }

  private Net.Work forward(double[][] relaxed) {
    Entries.requireShape(space, relaxed);
    Net.Work work = mixture.get();
    net.constants(table, work.slots, 1);
    int width = net.width();
    for (int l = 0; l < relaxed.length; l++) {
      for (int k = 0; k < relaxed[l].length; k++) {
        int from = (offsets[l] + k) * width;
        Matrices.addRow(table, from, relaxed[l][k], work.slots, net.slot(l) * width, width);
      }
    }
    work.forward(theta, 1);
    return work;
  }
}
