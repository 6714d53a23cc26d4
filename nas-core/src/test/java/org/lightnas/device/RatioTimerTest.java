package org.lightnas.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;

class RatioTimerTest {

  private static final long REFERENCE = 4_000_000;
  private static final long WORK = 10_000_000;
  private static final long STEP = 100_000;

  /** A machine on which work only moves the clock, at the speed that the machine has just then. */
  private static final class Machine {
    private final LongUnaryOperator slowdownPercent;
    private final List<Long> pauses = new ArrayList<>();
    private final List<String> runs = new ArrayList<>();
    private long now;

    Machine(LongUnaryOperator slowdownPercent) {
      this.slowdownPercent = slowdownPercent;
    }

    Runnable work(String name, long nanos) {
      return () -> {
        runs.add(name);
        for (long done = 0; done < nanos; done += STEP) {
          now += STEP * slowdownPercent.applyAsLong(now) / 100;
        }
      };
    }

    RatioTimer timer(int maxRounds) {
      return new RatioTimer(
          () -> now,
          nanos -> {
            pauses.add(nanos);
            now += nanos;
          },
          maxRounds,
          5_000_000_000L,
          0.01,
          2);
    }
  }

  private static RatioEstimate compare(Machine machine, int maxRounds) {
    RatioTimer timer = machine.timer(maxRounds);
    Runnable reference = machine.work("reference", REFERENCE);
    timer.calibrate(reference, 0);
    return timer.compare(reference, machine.work("work", WORK));
  }

  @Test
  void aSteadyMachineGivesTheExactRatioInTheFewestRounds() {
    RatioEstimate estimate = compare(new Machine(now -> 100), 40);
    assertThat(estimate).isEqualTo(new RatioEstimate(2.5, 0, RatioTimer.MIN_ROUNDS));
  }

  @Test
  void aMachineThatDriftsByFortyPercentGivesTheSameRatio() {
    // From calibration to the end of the comparison the machine slows down to 140 %.
    Machine machine = new Machine(now -> 100 + Math.min(40, now / 9_000_000));
    assertThat(compare(machine, 40).ratio()).isCloseTo(2.5, within(0.02));
    assertThat(machine.now).isGreaterThan(360_000_000);
  }

  @Test
  void aMachineThatIsSlowerThroughoutTheComparisonGivesTheSameRatio() {
    Machine machine = new Machine(now -> now < 200_000_000 ? 100 : 140);
    assertThat(compare(machine, 40).ratio()).isCloseTo(2.5, within(1e-9));
  }

  @Test
  void noiseIsAveragedUntilTheSpreadIsOnePercentOrRoundsRunOut() {
    Random random = new Random(1);
    Machine noisy = new Machine(now -> 100 + Math.abs(Math.round(60 * random.nextGaussian())));
    RatioEstimate estimate = compare(noisy, 200);
    assertThat(estimate.rounds()).isBetween(RatioTimer.MIN_ROUNDS + 1, 199);
    assertThat(estimate.spread()).isLessThanOrEqualTo(0.01 * estimate.ratio());
    assertThat(estimate.ratio()).isCloseTo(2.5, within(0.1));

    Machine noisier = new Machine(now -> 100 + Math.abs(Math.round(150 * random.nextGaussian())));
    RatioEstimate limited = compare(noisier, 8);
    assertThat(limited.rounds()).isEqualTo(8);
    assertThat(limited.spread()).isGreaterThan(0.01 * limited.ratio());
  }

  @Test
  void spreadStaysHonestThoughRoundsEndWhenItIsSmall() {
    Random random = new Random(3);
    int within = 0;
    for (int i = 0; i < 300; i++) {
      Machine noisy = new Machine(now -> 100 + Math.abs(Math.round(60 * random.nextGaussian())));
      RatioEstimate estimate = compare(noisy, 40);
      within += Math.abs(estimate.ratio() - 2.5) <= 2 * estimate.spread() ? 1 : 0;
    }
    assertThat(within).isGreaterThan(255);
  }

  @Test
  void burstsOfOtherWorkAreDroppedWithAPause() {
    Machine machine = new Machine(now -> now > 150_000_000 && now < 400_000_000 ? 500 : 100);
    RatioEstimate estimate = compare(machine, 40);
    assertThat(estimate.ratio()).isCloseTo(2.5, within(1e-9));
    assertThat(machine.pauses).isNotEmpty().isSorted();
  }

