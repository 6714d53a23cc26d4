package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lightnas.graph.Node;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.widths.ChannelSpace;

class WidthPredictorTest {

  private static final ChannelSpace WIDTHS =
      ChannelSpace.of(Spaces.SMALL.architecture(0, 1, 6, 3, 0, 1));

  /** Every layer has its own price of an operation, and a value its price, the same for all. */
  private static double truth(Architecture architecture) {
    double millis = 0.05;
    for (Node node : WIDTHS.graph(architecture).nodes()) {
      double price = 0.7 + 0.6 * ((node.name().hashCode() & 15) / 15.0);
      millis += price * node.macs() / 2e7;
      if (node.macs() > 0) {
        millis += node.output().size() / 2e6;
      }
    }
    return millis;
  }

  private static Profile profile(int n, double noise, long seed, Predicate<Architecture> measured) {
    Random random = new Random(seed);
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    while (millis.size() < n) {
      Architecture drawn = WIDTHS.sample(random);
      if (measured.test(drawn)) {
        millis.putIfAbsent(drawn, truth(drawn) * (1 + noise * random.nextGaussian()));
      }
    }
    return Profile.of(WIDTHS, "paper device", millis);
  }

  /** The mean relative error on architectures that were not measured. */
  private static double error(Predictor predictor) {
    Random random = new Random(99);
    return IntStream.range(0, 300)
        .mapToObj(i -> WIDTHS.sample(random))
        .mapToDouble(a -> Math.abs(predictor.predict(a) / truth(a) - 1))
        .average()
        .orElseThrow();
  }

  @Test
  void learnsWhatLayersCostAsAProductOfTheirSides() {
    Profile profile = profile(60, 0, 1, a -> true);
    WidthPredictor fitted = WidthPredictor.fit(profile);
    assertThat(error(fitted)).isLessThan(0.002);
    assertThat(error(LatencyTable.fit(profile))).isGreaterThan(0.01);
    assertThat(fitted.report().orElseThrow().medianError()).isLessThan(0.005);
  }

  @Test
  void staysWithinTheNoiseOfFewSamplesAndBeatsATable() {
    double own = 0;
    double table = 0;
    for (int seed = 0; seed < 5; seed++) {
      Profile profile = profile(40, 0.01, seed, a -> true);
      own += error(WidthPredictor.fit(profile)) / 5;
      table += error(LatencyTable.fit(profile)) / 5;
    }
    assertThat(own).isLessThan(0.012).isLessThan(0.7 * table);
  }

  @Test
  void isChosenWhereWidthsMultiply() {
    Selection selection =
        Predictors.best(
            profile(60, 0.003, 3, a -> true),
            List.of(LatencyTable.family(), WidthPredictor.family()));
    assertThat(selection.predictor()).isInstanceOf(WidthPredictor.class);
  }

  @Test
  void saysWhichWidthsWereNeverMeasured() {
    // The first three choices never wider than found.
    Architecture start = WIDTHS.start();
    WidthPredictor fitted =
        WidthPredictor.fit(
            profile(
                50, 0.01, 1, a -> IntStream.range(0, 3).allMatch(l -> a.pick(l) <= start.pick(l))));
    assertThat(fitted.estimate(start).extrapolated()).isFalse();
    WidthPredictor.Estimate beyond =
        fitted.estimate(start.with("stem.0.conv", "c24").with("block2.k3e6.expand", "c144"));
    assertThat(beyond.extrapolated()).isTrue();
    assertThat(fitted.extrapolates(start)).isFalse();
    assertThat(beyond.beyond()).containsExactly("stem.0.conv", "block2.k3e6.expand");
    assertThat(beyond.millis()).isPositive();
    assertThat(beyond)
        .asString()
        .matches(
            "\\d+\\.\\d{3} ms, extrapolated beyond \\[stem\\.0\\.conv, block2\\.k3e6\\.expand]");
  }

