package org.lightnas.search.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.search.proxy.BatchwiseTrainingEstimation.Ranked;
import org.lightnas.space.Architecture;

class HalvingTest {

  private static List<Architecture> candidates() {
    List<Architecture> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        all.add(Few.SPACE.architecture(i, j, (i + j) % 2));
      }
    }
    return all;
  }

  @Test
  void survivorsHaveTheRanksOfWholeTrainings() {
    List<Ranked> ranked = Few.estimate().seeds(2).build().halve(candidates(), 3);
    // 9 of 2, the best 5 of 4, the best 3 of 8 batches.
    assertThat(ranked.stream().map(Ranked::batches)).containsExactly(8, 8, 8, 4, 4, 2, 2, 2, 2);
    BatchwiseTrainingEstimation whole = Few.estimate().seeds(2).build();
    for (Ranked place : ranked) {
      assertThat(place.score()).isEqualTo(whole.score(place.architecture(), place.batches()));
    }
    assertThat(ranked.subList(0, 3).stream().map(Ranked::score).toList())
        .isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(ranked.stream().map(Ranked::architecture))
        .containsExactlyInAnyOrderElementsOf(candidates());
    // Who was dropped was worse than all who went on, by what was known then.
    for (int batches : new int[] {2, 4}) {
      double worst =
          ranked.stream()
              .filter(place -> place.batches() > batches)
              .mapToDouble(place -> whole.score(place.architecture(), batches))
              .min()
              .orElseThrow();
      assertThat(ranked.stream().filter(place -> place.batches() == batches))
          .allSatisfy(place -> assertThat(place.score()).isLessThanOrEqualTo(worst));
    }
  }

  @Test
  void whoSurvivesIsNotTrainedAgain() {
    List<Architecture> asked = new ArrayList<>();
    BatchwiseTrainingEstimation bte =
        Few.estimate()
            .initialWeights(
                architecture -> {
                  asked.add(architecture);
                  return Few.SPACE.network(architecture, 3);
                })
            .reference(candidates().get(0))
            .build();
    List<Ranked> ranked = bte.halve(candidates(), 2);
    int begun = asked.size();
    assertThat(begun).isBetween(9, 10);
    assertThat(bte.score(ranked.get(0).architecture())).isEqualTo(ranked.get(0).score());
    assertThat(asked).hasSize(begun);
  }

  @Test
  void allMaySurvive() {
    List<Architecture> two = candidates().subList(0, 2);
    List<Ranked> ranked = Few.estimate().build().halve(two, 2);
    assertThat(ranked).hasSize(2).allSatisfy(place -> assertThat(place.batches()).isEqualTo(8));
  }

  @Test
  void refusesNonsense() {
    BatchwiseTrainingEstimation bte = Few.estimate().build();
    List<Architecture> two = candidates().subList(0, 2);
    for (int survivors : new int[] {0, 3}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> bte.halve(two, survivors))
          .withMessage(
              "Of 2 candidates at least 1 and at most all can survive, but not %s.", survivors);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bte.halve(List.of(two.get(0), two.get(0)), 1))
        .withMessage("Of the 2 candidates some are equal.\nMaybe make a set of them.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().batches(3).build().halve(candidates().subList(0, 4), 1))
        .withMessage(
            "3 batches cannot be halved 2 times, as 1 survivors of 4 candidates need.\n"
                + "Maybe train for more batches, or let more survive.");
  }
}
