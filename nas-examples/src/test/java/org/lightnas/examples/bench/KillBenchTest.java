package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KillBenchTest {

  @TempDir private Path folder;

  @Test
  void refusesUnknownPhases() {
    System.setProperty("phases", "search,lunch");
    try {
      assertThatIllegalArgumentException()
          .isThrownBy(KillBench::main)
          .withMessage(
              "There is no phase 'lunch'.\n"
                  + "Maybe give -Dphases=search,profile,training,compression,writing.");
    } finally {
      System.clearProperty("phases");
    }
  }

  /** The short form of the benchmark; what a half-written file is, {@link WholeFilesTest} knows. */
  @ParameterizedTest
  @EnumSource
  @Tag("slow")
  void whatIsKilledGoesOnAsIfNothingHadHappened(KillWork.Phase phase) throws Exception {
    Map<String, Object> figures = KillBench.of(phase, folder, 2, 7);
    assertThat(figures)
        .containsEntry("phase", phase.label())
        .containsEntry("kills", 2)
        .containsEntry("half_written", 0)
        .containsEntry("identical", true);
    assertThat((int) figures.get("resumed") + (int) figures.get("absent")).isEqualTo(2);
  }
}
