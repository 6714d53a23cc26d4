package org.lightnas.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MetricTest {

  @Test
  void metricsAreEqualByValue() {
    assertThat(new Metric("latency", "ms")).isEqualTo(Metric.LATENCY);
  }

  @Test
  void needsANameAndAUnit() {
    assertThatThrownBy(() -> new Metric("latency", " "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A metric needs a name and a unit, but got 'latency' and ' '.");
  }
}
