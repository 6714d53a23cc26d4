package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

class StratifiedSamplerProperties {

  private static final double[][] SMALL_COSTS = SwapCosts.of(Spaces.SMALL);

  private static List<Architecture> sample(ChoiceSpace space, double[][] costs, int n, long seed) {
    return new StratifiedSampler(space, costs, new Random(seed)).sample(n);
  }

  private static double[][] costs(List<Integer> sizes, long seed) {
    Random random = new Random(seed);
    return sizes.stream()
        .map(
            k -> {
              double[] row = random.doubles(k, 0, Math.exp(3 * random.nextGaussian())).toArray();
              row[random.nextInt(k)] = 0;
              return row;
            })
        .toArray(double[][]::new);
  }

  @Property(tries = 100)
  void samplesAreDistinctAndAsManyAsAskedForOrAllThereAre(
      @ForAll @Size(min = 1, max = 6) List<@IntRange(min = 1, max = 5) Integer> sizes,
      @ForAll @IntRange(min = 2, max = 80) int count,
      @ForAll long seed) {
    ChoiceSpace space = Spaces.plain("any", sizes.stream().mapToInt(Integer::intValue).toArray());
    List<Architecture> sampled = sample(space, costs(sizes, seed), count, seed);
    assertThat(sampled).doesNotHaveDuplicates();
    int expected = Math.min(count, space.size().intValueExact());
    // The last few of a small space may escape random draws.
    assertThat(sampled.size()).isBetween((int) (0.9 * expected), expected);
  }

  @Property(tries = 100)
  void extremesAndUniformArchitecturesAreIncluded(@ForAll long seed) {
    List<Architecture> sampled = sample(Spaces.SMALL, SMALL_COSTS, 30, seed);
    assertThat(sampled)
        .contains(Spaces.SMALL.uniform(6), Spaces.SMALL.uniform(5))
        .contains(
            Spaces.SMALL.uniform(0),
            Spaces.SMALL.uniform(1),
            Spaces.SMALL.uniform(2),
            Spaces.SMALL.uniform(3),
            Spaces.SMALL.uniform(4));
  }

  @Property(tries = 50)
  void everyTenthOfTheCostRangeIsSampled(@ForAll long seed) {
    List<Architecture> sampled = sample(Spaces.SMALL, SMALL_COSTS, 60, seed);
    double dearest = SwapCosts.total(SMALL_COSTS, Spaces.SMALL.uniform(5));
    int[] tenths = new int[10];
    for (Architecture architecture : sampled) {
      double share = SwapCosts.total(SMALL_COSTS, architecture) / dearest;
      tenths[(int) Math.min(9, 10 * share)]++;
    }
    // Uniform draws alone would leave the ends empty.
    assertThat(Arrays.stream(tenths).min().orElseThrow()).isGreaterThanOrEqualTo(2);
    assertThat(Arrays.stream(tenths).max().orElseThrow()).isLessThanOrEqualTo(20);
  }

  @Property(tries = 50)
  void everyCandidateOfEveryChoiceIsSeenAboutEquallyOften(@ForAll long seed) {
    List<Architecture> sampled = sample(Spaces.SMALL, SMALL_COSTS, 60, seed);
    for (int l = 0; l < 6; l++) {
      int[] seen = new int[7];
      for (Architecture architecture : sampled) {
        seen[architecture.pick(l)]++;
      }
      assertThat(Arrays.stream(seen))
          .as("choice %d", l)
          .allMatch(count -> count >= 3 && count <= 18);
    }
  }

  @Property(tries = 20)
  void drawsAreAFunctionOfTheSeed(@ForAll long seed) {
    assertThat(sample(Spaces.SMALL, SMALL_COSTS, 40, seed))
        .isEqualTo(sample(Spaces.SMALL, SMALL_COSTS, 40, seed));
    assertThat(new HashSet<>(sample(Spaces.SMALL, SMALL_COSTS, 40, seed)))
        .isNotEqualTo(new HashSet<>(sample(Spaces.SMALL, SMALL_COSTS, 40, seed + 1)));
  }

  @Property(tries = 20)
  void encodingsOfOneNetworkAreMeasuredOnce(@ForAll long seed) {
    ChoiceSpace plain = Spaces.plain("folded", 4, 4, 4);
    ChoiceSpace folded =
        new ChoiceSpace() {
          @Override
          public String name() {
            return "folded";
          }

          @Override
          public List<Choice> choices() {
            return plain.choices();
          }

          @Override
          public Architecture canonical(Architecture architecture) {
            return architecture.pick(0) == 0 ? architecture.with(2, 0) : architecture;
          }
        };
    List<Architecture> sampled =
        sample(folded, new double[][] {{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}}, 30, seed);
    assertThat(sampled)
        .hasSize(30)
        .doesNotHaveDuplicates()
        .allSatisfy(a -> assertThat(folded.canonical(a)).isEqualTo(a));
  }
}
