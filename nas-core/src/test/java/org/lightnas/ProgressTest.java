package org.lightnas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {

  @Test
  void expectsTheRestToGoAsFastAsWhatWasDone() {
    Progress progress = new Progress("search", 100, 400, Duration.ofMillis(11_700));
    assertThat(progress.left()).isEqualTo(Duration.ofMillis(35_100));
    assertThat(progress).hasToString("search 100/400, 35 s left");
  }

  @Test
  void promisesNothingBeforeTheFirstStepAndNothingMoreAfterTheLast() {
    assertThat(new Progress("search", 0, 400, Duration.ofSeconds(3)).left()).isZero();
    assertThat(new Progress("search", 400, 400, Duration.ofSeconds(3)).left()).isZero();
  }

  @Test
  void rejectsCountsOutsideOfTheWhole() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Progress("search", 5, 4, Duration.ZERO))
        .withMessage("Progress of 'search' cannot be 5 of 4.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Progress("search", -1, 4, Duration.ZERO))
        .withMessage("Progress of 'search' cannot be -1 of 4.");
  }

  /** 30 steps took 6 s here; 100 were done by another run. */
  @Test
  void estimatesFromWhatWasDoneInItsOwnTimeOnly() {
    Progress resumed = new Progress("training", 130, 400, Duration.ofSeconds(6), 100);
    assertThat(resumed.left()).isEqualTo(Duration.ofSeconds(54));
    assertThat(resumed).hasToString("training 130/400, 54 s left");
    assertThat(new Progress("training", 100, 400, Duration.ofSeconds(6), 100).left()).isZero();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Progress("training", 100, 400, Duration.ZERO, 101))
        .withMessage("Of 100 steps of 'training', 101 cannot have been done before.");
  }
}
