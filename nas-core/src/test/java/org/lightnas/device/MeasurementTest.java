package org.lightnas.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class MeasurementTest {

  @Test
  void upperMillisIsTwoSpreadsAbove() {
    assertThat(new Measurement(0.118, 0.002, 9, 1, 2, 4).upperMillis()).isEqualTo(0.122);
    assertThat(new Measurement(0.118, 0.002, 9, 1, 2, 4)).hasToString("0.118 ±0.002 ms");
  }

  private static Measurement measured(double millis, double spread) {
    return new Measurement(millis, spread, 7, 2, 1, 0.5);
  }

  @Test
  void togetherTheSpreadIsTheLargerOfWhatIsSaidAndWhatIsSeen() {
    Measurement said =
        Measurement.together(List.of(measured(1, 0.3), measured(1.01, 0.3), measured(0.99, 0.3)));
    assertThat(said.millis()).isEqualTo(1);
    assertThat(said.spread()).isCloseTo(1.2533 * 0.3 / Math.sqrt(3), within(1e-12));
    assertThat(said.rounds()).isEqualTo(21);
    assertThat(said.batch()).isEqualTo(2);
    Measurement seen =
        Measurement.together(List.of(measured(1, 0.01), measured(1.3, 0.01), measured(0.7, 0.01)));
    assertThat(seen.spread()).isCloseTo(1.2533 * 0.3 / Math.sqrt(3), within(1e-12));
    assertThat(Measurement.together(List.of(measured(1, 0.2), measured(1.2, 0.2))))
        .isEqualTo(new Measurement(1.1, 0.2 / Math.sqrt(2), 14, 2, 1, 0.5));
    assertThat(Measurement.together(List.of(measured(1, 0.01)))).isEqualTo(measured(1, 0.01));
    assertThatThrownBy(() -> Measurement.together(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no measurement to be taken together.");
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
