package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lightnas.examples.tables.NasBenchMacroSpace;
import org.lightnas.search.population.Scored;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;

class SearchCurveTest {

  private static final NasBenchMacroSpace SPACE = new NasBenchMacroSpace();
  private static final Architecture A = SPACE.uniform(0);
  private static final Architecture B = SPACE.uniform(1);
  private static final Architecture C = SPACE.uniform(2);

  @Test
  void tiesCountAsTheMeanOfTheTied() {
    TabularEvaluator truth = TabularEvaluator.of("truth", SPACE, Map.of(A, 10.0, B, 20.0, C, 5.0));
    SearchCurve curve = new SearchCurve(truth, List.of(1, 2, 3, 4, 9));
    StopRule.Standing any = new StopRule.Standing(1, 0, 0, Duration.ZERO);
    curve.onScored(new Scored(A, 1, 1), any);
    curve.onScored(new Scored(B, 1, 2), any);
    // A duplicate is no second one.
    curve.onScored(new Scored(B, 1, 3), any);
    curve.onScored(new Scored(C, 2, 4), any);
    assertThat(curve.after(1)).isEqualTo(10);
    assertThat(curve.after(2)).isEqualTo(15);
    assertThat(curve.after(3)).isEqualTo(15);
    assertThat(curve.after(4)).isEqualTo(5);
    assertThat(curve.after(9)).as("ended before").isEqualTo(5);
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
