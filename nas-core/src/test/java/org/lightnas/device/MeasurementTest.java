package org.lightnas.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MeasurementTest {

  @Test
  void upperMillisIsTwoSpreadsAbove() {
    assertThat(new Measurement(0.118, 0.002, 9, 1, 2, 4).upperMillis()).isEqualTo(0.122);
    assertThat(new Measurement(0.118, 0.002, 9, 1, 2, 4)).hasToString("0.118 ±0.002 ms");
  }

  @Test
  void rejectsWhatNoClockShows() {
    assertThatThrownBy(() -> new Measurement(Double.NaN, 0, 1, 1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A latency of NaN ms cannot have been measured.");
    assertThatThrownBy(() -> new Measurement(0, 0, 1, 1, 1, 1))
        .hasMessage("A latency of 0.0 ms cannot have been measured.");
    assertThatThrownBy(() -> new Measurement(1, -0.1, 1, 1, 1, 1))
        .hasMessage("A spread of -0.1 ms cannot have been measured.");
    assertThatThrownBy(() -> new Measurement(1, 0, 1, 1, 1, Double.POSITIVE_INFINITY))
        .hasMessage("A reference latency of Infinity ms cannot have been measured.");
    assertThatThrownBy(() -> new Measurement(1, 0, 0, 2, 3, 1))
        .hasMessage("Rounds, batch and threads must be positive, but are 0, 2 and 3.");
  }
}
