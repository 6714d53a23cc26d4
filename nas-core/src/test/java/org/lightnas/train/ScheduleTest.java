package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void risesLinearlyAndFallsAsHalfACosine() {
    LearningRate schedule = new LearningRate(0.4, Schedule.cosine(), 3, 11, 11);
    assertThat(schedule.at(0)).isCloseTo(0.1, within(1e-12));
    assertThat(schedule.at(1)).isCloseTo(0.2, within(1e-12));
    assertThat(schedule.at(2)).isCloseTo(0.3, within(1e-12));
    assertThat(schedule.at(3)).isCloseTo(0.4, within(1e-12));
    assertThat(schedule.at(5)).isCloseTo(0.2 * (1 + Math.sqrt(0.5)), within(1e-12));
    assertThat(schedule.at(7)).isCloseTo(0.2, within(1e-12));
    assertThat(schedule.at(10)).isPositive().isLessThan(0.02);
    assertThat(schedule.at(11)).isCloseTo(0, within(1e-12));
    assertThat(schedule.at(12)).isCloseTo(0, within(1e-12));
  }

  @Test
  void withoutWarmUpBeginsAtThePeak() {
    assertThat(new LearningRate(0.4, Schedule.cosine(), 0, 1, 1).at(0)).isEqualTo(0.4);
  }

  @Test
  void rejectsPeaksThatAreNotPositive() {
    for (double peak : new double[] {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new LearningRate(peak, Schedule.cosine(), 0, 10, 1))
          .withMessage("The peak learning rate must be positive: %s.", peak);
    }
  }

  @Test
  void rejectsAWarmUpThatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LearningRate(0.1, Schedule.cosine(), 10, 10, 1))
        .withMessage("A warm-up of 10 steps does not fit into 10 steps.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LearningRate(0.1, Schedule.cosine(), -1, 10, 1))
        .withMessage("A warm-up of -1 steps does not fit into 10 steps.");
  }

  private static double[] rates(Schedule schedule, int warmup) {
    LearningRate rate = new LearningRate(0.8, schedule, warmup, 10, 2);
    return LongStream.range(0, 10).mapToDouble(rate::at).toArray();
  }

  @Test
  void aDecayFallsAfterEverySoManyEpochsCountedFromTheStart() {
    assertThat(rates(Schedule.decay(0.5, 2), 0))
        .containsExactly(
            new double[] {0.8, 0.8, 0.8, 0.8, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2}, within(1e-12));
    assertThat(rates(Schedule.decay(0.5, 2), 3))
        .containsExactly(
            new double[] {0.2, 0.4, 0.6, 0.8, 0.4, 0.4, 0.4, 0.4, 0.2, 0.2}, within(1e-12));
  }

  @Test
  void milestonesFallAfterTheEpochsNamed() {
    assertThat(rates(Schedule.milestones(0.1, 1, 4), 1))
        .containsExactly(
            new double[] {0.4, 0.8, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08, 0.008, 0.008},
            within(1e-12));
  }

  @Test
  void aConstantStaysAtThePeak() {
    assertThat(rates(Schedule.constant(), 3))
        .containsExactly(
            new double[] {0.2, 0.4, 0.6, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8}, within(1e-12));
  }

  @Test
  void rejectsStairsThatAreNone() {
    for (double factor : new double[] {0, 1, -1, Double.NaN}) {
      for (ThrowingCallable made :
          List.<ThrowingCallable>of(
              () -> Schedule.decay(factor, 1), () -> Schedule.milestones(factor, 1))) {
        assertThatIllegalArgumentException()
            .isThrownBy(made)
            .withMessage(
                "The factor of a falling rate must lie between 0 and 1, but is %s.", factor);
      }
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.decay(0.1, 0))
        .withMessage("The rate can fall every 1 or more epochs, not 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.milestones(0.1, 60, 60))
        .withMessage("Milestones must be positive and rise, but are [60, 60].");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LearningRate(0.1, Schedule.cosine(), 0, 10, 0))
        .withMessage("An epoch needs at least one step, but has 0.");
  }
}