  @Test
  void saysWhenOnlyTheCombinationIsNew() {
    // One half of the layers is wide where the other is narrow: no sample is wide as a whole.
    int[] last = WIDTHS.uniform(100).picks();
    Predicate<Architecture> mixed =
        a -> {
          double wide = 0;
          for (int l = 0; l < last.length; l++) {
            wide += (l % 2 == 0 ? 1.0 : -1) * a.pick(l) / last[l];
          }
          double sum = Arrays.stream(a.picks()).sum() / (double) Arrays.stream(last).sum();
          return Math.abs(wide) > 1 && Math.abs(sum - 0.5) < 0.1;
        };
    Profile profile = profile(60, 0.01, 2, mixed);
    WidthPredictor fitted = WidthPredictor.fit(profile);
    WidthPredictor.Estimate all = fitted.estimate(WIDTHS.uniform(100));
    assertThat(all.beyond()).isEmpty();
    assertThat(all.extrapolated()).isTrue();
    assertThat(all).asString().endsWith(" ms, extrapolated as a whole");
    for (Profile.Sample sample : profile.samples()) {
      assertThat(fitted.estimate(sample.architecture()).extrapolated()).isFalse();
    }
    assertThat(fitted.estimate(profile.samples().get(0).architecture()).millis())
        .isEqualTo(fitted.predict(profile.samples().get(0).architecture()));
  }

  @Test
  void knowsItsDeviceAndIsDeterministic() {
    Profile profile = profile(30, 0.01, 4, a -> true);
    WidthPredictor fitted = WidthPredictor.fit(profile);
    assertThat(fitted.metric()).isEqualTo(Metric.LATENCY);
    assertThat(fitted.space()).isEqualTo(WIDTHS);
    assertThat(fitted.fingerprint()).contains("paper device");
    assertThat(fitted.quality()).isPresent();
    assertThat(fitted).hasToString("latency of widths of space '" + WIDTHS.name() + "'");
    assertThat(WidthPredictor.family().name()).isEqualTo("widths");
    assertThat(WidthPredictor.family().fit(profile).quality()).isEmpty();
    assertThat(fitted.withReport(fitted.report().orElseThrow()).predict(WIDTHS.start()))
        .isEqualTo(WidthPredictor.fit(profile).predict(WIDTHS.start()));
  }

  @Test
  void neverPredictsLessThanATenthOfTheLeastMeasured() {
    // Latency that falls steeply, from networks that are all wide.
    int[] last = WIDTHS.uniform(100).picks();
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    for (int l = 0; l < last.length; l++) {
      Architecture wide = WIDTHS.uniform(100);
      millis.put(wide.with(l, last[l] - 1), 1.0);
      millis.putIfAbsent(wide, 3.0);
    }
    WidthPredictor fitted = WidthPredictor.fit(Profile.of(WIDTHS, "steep", millis));
    assertThat(fitted.predict(WIDTHS.uniform(0))).isGreaterThanOrEqualTo(0.1);
  }

  @Test
  void refusesWhatHasNoWidths() {
    assertThatThrownBy(() -> WidthPredictor.fit(profile(3, 0, 1, a -> true)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Latencies of widths are fitted on at least 4 samples, but the profile of space '%s'"
                + " has 3.",
            WIDTHS.name());
    ChoiceSpace plain = Spaces.plain("plain", 4, 4);
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    for (int k = 0; k < 4; k++) {
      millis.put(plain.uniform(k), 1.0 + k);
    }
    assertThatThrownBy(() -> WidthPredictor.fit(Profile.of(plain, "paper", millis)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Space 'plain' describes choices only, so its architectures have no layers with"
                + " widths.\nMaybe fit a LatencyTable.");
    List<Architecture> others = new ArrayList<>();
    for (int k = 0; k < 5; k++) {
      others.add(Spaces.SMALL.uniform(k));
    }
    Map<Architecture, Double> operations = new LinkedHashMap<>();
    others.forEach(a -> operations.put(a, 1.0));
    assertThatThrownBy(() -> WidthPredictor.fit(Profile.of(Spaces.SMALL, "paper", operations)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Networks of space 'lightnas-small' differ in more than widths: ")
        .hasMessageEndingWith("\nMaybe fit a LatencyTable.");
  }
}
