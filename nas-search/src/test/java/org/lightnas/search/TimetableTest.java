package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimetableTest {

  private static String phases(Timetable timetable) {
    return IntStream.range(0, timetable.total())
        .mapToObj(pass -> timetable.phase(pass).name().substring(0, 2))
        .collect(Collectors.joining(" "));
  }

  @Test
  void alternatesPassByPass() {
    assertThat(phases(new Timetable(2, 3, 1))).isEqualTo("WA WA WE LO WE LO WE LO");
  }

  @Test
  void alternatesEpochByEpochAndTheLastMayBeShorter() {
    assertThat(phases(new Timetable(1, 5, 2))).isEqualTo("WA WE WE LO LO WE WE LO LO WE LO");
  }

  @Test
  void togetherEveryPassIsOfBoth() {
    Timetable timetable = new Timetable(2, 3, Timetable.TOGETHER);
    assertThat(phases(timetable)).isEqualTo("WA WA TO TO TO");
    assertThat(timetable.weightPasses()).isEqualTo(5).isEqualTo(timetable.total());
    for (int pass = 0; pass < 5; pass++) {
      assertThat(timetable.index(pass)).isEqualTo(pass);
      assertThat(timetable.logitPassesBefore(pass)).isEqualTo(Math.max(0, pass - 2));
    }
  }

  /** Each kind counts without a gap, whatever the pattern. */
  @Test
  void everyPassOfAKindHasItsOwnNumber() {
    for (int warmup = 0; warmup < 4; warmup++) {
      for (int pairs = 1; pairs < 9; pairs++) {
        for (int run = 1; run < 5; run++) {
          Timetable timetable = new Timetable(warmup, pairs, run);
          List<Integer> weights = new ArrayList<>();
          List<Integer> logits = new ArrayList<>();
          for (int pass = 0; pass < timetable.total(); pass++) {
            assertThat(timetable.logitPassesBefore(pass)).isEqualTo(logits.size());
            boolean ofLogits = timetable.phase(pass) == Phase.LOGITS;
            (ofLogits ? logits : weights).add(timetable.index(pass));
          }
          assertThat(weights)
              .isEqualTo(IntStream.range(0, timetable.weightPasses()).boxed().toList());
          assertThat(logits).isEqualTo(IntStream.range(0, pairs).boxed().toList());
        }
      }
    }
  }
}
