package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SurgeMemoryTest {

  @Test
  @Tag("slow")
  void activationsDoNotGrowWithTheCandidatesButWeightsDo() {
    Map<String, Object> two = SurgeMemory.side(2, 2, 4);
    Map<String, Object> four = SurgeMemory.side(4, 2, 4);
    assertThat(four.get("activation_mb")).isEqualTo(two.get("activation_mb"));
    assertThat((double) four.get("weight_mb")).isGreaterThan((double) two.get("weight_mb"));
    assertThat((double) two.get("activation_taken_mb"))
        .isLessThanOrEqualTo((double) two.get("activation_mb"));
  }

  @Test
  void refusesMoreCandidatesThanItHas() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SurgeMemory.side(8, 2, 4))
        .withMessage(
            "A choice can have 2 to 7 candidates, but -Dpaths has 8.\nMaybe give -Dpaths=2,4,7.");
  }
}
