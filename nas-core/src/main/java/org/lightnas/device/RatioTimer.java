package org.lightnas.device;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.lightnas.NasException;

/**
 * Times work against a reference that takes turns with it, so that whatever slows the machine down
 * slows both and cancels. Knows nothing of networks.
 *
 * <p>One round runs each side a few times, on a busy core long enough for the clock and short
 * enough for the machine not to change in between; the mean of the fastest two thirds stands for
 * the side; rounds alternate in who goes first.
 */
final class RatioTimer {

  /** Fewer rounds than this say nothing about their own spread. */
  static final int MIN_ROUNDS = 6;

  private static final long SIDE_NANOS = 12_000_000;
  private static final int MIN_REPETITIONS = 2;
  private static final int MAX_REPETITIONS = 60;
  private static final int WARM_UP_RUNS = 3;
  private static final long LONGEST_PAUSE_NANOS = 500_000_000;

  private final LongSupplier clock;
  private final LongConsumer pause;
  private final int maxRounds;
  private final double maxSpread;
  private final double busyFactor;

  /** The least time of the reference seen so far: a busy calibration is corrected later. */
  private double quietNanos = Double.POSITIVE_INFINITY;

  /**
   * Settings of all comparisons.
   *
   * @param clock nanoseconds since some origin
   * @param pause waits for so many nanoseconds
   * @param maxRounds at least {@link #MIN_ROUNDS}
   * @param maxSpread relative to the ratio; reached earlier, rounds end
   * @param busyFactor a round whose reference takes more than this times its quiet time is dropped
   */
  RatioTimer(
      LongSupplier clock, LongConsumer pause, int maxRounds, double maxSpread, double busyFactor) {
    this.clock = clock;
    this.pause = pause;
    this.maxRounds = maxRounds;
    this.maxSpread = maxSpread;
    this.busyFactor = busyFactor;
  }

  /**
   * Finds the quiet time of one run of the reference, in ns: after warming up for {@code
   * warmUpNanos}, the least over rounds, because others can only add to it.
   */
  double calibrate(Runnable reference, int rounds, long warmUpNanos) {
    warmUp(reference, warmUpNanos);
    int repetitions = repetitions(reference);
    quietNanos = Double.POSITIVE_INFINITY;
    for (int i = 0; i < rounds; i++) {
      quietNanos = Math.min(quietNanos, trimmedMean(reference, repetitions));
    }
    return quietNanos;
  }

  /**
   * How much longer the work takes than the reference.
   *
   * @param reference the one that was calibrated
   * @throws NasException if the machine stays too busy: more than {@code maxRounds / 2} rounds had
   *     to be dropped, with growing pauses between them
   */
  RatioEstimate compare(Runnable reference, Runnable work) {
    // Taking turns here too: both sides share the buffers that grow to what the larger one needs.
    for (int i = 0; i < WARM_UP_RUNS; i++) {
      reference.run();
      work.run();
    }
    int referenceRepetitions = repetitions(reference);
    int workRepetitions = repetitions(work);
    double[] ratios = new double[maxRounds];
    int kept = 0;
    int dropped = 0;
    double slowest = 0;
    for (boolean referenceFirst = true; kept < maxRounds; referenceFirst = !referenceFirst) {
      double early = referenceFirst ? trimmedMean(reference, referenceRepetitions) : 0;
      double time = trimmedMean(work, workRepetitions);
      double referenceTime = referenceFirst ? early : trimmedMean(reference, referenceRepetitions);
      quietNanos = Math.min(quietNanos, referenceTime);
      if (referenceTime > busyFactor * quietNanos) {
        slowest = Math.max(slowest, referenceTime);
        dropped++;
        refuseIfTooBusy(dropped, dropped + kept, slowest);
        pause.accept(Math.min(LONGEST_PAUSE_NANOS, 10_000_000L * dropped));
        continue;
      }
      ratios[kept++] = time / referenceTime;
      if (kept >= MIN_ROUNDS) {
        RatioEstimate estimate = RatioEstimate.of(Arrays.copyOf(ratios, kept));
        if (estimate.spread() <= maxSpread * estimate.ratio()) {
          return estimate;
        }
      }
    }
    return RatioEstimate.of(ratios);
  }

  private void refuseIfTooBusy(int dropped, int rounds, double slowest) {
    if (dropped > maxRounds / 2) {
      throw new NasException(
          String.format(
              Locale.ROOT,
              "The machine is too busy to measure on: in %d of %d rounds the reference network took"
                  + " more than %.1f times its quiet %.3f ms, up to %.3f ms.\n"
                  + "Maybe stop other programs, or allow more by busyFactor.",
              dropped,
              rounds,
              busyFactor,
              quietNanos / 1e6,
              slowest / 1e6));
    }
  }

  private void warmUp(Runnable work, long nanos) {
    long start = clock.getAsLong();
    for (int i = 0; i < WARM_UP_RUNS || clock.getAsLong() - start < nanos; i++) {
      work.run();
    }
  }

  /**
   * So many that one side of a round takes {@link #SIDE_NANOS}, judged by the faster of two runs.
   */
  private int repetitions(Runnable work) {
    long nanos = Math.max(1, Math.min(nanos(work), nanos(work)));
    return (int) Math.max(MIN_REPETITIONS, Math.min(MAX_REPETITIONS, SIDE_NANOS / nanos));
  }

  private double trimmedMean(Runnable work, int repetitions) {
    long[] times = new long[repetitions];
    for (int i = 0; i < repetitions; i++) {
      times[i] = nanos(work);
    }
    Arrays.sort(times);
    int fastest = Math.max(1, repetitions * 2 / 3);
    return Arrays.stream(times, 0, fastest).average().orElseThrow();
  }

  private long nanos(Runnable work) {
    long start = clock.getAsLong();
    work.run();
    // A clock that stands still would make a ratio of 0 or NaN.
    return Math.max(1, clock.getAsLong() - start);
  }
}
