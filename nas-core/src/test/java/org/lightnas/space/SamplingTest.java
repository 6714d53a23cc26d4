package org.lightnas.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Spaces.Plain;

/** Chi-square tests with fixed seeds; a right generator would fail one in a thousand seeds. */
class SamplingTest {

  private static final int DRAWS = 24_000;

  @Test
  void samplesUniformly() {
    Plain space = Spaces.ofSizes(3, 1, 4, 2);
    RandomGenerator random = Seeds.random(1, "sampling", 0);
    Map<Architecture, Integer> counts = count(() -> space.sample(random));
    assertThat(counts).hasSize(24);
    Map<Architecture, Double> expected = new HashMap<>();
    counts.keySet().forEach(architecture -> expected.put(architecture, 1.0 / 24));
    // The 0.999 quantile of chi-square with 23 degrees of freedom.
    assertThat(chiSquare(counts, expected)).isLessThan(49.73);
  }

  @Test
  void mutatesToEveryNeighbourUniformly() {
    Plain space = Spaces.ofSizes(4, 4, 4);
    RandomGenerator random = Seeds.random(2, "mutation", 0);
    Architecture from = space.architecture(0, 3, 1);
    Map<Architecture, Integer> counts = count(() -> space.mutate(from, random));
    Map<Architecture, Double> expected = new HashMap<>();
    for (int l = 0; l < 3; l++) {
      for (int k = 0; k < 4; k++) {
        if (k != from.pick(l)) {
          expected.put(from.with(l, k), 1.0 / 9);
        }
      }
    }
    assertThat(counts.keySet()).isEqualTo(expected.keySet());
    // 8 degrees of freedom.
    assertThat(chiSquare(counts, expected)).isLessThan(26.12);
  }

  /** First the choice, then the candidate, each uniformly; what has no alternative is not drawn. */
  @Test
  void mutatesChoicesOfAnySizeEquallyOften() {
    Plain space = Spaces.ofSizes(3, 1, 4, 2);
    RandomGenerator random = Seeds.random(3, "mutation", 0);
    Architecture from = space.architecture(1, 0, 2, 0);
    Map<Architecture, Integer> counts = count(() -> space.mutate(from, random));
    Map<Architecture, Double> expected = new HashMap<>();
    expected.put(from.with(0, 0), 1.0 / 6);
    expected.put(from.with(0, 2), 1.0 / 6);
    expected.put(from.with(2, 0), 1.0 / 9);
    expected.put(from.with(2, 1), 1.0 / 9);
    expected.put(from.with(2, 3), 1.0 / 9);
    expected.put(from.with(3, 1), 1.0 / 3);
    assertThat(counts.keySet()).isEqualTo(expected.keySet());
    // 5 degrees of freedom.
    assertThat(chiSquare(counts, expected)).isLessThan(20.52);
  }

  @Test
  void theSameRandomNumbersGiveTheSameArchitectures() {
    Plain space = Spaces.ofSizes(5, 5, 5, 5, 5, 5);
    Architecture sample = space.sample(Seeds.random(4, "sampling", 0));
    assertThat(space.sample(Seeds.random(4, "sampling", 0))).isEqualTo(sample);
    assertThat(space.sample(Seeds.random(5, "sampling", 0))).isNotEqualTo(sample);
  }

  @Test
  void refusesToMutateTheOnlyArchitecture() {
    Plain space = Spaces.ofSizes(1, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> space.mutate(space.uniform(0), Seeds.random(1, "mutation", 0)))
        .withMessage("Space 'plain' holds one architecture only: no mutation.");
  }

  private static Map<Architecture, Integer> count(Supplier<Architecture> draw) {
    Map<Architecture, Integer> counts = new HashMap<>();
    for (int i = 0; i < DRAWS; i++) {
      counts.merge(draw.get(), 1, Integer::sum);
    }
    return counts;
  }

  private static double chiSquare(
      Map<Architecture, Integer> counts, Map<Architecture, Double> shares) {
    double sum = 0;
    for (Map.Entry<Architecture, Double> share : shares.entrySet()) {
      double expected = share.getValue() * DRAWS;
      double difference = counts.getOrDefault(share.getKey(), 0) - expected;
      sum += difference * difference / expected;
    }
    return sum;
  }
}