  @Test
  void refusesAMachineThatStaysBusyAndSaysHowBusy() {
    Machine machine = new Machine(now -> now < 100_000_000 ? 100 : 250);
    assertThatThrownBy(() -> compare(machine, 10))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "The machine is too busy to measure on: in 11 of 11 rounds networks took more than 2.0"
                + " times as long as when it is quiet, up to 2.5 times.\n"
                + "Maybe stop other programs, measure on one thread, or allow more by busyFactor.");
  }

  @Test
  void aBusyCalibrationIsCorrectedByTheFirstQuietRound() {
    Machine machine = new Machine(now -> now < 300_000_000 ? 300 : now < 700_000_000 ? 100 : 250);
    RatioTimer timer = machine.timer(40);
    Runnable reference = machine.work("reference", REFERENCE);
    assertThat(timer.calibrate(reference, 0)).isEqualTo(12_000_000);
    timer.compare(reference, machine.work("work", WORK));
    machine.now = 700_000_000;
    assertThatThrownBy(() -> timer.compare(reference, machine.work("work", WORK)))
        .hasMessageContaining("up to 2.5 times");
  }

  @Test
  void roundsTakeTurnsInWhoGoesFirst() {
    Machine machine = new Machine(now -> 100);
    compare(machine, 40);
    // Rounds of r w r w and w r w r: where they meet, the same side runs on.
    assertThat(longestRun(machine.runs, "work")).isEqualTo(2);
    assertThat(longestRun(machine.runs.subList(60, machine.runs.size()), "reference"))
        .isEqualTo(2 * 3);
  }

  @Test
  void otherProgramsTimeSlicesDoNotFavourTheQuickSide() {
    // Another program takes a random half of all slices of 4 ms.
    Machine machine =
        new Machine(
            now ->
                now > 1_000_000_000 && new SplittableRandom(now / 4_000_000).nextBoolean()
                    ? 4000
                    : 100);
    RatioTimer timer = machine.timer(40);
    Runnable reference = machine.work("reference", 700_000);
    timer.calibrate(reference, 900_000_000);
    machine.now = 1_000_000_000;
    RatioEstimate estimate = timer.compare(reference, machine.work("work", 3_500_000));
    assertThat(estimate.ratio())
        .isCloseTo(5, within(5 * Math.max(0.05, 3 * estimate.spread() / 5)));
  }

  private static long longestRun(List<String> runs, String name) {
    long longest = 0;
    long current = 0;
    for (String run : runs) {
      current = run.equals(name) ? current + 1 : 0;
      longest = Math.max(longest, current);
    }
    return longest;
  }

  @Test
  void quickWorkIsRepeatedMoreOften() {
    Machine machine = new Machine(now -> 100);
    RatioTimer timer = machine.timer(40);
    Runnable reference = machine.work("reference", REFERENCE);
    timer.calibrate(reference, 0);
    machine.runs.clear();
    assertThat(timer.compare(reference, machine.work("work", 100_000)).ratio())
        .isCloseTo(0.025, within(1e-9));
    assertThat(longestRun(machine.runs, "work")).isGreaterThanOrEqualTo(30);
  }

  @Test
  void aClockThatStandsStillGivesARatioAllTheSame() {
    RatioTimer timer = new RatioTimer(() -> 5, nanos -> {}, 40, 5_000_000_000L, 0.01, 2);
    timer.calibrate(() -> {}, 0);
    assertThat(timer.compare(() -> {}, () -> {}).ratio()).isEqualTo(1);
  }

  @Test
  void hearsAnInterruption() {
    Machine machine = new Machine(now -> 100);
    RatioTimer timer = machine.timer(40);
    Runnable reference = machine.work("reference", REFERENCE);
    timer.calibrate(reference, 0);
    int[] runs = {0};
    Runnable work =
        () -> {
          machine.work("work", WORK).run();
          if (++runs[0] == 9) {
            Thread.currentThread().interrupt();
          }
        };
    assertThatThrownBy(() -> timer.compare(reference, work))
        .isInstanceOf(InterruptedRunException.class)
        .hasMessage("A measurement was interrupted after 2 rounds.\nMaybe measure again.");
    assertThat(Thread.interrupted()).isTrue();
  }
}
