package org.lightnas;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ProvenanceTest {

  @Test
  void namesWhatDecidesAResult() {
    Clock clock = Clock.fixed(Instant.parse("2026-03-04T05:06:07.890Z"), ZoneOffset.ofHours(9));
    Provenance provenance = Provenance.capture("nd4j CpuBackend", "stripes 0123", 42, clock);
    assertThat(provenance.facts().keySet())
        .containsExactly(
            "library", "java", "system", "processors", "kernels", "data", "seed", "time");
    assertThat(provenance.facts())
        .containsEntry("library", "development build")
        .containsEntry("processors", "" + Runtime.getRuntime().availableProcessors())
        .containsEntry("kernels", "nd4j CpuBackend")
        .containsEntry("data", "stripes 0123")
        .containsEntry("seed", "42")
        .containsEntry("time", "2026-03-04T05:06:07Z");
    assertThat(provenance.java()).endsWith(System.getProperty("java.version"));
    assertThat(provenance.system()).startsWith(System.getProperty("os.name"));
  }

  @Test
  void anUnreachableBoundComesWithTheLeastThatIsReachable() {
    var exception = new InfeasibleConstraintException("too low", 0.5, 3.25);
    assertThat(exception).isInstanceOf(NasException.class).hasMessage("too low");
    assertThat(exception.bound()).isEqualTo(0.5);
    assertThat(exception.least()).isEqualTo(3.25);
  }
}
