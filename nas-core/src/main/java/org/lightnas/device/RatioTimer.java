package org.lightnas.device;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;

/**
 * Times work against a reference that takes turns with it, so that whatever slows the machine down
 * slows both and cancels. Knows nothing of networks.
 *
 * <p>What is timed is a portion: as many runs of one side as take about as long as one run of the
 * other. With unequal portions the ratio would depend on load, because short intervals slip between
 * the time slices of other programs and long ones cannot. A round is a few portions of both sides
 * in turn; the mean of the fastest two thirds stands for each; rounds alternate in who goes first.
 */
final class RatioTimer {

  /** Fewer rounds than this say nothing about their own spread. */
  static final int MIN_ROUNDS = 6;

  private static final long SIDE_NANOS = 12_000_000;
  private static final long MIN_PORTION_NANOS = 3_000_000;
  private static final int MIN_PORTIONS = 2;
  private static final int WARM_UP_RUNS = 3;
  private static final int LEAST_PORTIONS = 16;
  private static final long FIRST_PAUSE_NANOS = 10_000_000;
  private static final long LONGEST_PAUSE_NANOS = 500_000_000;

  private final LongSupplier clock;
  private final LongConsumer pause;
  private final int maxRounds;
  private final long maxNanos;
  private final double maxSpread;
  private final double busyFactor;

  /** The least time of one run of the reference so far: a busy calibration is corrected later. */
  private double quietNanos = Double.POSITIVE_INFINITY;

  /**
   * Settings of all comparisons.
   *
   * @param clock nanoseconds since some origin
   * @param pause waits for so many nanoseconds
   * @param maxRounds at least {@link #MIN_ROUNDS}
   * @param maxNanos when this has passed, rounds end as soon as there are {@link #MIN_ROUNDS}
   * @param maxSpread relative to the ratio; reached earlier, rounds end
   * @param busyFactor a round in which a side takes more than this times its quiet time is dropped
   */
  RatioTimer(
      LongSupplier clock,
      LongConsumer pause,
      int maxRounds,
      long maxNanos,
      double maxSpread,
      double busyFactor) {
    this.clock = clock;
    this.pause = pause;
    this.maxRounds = maxRounds;
    this.maxNanos = maxNanos;
    this.maxSpread = maxSpread;
    this.busyFactor = busyFactor;
  }

  /**
   * Finds the quiet time of one run of the reference, in ns: after warming up, the least over
   * portions, because others can only add to it.
   *
   * @param nanos to warm up for, at least, and then as long again to look for the least
   */
  double calibrate(Runnable reference, long nanos) {
    long start = clock.getAsLong();
    for (int i = 0; i < WARM_UP_RUNS || clock.getAsLong() - start < nanos; i++) {
      reference.run();
    }
    int runs = runs(MIN_PORTION_NANOS, quickest(reference));
    quietNanos = Double.POSITIVE_INFINITY;
    start = clock.getAsLong();
    for (int i = 0; i < LEAST_PORTIONS || clock.getAsLong() - start < nanos; i++) {
      quietNanos = Math.min(quietNanos, portion(reference, runs));
    }
    return quietNanos;
  }

  /** The least time of one run of the reference so far, in ns. */
  double quietNanos() {
    return quietNanos;
  }

  /**
   * How much longer the work takes than the reference.
   *
   * @param reference the one that was calibrated
   * @throws NasException if the machine stays too busy: more than {@code maxRounds} rounds had to
   *     be dropped, with growing pauses between them
   * @throws InterruptedRunException if this thread is interrupted; as soon as the round is over
   */
  RatioEstimate compare(Runnable reference, Runnable work) {
    // Taking turns here too: both sides share the buffers that grow to what the larger one needs.
    for (int i = 0; i < WARM_UP_RUNS; i++) {
      reference.run();
      work.run();
    }
    long referenceNanos = quickest(reference);
    long workNanos = quickest(work);
    long portion = Math.max(MIN_PORTION_NANOS, Math.max(referenceNanos, workNanos));
    int referenceRuns = runs(portion, referenceNanos);
    int workRuns = runs(portion, workNanos);
    double[] referenceTimes = new double[(int) Math.max(MIN_PORTIONS, SIDE_NANOS / portion)];
    double[] workTimes = new double[referenceTimes.length];

    double[] ratios = new double[maxRounds];
    int kept = 0;
    int dropped = 0;
    double slowest = 0;
    double quietWorkNanos = workNanos;
    long start = clock.getAsLong();
    for (boolean referenceFirst = true; ; referenceFirst = !referenceFirst) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedRunException(
            String.format(
                "A measurement was interrupted after %s rounds.\nMaybe measure again.",
                kept + dropped));
      }
      for (int i = 0; i < workTimes.length; i++) {
        if (referenceFirst) {
          referenceTimes[i] = portion(reference, referenceRuns);
          workTimes[i] = portion(work, workRuns);
        } else {
          workTimes[i] = portion(work, workRuns);
          referenceTimes[i] = portion(reference, referenceRuns);
        }
      }
      double referenceTime = trimmedMean(referenceTimes);
      double workTime = trimmedMean(workTimes);
      quietNanos = Math.min(quietNanos, referenceTime);
      quietWorkNanos = Math.min(quietWorkNanos, workTime);
      // Judged by both sides: dropping for a slow reference alone would favour a slow work.
      double slowdown = Math.max(referenceTime / quietNanos, workTime / quietWorkNanos);
      if (slowdown > busyFactor) {
        slowest = Math.max(slowest, slowdown);
        dropped++;
        refuseIfTooBusy(dropped, dropped + kept, slowest);
        pause.accept(Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS * dropped));
        continue;
      }
      ratios[kept++] = workTime / referenceTime;
      if (kept >= MIN_ROUNDS) {
        RatioEstimate estimate = RatioEstimate.of(Arrays.copyOf(ratios, kept));
        if (estimate.spread() <= maxSpread * estimate.ratio()
            || kept == maxRounds
            || clock.getAsLong() - start > maxNanos) {
          return estimate;
        }
      }
    }
  }

  private void refuseIfTooBusy(int dropped, int rounds, double slowest) {
    if (dropped > maxRounds) {
      throw new NasException(
          String.format(
              Locale.ROOT,
              "The machine is too busy to measure on: in %d of %d rounds networks took more than %.1f"
                  + " times as long as when it is quiet, up to %.1f times.\n"
                  + "Maybe stop other programs, measure on one thread, or allow more by busyFactor.",
              dropped,
              rounds,
              busyFactor,
              slowest));
    }
  }

  /** The time of one run in ns, the better of two: enough to size portions by. */
  private long quickest(Runnable work) {
    return (long) Math.min(portion(work, 1), portion(work, 1));
  }

  private static int runs(long portion, long nanos) {
    return (int) Math.max(1, Math.round((double) portion / nanos));
  }

  /** The mean time of one of so many runs, in ns. */
  private double portion(Runnable work, int runs) {
    long start = clock.getAsLong();
    for (int i = 0; i < runs; i++) {
      work.run();
    }
    // A clock that stands still would make a ratio of 0 or NaN.
    return (double) Math.max(1, clock.getAsLong() - start) / runs;
  }

  /** The mean of the fastest two thirds; sorts its argument. */
  private static double trimmedMean(double[] times) {
    Arrays.sort(times);
    return Arrays.stream(times, 0, Math.max(1, times.length * 2 / 3)).average().orElseThrow();
  }
}
