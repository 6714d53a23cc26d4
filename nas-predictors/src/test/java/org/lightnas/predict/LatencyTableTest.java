package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Metric;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

class LatencyTableTest {

  private static final ChoiceSpace PAIR = Spaces.plain("pair", 2, 3);
  private static final LatencyTable TABLE =
      LatencyTable.of(PAIR, 1, new double[][] {{0, 0.5}, {2, -0.25, 0.125}});

  @Test
  void predictsTheConstantPlusOneEntryPerChoice() {
    assertThat(TABLE.predict(PAIR.architecture(1, 0))).isEqualTo(3.5);
    assertThat(TABLE.metric()).isEqualTo(Metric.LATENCY);
    assertThat(TABLE.space()).isSameAs(PAIR);
    assertThat(TABLE.constant()).isEqualTo(1);
    assertThat(TABLE.fingerprint()).isEmpty();
    assertThat(TABLE.referenceMillis()).isEmpty();
    assertThat(TABLE.report()).isEmpty();
    assertThat(TABLE).hasToString("latency table of space 'pair'");
  }

  @Test
  void handsOutCopiesOfTheTable() {
    double[][] given = {{0, 1}, {0, 1, 2}};
    LatencyTable table = LatencyTable.of(PAIR, 1, given);
    given[0][0] = 9;
    table.table()[1][2] = 9;
    assertThat(table.table()).isDeepEqualTo(new double[][] {{0, 1}, {0, 1, 2}});
  }

  @Test
  void rangeIsThatOfAllArchitectures() {
    assertThat(TABLE.range().min()).hasNanos(750_000);
    assertThat(TABLE.range().max()).hasNanos(3_500_000);
  }

  @Test
  @Tag("slow")
  void recoversAKnownAdditiveDeviceToAboutItsNoise() {
    double tableError = 0;
    double reportedRmse = 0;
    double noise = 0;
    for (int seed = 0; seed < 8; seed++) {
      LatencyTable truth = Spaces.truth(Spaces.SMALL, seed);
      Profile profile = Spaces.profile(Spaces.SMALL, truth::predict, 0.01, 60, seed);
      LatencyTable fitted = LatencyTable.fit(profile);
      tableError += relativeError(fitted, truth::predict) / 8;
      reportedRmse += fitted.report().orElseThrow().rmse() / 8;
      for (Profile.Sample sample : profile.samples()) {
        noise += 0.01 * truth.predict(sample.architecture()) / profile.samples().size() / 8;
      }
    }
    // 36 free numbers from 60 samples of 1 % noise each; the report sees the samples' noise too.
    assertThat(tableError).isLessThan(0.015);
    assertThat(reportedRmse / noise).isBetween(1.0, 2.5);
  }

  @Test
  void aFittedTableKnowsItsDeviceAndHasAReport() {
    LatencyTable truth = Spaces.truth(Spaces.SMALL, 1);
    LatencyTable fitted =
        LatencyTable.fit(Spaces.profile(Spaces.SMALL, truth::predict, 0.01, 60, 2));
    assertThat(fitted.fingerprint()).contains("paper device, batch 1");
    assertThat(fitted.referenceMillis()).contains(0.9);
    PredictorReport report = fitted.report().orElseThrow();
    assertThat(report.samples()).isEqualTo(60);
    assertThat(report.folds()).isEqualTo(10);
    assertThat(report.within(0.05)).isGreaterThan(0.9);
    assertThat(report.spearman()).isGreaterThan(0.99);
    assertThat(fitted.range().min().toNanos() / 1e6).isCloseTo(fitted.constant(), within(1e-5));
  }

  @Test
  void withoutNoiseTheTableIsNearlyExact() {
    LatencyTable truth = Spaces.truth(Spaces.SMALL, 3);
    LatencyTable fitted = LatencyTable.fit(Spaces.profile(Spaces.SMALL, truth::predict, 0, 120, 2));
    assertThat(relativeError(fitted, truth::predict)).isLessThan(0.003);
  }

  @Test
  void fewSamplesAreEnoughWhereLatencyFollowsTheOperationsWork() {
    LatencyTable truth = Spaces.truth(Spaces.SMALL, 4);
    LatencyTable fitted =
        LatencyTable.fit(Spaces.profile(Spaces.SMALL, truth::predict, 0.01, 24, 5));
    assertThat(relativeError(fitted, truth::predict)).isLessThan(0.05);
  }

  @Test
  void theReportOfADeviceWithInteractionsSaysThatATableDoesNotFit() {
    LatencyTable truth = Spaces.truth(Spaces.SMALL, 1);
    // Two neighbours of the same operation run twice as long together.
    ToDoubleFunction<Architecture> interacting =
        a -> {
          int pairs = 0;
          for (int l = 1; l < 6; l++) {
            pairs += a.pick(l) % 2 == a.pick(l - 1) % 2 ? 1 : 0;
          }
          return truth.predict(a) * (1 + 0.2 * pairs);
        };
    PredictorReport additive =
        LatencyTable.fit(Spaces.profile(Spaces.SMALL, truth::predict, 0.01, 60, 2))
            .report()
            .orElseThrow();
    PredictorReport crooked =
        LatencyTable.fit(Spaces.profile(Spaces.SMALL, interacting, 0.01, 60, 2))
            .report()
            .orElseThrow();
    assertThat(crooked.medianError()).isGreaterThan(5 * additive.medianError());
    assertThat(crooked.within(0.05)).isLessThan(0.6);
    assertThat(crooked.rmse()).isGreaterThan(5 * additive.rmse());
  }

