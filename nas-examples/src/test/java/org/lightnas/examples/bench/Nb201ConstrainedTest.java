package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lightnas.NasException;
import org.lightnas.examples.bench.Nb201Constrained.Measured;
import org.lightnas.examples.bench.Nb201Constrained.Outcome;
import org.lightnas.examples.tables.PublishedDevice;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.Profile;
import org.lightnas.search.population.LocalSearch;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.zoo.NasBench201Space;

class Nb201ConstrainedTest {

  private static final NasBench201Space SPACE = new NasBench201Space();

  /** Of the cells of one operation: 1 to 5 ms; the fourth was not measured. */
  private static Profile profile() {
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    for (int k = 0; k < 5; k++) {
      if (k != 3) {
        millis.put(SPACE.uniform(k), k + 1.0);
      }
    }
    return Profile.of(SPACE, "nasbench201 on paper", millis);
  }

  private static TabularEvaluator truth() {
    Map<Architecture, Double> scores = new LinkedHashMap<>();
    for (int k = 0; k < 5; k++) {
      scores.put(SPACE.uniform(k), 10.0 * k);
    }
    return TabularEvaluator.of("truth", SPACE, scores);
  }

  @Test
  void theBestIsOfThoseMeasuredWithinTheBound() {
    Measured measured = Measured.of(profile());
    assertThat(measured.quantile(0.5)).isEqualTo(2);
    assertThat(measured.quantile(0.51)).isEqualTo(3);
    assertThat(measured.quantile(1)).isEqualTo(5);
    assertThat(measured.best(truth(), 2.9)).isEqualTo(10);
    assertThat(measured.best(truth(), 4)).isEqualTo(20);
    assertThat(measured.within(truth(), 2.9)).containsExactlyInAnyOrder(0, 10);
  }

  @Test
  void whatTheTableDoesNotHoldIsNotSearched() {
    Measured measured = Measured.of(profile());
    assertThat(measured.known().admits(SPACE.uniform(0))).isTrue();
    assertThat(measured.known().admits(SPACE.uniform(3))).isFalse();
  }

  @Test
  void answersAreMeasured() {
    Measured measured = Measured.of(profile());
    // Says half of what is true, so 4 of 5 ms seem to be within 2.5.
    Predictor half =
        Predictor.of(
            SPACE,
            Metric.LATENCY,
            a -> measured.device().knows(a) ? measured.device().measurement(a).millis() / 2 : 9);
    Outcome outcome = measured.run(LocalSearch.builder(truth()).build(), half, 2.5, truth(), 10);
    assertThat(outcome.answered()).isTrue();
    assertThat(outcome.violated()).isFalse();
    assertThat(outcome.over()).isTrue();
    assertThat(outcome.regret()).isZero();
    assertThat(outcome.measured()).isGreaterThan(1);
  }

  @Test
  void tablesMeasureNothingElse() {
    PublishedDevice device = PublishedDevice.of(profile());
    assertThat(device.measure(SPACE, SPACE.uniform(1), 7).millis()).isEqualTo(2);
    assertThatThrownBy(() -> device.measure(SPACE, SPACE.uniform(3), 7))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "The device [nasbench201 on paper] never measured architecture "
                + SPACE.uniform(3).id()
                + ".");
    assertThatThrownBy(() -> device.measure(null))
        .isInstanceOf(NasException.class)
        .hasMessage("The device [nasbench201 on paper] is a table, which runs no network.");
  }
}
