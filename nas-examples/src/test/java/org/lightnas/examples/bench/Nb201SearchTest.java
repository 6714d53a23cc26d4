package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.lightnas.examples.tables.NasBenchMacroSpace;
import org.lightnas.search.population.RandomSearch;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.Scored;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.zoo.NasBench201Space;

class Nb201SearchTest {

  private static final NasBenchMacroSpace SPACE = new NasBenchMacroSpace();
  private static final Architecture A = SPACE.uniform(0);
  private static final Architecture B = SPACE.uniform(1);
  private static final Architecture C = SPACE.uniform(2);

  @Test
  void tiesCountAsTheMeanOfTheTied() {
    TabularEvaluator truth = TabularEvaluator.of("truth", SPACE, Map.of(A, 10.0, B, 20.0, C, 5.0));
    TabularEvaluator signal = TabularEvaluator.of("signal", SPACE, Map.of(A, 2.0, B, 2.0, C, 1.0));
    // Scores only what the table has.
    ScoreResult found =
        RandomSearch.builder(a -> signal.scores().getOrDefault(a, 0.0))
            .stop(StopRule.evaluations(6_561))
            .build()
            .search(SPACE);
    assertThat(found.leaders().stream().map(Scored::architecture).limit(3))
        .containsExactlyInAnyOrder(A, B, C);
    assertThat(Nb201Search.truth(found, truth, false)).isEqualTo(15);
    assertThat(Nb201Search.truth(found, truth, true)).isIn(10.0, 20.0);
  }

  /** One convolution read by two, by an edge or a skip more; and two convolutions. */
  @Test
  void refusedAreCellsOfOneFunction() {
    NasBench201Space space = new NasBench201Space();
    Architecture one = space.architecture(3, 0, 3, 0, 3, 1);
    Architecture same = space.architecture(3, 0, 1, 0, 3, 3);
    Architecture two = space.architecture(3, 3, 0, 0, 3, 3);
    Function<Architecture, String> functions =
        Nb201Search.functions(
            TabularEvaluator.of("table", space, Map.of(one, 1.0, same, 2.0, two, 3.0)));
    assertThat(functions.apply(one)).isEqualTo(functions.apply(same));
    assertThat(functions.apply(one)).isNotEqualTo(functions.apply(two));
  }

  @Test
  void bandsAreThreeErrorsOfTheDifferenceAndALittle() throws IOException {
    Baselines baselines = Baselines.read();
    double reach = 3 * Math.hypot(0.34 / Math.sqrt(300), 0.02) + 0.05;
    assertThat(baselines.band("cifar10", "random", 100, 0.02))
        .containsExactly(93.74 - reach, 93.74 + reach);
    assertThat(baselines.band("cifar10", "guided", 100, 0.02)).isNull();
    for (String dataset : List.of("cifar10", "cifar100", "imagenet16-120")) {
      for (String method : List.of("random", "evolution", "local")) {
        for (int n : new int[] {50, 100, 200, 500}) {
          assertThat(baselines.band(dataset, method, n, 0)).isNotNull();
        }
      }
    }
  }
}
