package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class SeedsTest {

  /** Published results name seeds: another derivation would make other results of them. */
  @Test
  void derivesTheSameSeedsForever() {
    assertThat(Seeds.derive(42, "weights", 0)).isEqualTo(8059692064225563754L);
    assertThat(Seeds.derive(42, "weights", 1)).isEqualTo(-9051818545076524821L);
    assertThat(Seeds.derive(42, "gates", 0)).isEqualTo(-8734262065952741324L);
    assertThat(Seeds.derive(-1, "", Long.MIN_VALUE)).isEqualTo(-580606673856880730L);
    assertThat(Seeds.random(42, "gates", 7).nextLong()).isEqualTo(-4649141443968020278L);
  }

  @Test
  void everyPartOfTheKeyMatters() {
    Set<Long> seen = new HashSet<>();
    String[] purposes = {"", "a", "b", "ab", "ba", "a ", "aa", "search", "Search"};
    for (long seed = -3; seed <= 3; seed++) {
      for (String purpose : purposes) {
        for (long step = -1; step <= 20; step++) {
          seen.add(Seeds.derive(seed, purpose, step));
        }
      }
    }
    assertThat(seen).hasSize(7 * 9 * 22);
  }

  /** Bits of neighbouring steps and of two purposes agree as often as those of coins. */
  @Test
  void neighboursAreIndependent() {
    int n = 4000;
    int alongSteps = 0;
    int acrossPurposes = 0;
    int acrossSeeds = 0;
    for (int step = 0; step < n; step++) {
      long own = Seeds.derive(1, "search", step);
      alongSteps += Long.bitCount(own ^ Seeds.derive(1, "search", step + 1));
      acrossPurposes += Long.bitCount(own ^ Seeds.derive(1, "train", step));
      acrossSeeds += Long.bitCount(own ^ Seeds.derive(2, "search", step));
    }
    // 64 n fair coins: four standard deviations are 2 sqrt(64 n), one wrong alarm in 16,000.
    double allowed = 2 * Math.sqrt(64.0 * n);
    assertThat(Math.abs(alongSteps - 32.0 * n)).isLessThan(allowed);
    assertThat(Math.abs(acrossPurposes - 32.0 * n)).isLessThan(allowed);
    assertThat(Math.abs(acrossSeeds - 32.0 * n)).isLessThan(allowed);
  }

  @Test
  void theSameKeyStartsTheSameGenerator() {
    RandomGenerator one = Seeds.random(9, "noise", 3);
    RandomGenerator other = Seeds.random(9, "noise", 3);
    for (int i = 0; i < 100; i++) {
      assertThat(one.nextLong()).isEqualTo(other.nextLong());
    }
  }
}
