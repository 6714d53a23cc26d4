package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MapEquivalenceTest {

  private static Equivalence differing(double difference) {
    return new Equivalence(8, difference, 2, Equivalence.LIMIT);
  }

  @Test
  void holdsOnlyIfBorderAndInteriorDo() {
    Equivalence same = differing(1e-6);
    Equivalence other = differing(1e-3);
    assertThat(new MapEquivalence("conv", 4, same, same).holds()).isTrue();
    assertThat(new MapEquivalence("conv", 4, other, same).holds()).isFalse();
    assertThat(new MapEquivalence("conv", 4, same, other).holds()).isFalse();
    assertThat(new MapEquivalence("conv", 4, same, other).relativeError()).isEqualTo(5e-4);
    assertThat(new MapEquivalence("conv", 4, other, same).relativeError()).isEqualTo(5e-4);
    assertThat(new MapEquivalence("conv", 4, differing(Double.NaN), same).holds()).isFalse();
  }

  @Test
  void isOneLineOfText() {
    assertThat(new MapEquivalence("conv", 24, differing(2e-6), differing(1e-6)))
        .hasToString("'conv': 1.0e-06 at the border (24 pixels), 5.0e-07 inside");
    assertThat(new MapEquivalence("conv", 1, differing(0), differing(0)).toString())
        .contains("(1 pixel)");
  }

  @Test
  void comparesOnlyTheValuesAskedFor() {
    double[] before = {1, -3, 5};
    double[] after = {1, -3.5, Double.NaN};
    assertThat(Equivalence.among(2, before, after, i -> i < 2))
        .isEqualTo(new Equivalence(2, 0.5, 3, Equivalence.LIMIT));
    assertThat(Equivalence.among(2, before, after, i -> i == 2).holds()).isFalse();
    assertThat(Equivalence.among(2, before, after, i -> false).maxOutput()).isZero();
  }

  @Test
  void isListedByCompressorsBehindEachOther() {
    MapEquivalence map = new MapEquivalence("a", 1, differing(0), differing(0));
    MapEquivalence worse = new MapEquivalence("b", 2, differing(1e-5), differing(0));
    Compressed both = with(map).followedBy(with(worse));
    assertThat(both.maps()).containsExactly(map, worse);
    assertThat(both.report())
        .contains(
            "\nof 2 merged maps at most: 'b': 5.0e-06 at the border (2 pixels), 0.0e+00 inside\n");
  }

  private static Compressed with(MapEquivalence map) {
    Compressed sample = CompressedTest.sample(1e-6);
    return new Compressed(
        sample.network(),
        sample.steps(),
        sample.before(),
        sample.after(),
        sample.equivalence(),
        List.of(map),
        List.of(),
        null);
  }
}
