package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

class CollapseWatchTest {

  private static final PlainSpace SPACE = PlainSpace.ofSizes(2, 2, 2, 2, 2, 2, 2, 2);

  /** The second candidate of each choice has nothing to learn and saves 1. */
  private static final boolean[] FREE = {false, true};

  private static final Predictor COST =
      Predictor.of(
          SPACE,
          Metric.LATENCY,
          a -> {
            double sum = 10;
            for (int pick : a.picks()) {
              sum -= pick;
            }
            return sum;
          });

  private final List<String> said = new ArrayList<>();

  private CollapseWatch watch(double lower, double upper) {
    boolean[][] free = new boolean[8][];
    Arrays.fill(free, FREE);
    return new CollapseWatch(
        SPACE,
        free,
        Projector.of(List.of(Constraint.atMost(upper, COST))),
        new double[] {lower},
        new double[] {upper},
        10,
        1,
        said::add);
  }

  private static final Architecture ALL_FREE = SPACE.uniform(1);

  @Test
  void aHealthySearchIsLeftAlone() {
    CollapseWatch watch = watch(0, 10);
    watch.look(1.2, 0.1, 0.8, SPACE.uniform(0));
    watch.look(1.0, 1, 0.3, SPACE.architecture(0, 1, 0, 1, 0, 1, 0, 1));
    assertThat(said).isEmpty();
  }

  @Test
  void saysWhenCandidatesWithoutWeightsWinMoreThanTheBoundExplains() {
    CollapseWatch watch = watch(0, 10);
    watch.look(1.0, 1, 0.3, ALL_FREE);
    watch.look(1.0, 1, 0.3, ALL_FREE);
    assertThat(said).hasSize(1);
    assertThat(said.get(0))
        .matches(
            "100 % of the choices take a candidate without weights; of random architectures at the"
                + " bound \\d+ ±\\d+ % do: the search may have collapsed\\.\n"
                + "Maybe warm up longer, or compare with another seed\\.");
  }

  @Test
  void aBoundThatAsksForThemExplainsThem() {
    CollapseWatch watch = watch(0, 2);
    watch.look(1.0, 1, 0.3, ALL_FREE);
    assertThat(said).isEmpty();
  }

  @Test
  void saysWhenChoicesAreDecidedTooEarlyOrNotAtAll() {
    CollapseWatch watch = watch(0, 10);
    watch.look(1.0, 0.2, 0.05, SPACE.uniform(0));
    watch.look(1.0, 1, 0.95, SPACE.uniform(0));
    assertThat(said)
        .containsExactly(
            "The choices are decided after 20 % of the passes for it (entropy 0.05), before weights"
                + " can tell.\nMaybe warm up longer, or search longer.",
            "The choices are still undecided at the end (entropy 0.95): the bounds decide, and"
                + " chance.\nMaybe search longer, or with more images.");
  }

  @Test
  void saysWhenWeightsDoNotLearn() {
    CollapseWatch watch = watch(0, 10);
    watch.look(2.5, 0, 1, SPACE.uniform(0));
    assertThat(said).as("in the warm-up").isEmpty();
    watch.look(2.5, 0.1, 1, SPACE.uniform(0));
    assertThat(said)
        .containsExactly(
            "The weights do not learn: their mean loss over the last epoch is 2.500, and a guess has"
                + " 2.303.\nMaybe lower the learning rate, or check images and labels.");
  }
}
