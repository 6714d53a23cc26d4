package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lightnas.space.Architecture;

class FairPathsTest {

  private static final PlainSpace SPACE = PlainSpace.ofSizes(7, 3, 1, 7);

  @Test
  void picksEveryCandidateOfEveryChoiceEquallyOften() {
    FairPaths paths = new FairPaths(SPACE, 42);
    int[][] counts = new int[4][7];
    for (int step = 0; step < 21; step++) {
      Architecture path = paths.at(step);
      for (int l = 0; l < 4; l++) {
        counts[l][path.pick(l)]++;
      }
      if (step == 6) {
        assertThat(counts[0]).containsOnly(1);
        assertThat(counts[3]).containsOnly(1);
      }
    }
    assertThat(counts[0]).containsOnly(3);
    assertThat(counts[1]).startsWith(7, 7, 7);
    assertThat(counts[2][0]).isEqualTo(21);
    assertThat(counts[3]).containsOnly(3);
  }

  @Test
  void everyRoundHasItsOwnOrderAndEveryChoiceItsOwn() {
    FairPaths paths = new FairPaths(SPACE, 42);
    Set<String> orders = new HashSet<>();
    for (int round = 0; round < 10; round++) {
      for (int l : new int[] {0, 3}) {
        int[] order = new int[7];
        for (int i = 0; i < 7; i++) {
          order[i] = paths.at(7 * round + i).pick(l);
        }
        orders.add(Arrays.toString(order));
      }
    }
    assertThat(orders).hasSizeGreaterThan(15);
  }

  @Test
  void isAFunctionOfSeedAndStep() {
    FairPaths paths = new FairPaths(SPACE, 1);
    Architecture fifth = paths.at(5);
    paths.at(100);
    assertThat(paths.at(5)).isEqualTo(fifth).isEqualTo(new FairPaths(SPACE, 1).at(5));
    long differing =
        IntStream.range(0, 30)
            .filter(i -> !new FairPaths(SPACE, 2).at(i).equals(paths.at(i)))
            .count();
    assertThat(differing).isGreaterThan(20);
  }

  @Test
  void aRoundHoldsEveryCandidateOfTheLargestChoiceOnce() {
    PlainSpace space = PlainSpace.ofSizes(4, 1, 2);
    FairPaths paths = new FairPaths(space, 3);
    for (int round = 0; round < 5; round++) {
      List<Architecture> drawn = paths.round(round);
      assertThat(drawn).hasSize(4);
      assertThat(drawn.stream().map(a -> a.pick(0))).containsExactlyInAnyOrder(0, 1, 2, 3);
      assertThat(drawn.stream().map(a -> a.pick(2))).containsExactlyInAnyOrder(0, 0, 1, 1);
    }
  }
}
