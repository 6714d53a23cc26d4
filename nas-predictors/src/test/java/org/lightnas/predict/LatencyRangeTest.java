package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LatencyRangeTest {

  private static final LatencyRange RANGE =
      new LatencyRange(Duration.ofMillis(2), Duration.ofMillis(12));

  @Test
  void fractionsLieBetweenTheEnds() {
    assertThat(RANGE.at(0)).isEqualTo(Duration.ofMillis(2));
    assertThat(RANGE.at(0.4)).isEqualTo(Duration.ofMillis(6));
    assertThat(RANGE.at(1)).isEqualTo(Duration.ofMillis(12));
    assertThat(RANGE).hasToString("2.000 … 12.000 ms");
  }

  @Test
  void rejectsFractionsOutsideAndReversedEnds() {
    assertThatThrownBy(() -> RANGE.at(1.1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The fraction of a latency range must be within 0 and 1, but is 1.1.");
    assertThatThrownBy(() -> RANGE.at(Double.NaN)).hasMessageEndingWith("but is NaN.");
    assertThatThrownBy(() -> new LatencyRange(Duration.ofMillis(2), Duration.ofMillis(1)))
        .hasMessage("A range cannot reach from PT0.002S down to PT0.001S.");
  }
}
