package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.examples.tables.NasBenchMacroSpace;

class PopulationSpeedTest {

  private static final NasBenchMacroSpace SPACE = new NasBenchMacroSpace();

  @AfterEach
  void clear() {
    System.clearProperty("method");
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "evolution", "local", "pareto"})
  @Tag("slow")
  void saysHowFastAndHowOftenAScoreWasKnown(String method) {
    Map<String, Object> result = PopulationSpeed.run(SPACE, method, 20_000);
    assertThat(result).containsEntry("candidates", 20_000L);
    // Of 3^8 architectures at most all are asked for once.
    assertThat((double) result.get("hit_rate")).isBetween(1 - 6_561 / 20_000.0, 1.0);
    assertThat((double) result.get("candidates_per_s")).isPositive();
    assertThat((double) result.get("heap_mb_most"))
        .isGreaterThanOrEqualTo((double) result.get("heap_mb_last"));
  }

  @Test
  void namesItsMethods() {
    System.setProperty("method", "luck");
    assertThatIllegalArgumentException()
        .isThrownBy(PopulationSpeed::main)
        .withMessage(
            "There is no method 'luck'.\nMaybe give -Dmethod=random,evolution,local,pareto.");
  }
}
