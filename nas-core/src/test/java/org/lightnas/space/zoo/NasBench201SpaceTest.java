package org.lightnas.space.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace.Link;

class NasBench201SpaceTest {

  private static final NasBench201Space SPACE = new NasBench201Space();

  /** Cell 0 of the benchmark, and the numbers of its operations in the order of the edges. */
  private static final String CELL =
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|"
          + "+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|";

  private static final int[] PICKS = {4, 2, 1, 2, 1, 1};

  @Test
  void hasFiveOperationsOnSixEdges() {
    assertThat(SPACE.choices().stream().map(Choice::name))
        .containsExactly("1_0", "2_0", "2_1", "3_0", "3_1", "3_2");
    assertThat(SPACE.choices())
        .allSatisfy(
            choice ->
                assertThat(choice.candidates().stream().map(Candidate::id))
                    .containsExactly(
                        "none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"));
    assertThat(SPACE.size()).isEqualTo(BigInteger.valueOf(15_625));
    assertThat(SPACE).isEqualTo(new NasBench201Space()).hasToString("nasbench201 (15,625 cells)");
  }

  @Test
  void anEdgeFeedsThoseThatBeginWhereItEnds() {
    assertThat(SPACE.links())
        .containsExactlyInAnyOrder(new Link(0, 2), new Link(0, 4), new Link(1, 5), new Link(2, 5));
  }

  @Test
  void readsAndWritesTheFormOfTheBenchmark() {
    assertThat(SPACE.parse(CELL)).isEqualTo(SPACE.architecture(PICKS));
    assertThat(SPACE.format(SPACE.architecture(PICKS))).isEqualTo(CELL);
    IntStream.range(0, 15_625)
        .mapToObj(NasBench201SpaceTest::cell)
        .forEach(cell -> assertThat(SPACE.parse(SPACE.format(cell))).isEqualTo(cell));
  }

  @Test
  void refusesTextOfAnotherForm() {
    for (String text :
        List.of(
            "",
            "|none~0|+|none~0|none~1|",
            CELL + "+",
            CELL.replace("~2", "~1"),
            CELL.replace("+", ""),
            "none~0+|none~0|none~1|+|none~0|none~1|none~2|")) {
      assertThatThrownBy(() -> SPACE.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "A cell of space 'nasbench201' looks like "
                  + "'|none~0|+|none~0|none~1|+|none~0|none~1|none~2|', but this is '%s'.",
              text);
    }
    assertThatThrownBy(() -> SPACE.parse(CELL.replace("avg", "max")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Choice '1_0' does not offer 'max_pool_3x3'; it offers [none, ");
  }

  @Test
  void refusesArchitecturesOfOtherSpaces() {
    Architecture foreign = LightNasSpace.small(new FeatureShape(3, 32, 32), 10).uniform(0);
    String message =
        "Architecture k3e3-k3e3-k3e3-k3e3-k3e3-k3e3 belongs to space 'lightnas-small',"
            + " not to 'nasbench201'.";
    assertThatThrownBy(() -> SPACE.format(foreign)).hasMessage(message);
    assertThatThrownBy(() -> SPACE.reachable(foreign)).hasMessage(message);
  }

  @Test
  void dropsWhatDoesNotReachTheOutput() {
    // Node 1 is read by nobody, so what leads to it is dead; node 2 gets nothing but is read.
    assertThat(SPACE.reachable(SPACE.architecture(3, 0, 0, 2, 0, 4)))
        .isEqualTo(SPACE.architecture(0, 0, 0, 2, 0, 4));
    // Node 2 reads node 1, but nobody reads node 2.
    assertThat(SPACE.reachable(SPACE.architecture(3, 3, 3, 1, 0, 0)))
        .isEqualTo(SPACE.architecture(0, 0, 0, 1, 0, 0));
    assertThat(SPACE.reachable(SPACE.architecture(3, 3, 3, 0, 0, 0))).isEqualTo(SPACE.uniform(0));
    assertThat(SPACE.reachable(SPACE.uniform(3))).isEqualTo(SPACE.uniform(3));
  }

  @Test
  void keepsExactlyTheEdgesWithAWayToTheOutputOfEveryCell() {
    // By edge, the ways on from its end: edges all of which must carry an operation.
    int[][][] ways = {{{4}, {2, 5}}, {{5}}, {{5}}, {{}}, {{}}, {{}}};
    for (int i = 0; i < 15_625; i++) {
      Architecture cell = cell(i);
      int[] expected = cell.picks();
      for (int l = 0; l < ways.length; l++) {
        boolean reaches =
            Arrays.stream(ways[l]).anyMatch(w -> Arrays.stream(w).allMatch(e -> cell.pick(e) != 0));
        expected[l] = reaches ? expected[l] : 0;
      }
      assertThat(SPACE.reachable(cell).picks()).isEqualTo(expected);
    }
  }

  private static Architecture cell(int index) {
    return SPACE.architecture(
        IntStream.range(0, 6).map(l -> index / (int) Math.pow(5, l) % 5).toArray());
  }
}
