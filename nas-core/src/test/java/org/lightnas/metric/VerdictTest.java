package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lightnas.device.Measurement;

class VerdictTest {

  private static Measurement measured(double millis, double spread) {
    return new Measurement(millis, spread, 7, 1, 1, 1);
  }

  @Test
  void saysAskedPredictedMeasuredAndWhetherItHolds() {
    assertThat(new Verdict(Metric.LATENCY, 0.15, 0.146, measured(0.118, 0.002)))
        .hasToString("asked ≤ 0.150 ms, predicted 0.146 ms, measured 0.118 ±0.002 ms: satisfied");
    assertThat(new Verdict(Metric.LATENCY, 0.15, null, measured(0.149, 0.002)))
        .hasToString("asked ≤ 0.150 ms, measured 0.149 ±0.002 ms: not satisfied");
    assertThat(new Verdict(Metric.MACS, 1_500_000, 1_400_000.0, null))
        .hasToString("asked ≤ 1,500,000 MAC, predicted 1,400,000 MAC: satisfied");
  }

  @Test
  void aMeasurementOutweighsThePrediction() {
    assertThat(new Verdict(Metric.LATENCY, 1, 2.0, measured(0.9, 0.05)).satisfied()).isTrue();
    assertThat(new Verdict(Metric.LATENCY, 1, 0.5, measured(0.9, 0.06)).satisfied()).isFalse();
  }

  @Test
  void withoutEvidenceNothingIsSatisfied() {
    assertThat(new Verdict(Metric.LATENCY, 1, null, null).satisfied()).isFalse();
  }
}
