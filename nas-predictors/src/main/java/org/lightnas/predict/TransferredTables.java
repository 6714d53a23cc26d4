package org.lightnas.predict;

import java.util.Arrays;
import java.util.Optional;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/** The sum of a table of an architecture and one of what of it reaches the output. */
final class TransferredTables implements Predictor {

  private final ChoiceSpace space;
  private final int[] offsets;
  private final double[] plain;
  private final double[] reachable;
  private final boolean hasReachable;
  private final double floor;
  private final String fingerprint;

  /**
   * Of two tables in ms, each with its constant first.
   *
   * @param floor the least prediction, in ms: sums of fitted numbers may be negative far from the
   *     samples
   */
  TransferredTables(
      ChoiceSpace space, double[] plain, double[] reachable, double floor, String fingerprint) {
    this.space = space;
    this.offsets = Entries.offsets(space);
    this.plain = plain;
    this.reachable = reachable;
    this.hasReachable = Arrays.stream(reachable).anyMatch(entry -> entry != 0);
    this.floor = floor;
    this.fingerprint = fingerprint;
  }

  @Override
  public Metric metric() {
    return Metric.LATENCY;
  }

  @Override
  public ChoiceSpace space() {
    return space;
  }

  @Override
  public double predict(Architecture architecture) {
    architecture.requireSpace(space);
    double sum = sum(plain, architecture);
    if (hasReachable) {
      sum += sum(reachable, space.reachable(architecture));
    }
    return Math.max(floor, sum);
  }

  private double sum(double[] table, Architecture architecture) {
    double sum = table[0];
    for (int l = 0; l + 1 < offsets.length; l++) {
      sum += table[1 + offsets[l] + architecture.pick(l)];
    }
    return sum;
  }

  @Override
  public Optional<String> fingerprint() {
    return Optional.of(fingerprint);
  }

  /** {@code transferred predictor of space 'nasbench201'}. */
  @Override
  public String toString() {
    return "transferred predictor of space '" + space.name() + "'";
  }
}
