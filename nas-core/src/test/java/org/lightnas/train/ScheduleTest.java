package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void risesLinearlyAndFallsAsHalfACosine() {
    Schedule schedule = new Schedule(0.4, 3, 11);
    assertThat(schedule.rate(0)).isCloseTo(0.1, within(1e-12));
    assertThat(schedule.rate(1)).isCloseTo(0.2, within(1e-12));
    assertThat(schedule.rate(2)).isCloseTo(0.3, within(1e-12));
    assertThat(schedule.rate(3)).isCloseTo(0.4, within(1e-12));
    assertThat(schedule.rate(5)).isCloseTo(0.2 * (1 + Math.sqrt(0.5)), within(1e-12));
    assertThat(schedule.rate(7)).isCloseTo(0.2, within(1e-12));
    assertThat(schedule.rate(10)).isPositive().isLessThan(0.02);
    assertThat(schedule.rate(11)).isCloseTo(0, within(1e-12));
    assertThat(schedule.rate(12)).isCloseTo(0, within(1e-12));
  }

  @Test
  void withoutWarmUpBeginsAtThePeak() {
    assertThat(new Schedule(0.4, 0, 1).rate(0)).isEqualTo(0.4);
  }

  @Test
  void rejectsPeaksThatAreNotPositive() {
    for (double peak : new double[] {0, -0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Schedule(peak, 0, 10))
          .withMessage("The peak learning rate must be positive: %s.", peak);
    }
  }

  @Test
  void rejectsAWarmUpThatDoesNotFit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Schedule(0.1, 10, 10))
        .withMessage("A warm-up of 10 steps does not fit into 10 steps.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Schedule(0.1, -1, 10))
        .withMessage("A warm-up of -1 steps does not fit into 10 steps.");
  }
}
