package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.zoo.NasBench201Space;

class PredictorBenchTest {

  private static final NasBench201Space SPACE = new NasBench201Space();
  private static final double[] COSTS = {0.5, 1, 2, 4, 3};

  private static double truth(Architecture cell) {
    double sum = 7;
    for (int k : cell.picks()) {
      sum += COSTS[k];
    }
    return sum;
  }

  private static Profile profile(int n) {
    Random random = new Random(1);
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    while (millis.size() < n) {
      Architecture cell = SPACE.sample(random);
      millis.put(cell, truth(cell));
    }
    return Profile.of(SPACE, "paper", millis);
  }

  @Test
  void operationCountsAreFoundExactly() {
    Predictor fitted = OpCounts.fit(profile(20));
    for (int k = 0; k < 5; k++) {
      assertThat(fitted.predict(SPACE.uniform(k))).isCloseTo(truth(SPACE.uniform(k)), within(1e-6));
    }
  }

  @Test
  void aSplitIsFixedAndItsPartsShareNothing() {
    Profile all = profile(400);
    PredictorSplit split = PredictorSplit.of("cpu", all);
    assertThat(split)
        .isEqualTo(PredictorSplit.of("cpu", all))
        .isNotEqualTo(PredictorSplit.of("gpu", all));
    assertThat(split.test().samples()).hasSize(100);
    List<Profile.Sample> both = new ArrayList<>(split.test().samples());
    both.addAll(split.rest().samples());
    assertThat(both).containsExactlyInAnyOrderElementsOf(all.samples());
    Profile drawn = split.draw(20, 1);
    assertThat(drawn).isEqualTo(split.draw(20, 1)).isNotEqualTo(split.draw(20, 2));
    assertThat(split.rest().samples()).containsAll(drawn.samples());
    assertThat(drawn.samples()).hasSize(20);
  }

  @Test
  void scoresAreThoseOfTheTestSetAndMeansOverSeeds() {
    PredictorSplit split = PredictorSplit.of("cpu", profile(400));
    PredictorScore exact =
        split.judge(Predictor.of(SPACE, Metric.LATENCY, PredictorBenchTest::truth));
    assertThat(exact).isEqualTo(new PredictorScore(1, exact.kendall(), 0, 1, 1));
    assertThat(exact.kendall()).isCloseTo(1, within(1e-12));
    assertThat(
            PredictorScore.mean(
                List.of(
                    new PredictorScore(1, 0.8, 0.1, 0.5, 1),
                    new PredictorScore(0.5, 0.6, 0.3, 0.5, 0))))
        .isEqualTo(new PredictorScore(0.75, 0.7, 0.2, 0.5, 0.5));
  }
}
