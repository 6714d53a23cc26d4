package org.lightnas.search.widths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.device.Measurement;

class MeterTest {

  private static Measurement measured(double millis, double spread) {
    return new Measurement(millis, spread, 7, 2, 1, 0.5);
  }

  @Test
  void theSpreadIsTheLargerOfWhatIsSaidAndWhatIsSeen() {
    Measurement said =
        Meter.together(List.of(measured(1, 0.3), measured(1.01, 0.3), measured(0.99, 0.3)));
    assertThat(said.millis()).isEqualTo(1);
    assertThat(said.spread()).isCloseTo(1.2533 * 0.3 / Math.sqrt(3), within(1e-12));
    assertThat(said.rounds()).isEqualTo(21);
    assertThat(said.batch()).isEqualTo(2);
    Measurement seen =
        Meter.together(List.of(measured(1, 0.01), measured(1.3, 0.01), measured(0.7, 0.01)));
    assertThat(seen.spread()).isCloseTo(1.2533 * 0.3 / Math.sqrt(3), within(1e-12));
    assertThat(Meter.together(List.of(measured(1, 0.01)))).isEqualTo(measured(1, 0.01));
  }
}