  @Test
  void fitsSpacesThatHaveNoNetworks() {
    Random random = new Random(1);
    ChoiceSpace space = Spaces.plain("plain", 3, 3, 3);
    LatencyTable truth =
        LatencyTable.of(space, 2, new double[][] {{0, 1, 2}, {0, 1.1, 2.2}, {0, 0.9, 1.9}});
    List<Profile.Sample> samples =
        new StratifiedSampler(space, SwapCosts.of(space), random)
            .sample(20).stream()
                .map(a -> new Profile.Sample(a, Spaces.measurement(truth.predict(a))))
                .toList();
    LatencyTable fitted = LatencyTable.fit(new Profile(space, "paper", samples));
    assertThat(fitted.predict(space.uniform(2)))
        .isCloseTo(truth.predict(space.uniform(2)), within(0.1));
  }

  @Test
  void fittingIsDeterministic() {
    Profile profile =
        Spaces.profile(Spaces.SMALL, Spaces.truth(Spaces.SMALL, 1)::predict, 0.02, 30, 2);
    assertThat(LatencyTable.fit(profile)).isEqualTo(LatencyTable.fit(profile));
  }

  @Test
  void fittedLatenciesArePositiveThoughTheBestFitHasNone() {
    // Latency falls by a factor of a million from one candidate to the next, in every choice.
    ChoiceSpace space = Spaces.plain("steep", 2, 2, 2);
    List<Profile.Sample> samples =
        List.of(
            sample(space, 1e-3, 0, 1, 1),
            sample(space, 1e-3, 1, 0, 1),
            sample(space, 1e-3, 1, 1, 0),
            sample(space, 3, 1, 1, 1));
    LatencyTable fitted = LatencyTable.fit(new Profile(space, "paper", samples));
    assertThat(fitted.predict(space.uniform(0))).isPositive();
    assertThat(fitted.constant()).isPositive();
  }

  @Test
  void refusesProfilesOfFewerThanThreeSamples() {
    Profile profile =
        new Profile(PAIR, "paper", List.of(sample(PAIR, 1, 0, 0), sample(PAIR, 2, 1, 1)));
    assertThatThrownBy(() -> LatencyTable.fit(profile))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "A table is fitted on at least 3 samples, but the profile of space 'pair' has 2.\n"
                + "Maybe use LatencyTable.of.");
  }

  @Test
  void refusesTablesThatDoNotFitTheSpace() {
    assertThatThrownBy(() -> LatencyTable.of(PAIR, 1, new double[][] {{1, 2}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Space 'pair' has 2 choices, but the table has 1 rows.");
    assertThatThrownBy(() -> LatencyTable.of(PAIR, 1, new double[][] {{1, 2}, {1, 2}}))
        .hasMessage(
            "Choice 'c1' of space 'pair' has 3 candidates, but its row of the table has 2.");
    assertThatThrownBy(() -> LatencyTable.of(PAIR, 1, new double[][] {{1, Double.NaN}, {1, 2, 3}}))
        .hasMessage("The entry of choice 'c0', candidate 'a1' must be finite, but is NaN ms.");
    assertThatThrownBy(() -> LatencyTable.of(PAIR, Double.NaN, new double[][] {{1, 2}, {1, 2, 3}}))
        .hasMessage("The constant of a table must be finite, but is NaN ms.");
    assertThatThrownBy(() -> LatencyTable.of(PAIR, -3, new double[][] {{1, 2}, {1, 2, 3}}))
        .hasMessage(
            "The table of space 'pair' gives -1.0 ms for architecture a0-a0, but latencies are"
                + " positive.\nMaybe raise the constant, which is -3.0 ms.");
  }

  @Test
  void refusesArchitecturesOfAnotherSpaceNamingBoth() {
    Architecture foreign = Spaces.plain("other", 2, 3).uniform(0);
    String message = "Architecture a0-a0 belongs to space 'other', not to 'pair'.";
    assertThatThrownBy(() -> TABLE.predict(foreign))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(() -> TABLE.sensitivity(foreign)).hasMessage(message);
  }

  @Test
  void predictsArchitecturesOfAnEqualSpace() {
    assertThat(TABLE.predict(Spaces.plain("pair", 2, 3).uniform(0))).isEqualTo(3);
  }

  private static double relativeError(LatencyTable fitted, ToDoubleFunction<Architecture> truth) {
    Random random = new Random(99);
    double sum = 0;
    for (int i = 0; i < 500; i++) {
      Architecture a = Spaces.SMALL.sample(random);
      sum += Math.pow(fitted.predict(a) / truth.applyAsDouble(a) - 1, 2);
    }
    return Math.sqrt(sum / 500);
  }

  static Profile.Sample sample(ChoiceSpace space, double millis, int... picks) {
    return new Profile.Sample(space.architecture(picks), Spaces.measurement(millis));
  }
}
