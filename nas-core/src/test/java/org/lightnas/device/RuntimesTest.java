package org.lightnas.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.internal.Backends;

class RuntimesTest {

  @Test
  void findsTheModelNameOfTheProcessor() {
    assertThat(Runtimes.cpuModel(List.of("processor\t: 0", "model name\t: Some  CPU @ 2.00GHz ")))
        .isEqualTo("Some CPU @ 2.00GHz");
  }

  @Test
  void fallsBackToTheArchitecture() {
    assertThat(Runtimes.cpuModel(List.of("processor\t: 0", "model name\t:")))
        .isEqualTo(System.getProperty("os.arch"));
  }

  @Test
  void fingerprintNamesWhatSpeedDependsOn() {
    assertThat(Runtimes.fingerprint(Backends.description(), 2, 8))
        .contains(System.getProperty("os.arch"), "Java ", "DL4J 1.0.0-M2.1 on ", "2 threads")
        .endsWith("batch 8")
        .hasLineCount(1);
    assertThat(Runtimes.fingerprint("some", 1, 1)).contains("1 thread, ");
  }
}
