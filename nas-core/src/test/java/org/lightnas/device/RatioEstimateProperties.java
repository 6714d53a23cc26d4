package org.lightnas.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class RatioEstimateProperties {

  @Property
  void scalesWithTheRatios(
      @ForAll @Size(min = 1, max = 60) List<@DoubleRange(min = 0.01, max = 100) Double> ratios,
      @ForAll @IntRange(min = -20, max = 20) int exponent) {
    double factor = Math.pow(2, exponent);
    RatioEstimate plain = RatioEstimate.of(array(ratios));
    RatioEstimate scaled =
        RatioEstimate.of(Arrays.stream(array(ratios)).map(r -> r * factor).toArray());
    assertThat(scaled.ratio()).isEqualTo(plain.ratio() * factor);
    assertThat(scaled.spread()).isCloseTo(plain.spread() * factor, within(1e-9 * factor));
  }

  @Property
  void doesNotDependOnTheOrderAndLeavesTheInputAlone(
      @ForAll @Size(min = 1, max = 60) List<@DoubleRange(min = 0.01, max = 100) Double> ratios,
      @ForAll long seed) {
    double[] given = array(ratios);
    RatioEstimate estimate = RatioEstimate.of(given);
    assertThat(given).isEqualTo(array(ratios));
    List<Double> shuffled = new java.util.ArrayList<>(ratios);
    java.util.Collections.shuffle(shuffled, new Random(seed));
    assertThat(RatioEstimate.of(array(shuffled))).isEqualTo(estimate);
  }

  @Property
  void liesWithinTheRatiosAndItsSpreadWithinTheirRange(
      @ForAll @Size(min = 2, max = 60) List<@DoubleRange(min = 0.01, max = 100) Double> ratios) {
    double[] sorted = array(ratios);
    Arrays.sort(sorted);
    RatioEstimate estimate = RatioEstimate.of(sorted);
    assertThat(estimate.ratio()).isBetween(sorted[0], sorted[sorted.length - 1]);
    assertThat(estimate.spread()).isBetween(0.0, sorted[sorted.length - 1] - sorted[0]);
    assertThat(estimate.rounds()).isEqualTo(sorted.length);
  }

  @Property
  void isNotMovedByOneOutlierAmongTen(
      @ForAll @Size(value = 10) List<@DoubleRange(min = 0.9, max = 1.1) Double> ratios,
      @ForAll @DoubleRange(min = 2, max = 1000) double outlier) {
    double[] some = array(ratios);
    some[3] = 2;
    RatioEstimate before = RatioEstimate.of(some);
    some[3] = outlier;
    assertThat(RatioEstimate.of(some)).isEqualTo(before);
  }

  @Example
  void spreadShrinksWithTheRootOfTheRounds() {
    Random random = new Random(7);
    assertThat(meanSpread(random, 40) / meanSpread(random, 160)).isCloseTo(2, within(0.2));
  }

  @Example
  void spreadIsTheStandardErrorOfTheMedian() {
    Random random = new Random(8);
    for (int rounds : new int[] {6, 11, 40}) {
      double[] medians = new double[4000];
      double spreads = 0;
      for (int i = 0; i < medians.length; i++) {
        RatioEstimate estimate = RatioEstimate.of(noisy(random, rounds));
        medians[i] = estimate.ratio() - 1;
        spreads += estimate.spread() / medians.length;
      }
      double error = Math.sqrt(Arrays.stream(medians).map(m -> m * m).average().orElseThrow());
      assertThat(spreads / error).as("%d rounds", rounds).isBetween(0.9, 1.35);
    }
  }

  @Example
  void aSingleRoundIsKnownToWithinItselfOnly() {
    assertThat(RatioEstimate.of(2.5)).isEqualTo(new RatioEstimate(2.5, 2.5, 1));
  }

  @Example
  void refusesNoRounds() {
    assertThatThrownBy(RatioEstimate::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No round was measured.");
  }

  private static double meanSpread(Random random, int rounds) {
    double sum = 0;
    for (int i = 0; i < 400; i++) {
      sum += RatioEstimate.of(noisy(random, rounds)).spread() / 400;
    }
    return sum;
  }

  private static double[] noisy(Random random, int rounds) {
    return random.doubles(rounds).map(u -> 1 + 0.05 * random.nextGaussian()).toArray();
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
