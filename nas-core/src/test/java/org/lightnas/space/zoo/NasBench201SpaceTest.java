package org.lightnas.space.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Cost;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace.Link;
import org.lightnas.space.SearchSpace;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NasBench201SpaceTest {

  private static final NasBench201Space SPACE = new NasBench201Space();

  /** Cell 0 of the benchmark, and the numbers of its operations in the order of the edges. */
  private static final String CELL =
      "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|"
          + "+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|";

  private static final int[] PICKS = {4, 2, 1, 2, 1, 1};

  /** Float32, means of nine numbers of about 1. */
  private static final Offset<Double> CLOSE = within(1e-5);

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

  /** The figures of the benchmark for CIFAR-10. */
  @Test
  void itsNetworksHaveThePublishedParameters() {
    assertThat(Cost.of(SPACE.uniform(3)).parameters()).isEqualTo(1_531_546);
    for (int l = 0; l < 6; l++) {
      assertThat(Cost.of(SPACE.uniform(3).with(l, 1)).parameters()).isEqualTo(1_288_506);
    }
    // Without operations, the fixed part alone; edges that lead nowhere count.
    assertThat(Cost.of(SPACE.uniform(4))).isEqualTo(Cost.of(SPACE.uniform(0)));
    assertThat(Cost.of(SPACE.uniform(0).with(2, 3)))
        .isEqualTo(Cost.of(SPACE.uniform(0).with(5, 3)));
  }

  @Test
  void takesOtherImagesAndClasses() {
    NasBench201Space other = new NasBench201Space(new FeatureShape(3, 16, 16), 120);
    long more = 110 * 65;
    assertThat(Cost.of(other.uniform(3)).parameters()).isEqualTo(1_531_546 + more);
    assertThat(other.read(other.uniform(2).toJson())).isEqualTo(other.uniform(2));
    assertThatThrownBy(() -> new NasBench201Space(new FeatureShape(3, 3, 32), 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A network of NAS-Bench-201 halves images twice, but they are of 3x3x32.");
    assertThatThrownBy(() -> new NasBench201Space(new FeatureShape(3, 32, 32), 1))
        .hasMessage("A classifier needs at least 2 classes, but has 1.");
  }

  /** What the operations do, on one channel: all else of a network does not tell them apart. */
  @Test
  void averagesLeaveThePaddingOutAndNothingIsZero() {
    ComputationGraph network = SPACE.network(SPACE.parse(CELL).with(1, 0), 1);
    INDArray images = Nd4j.rand(DataType.FLOAT, 2, 3, 32, 32);
    Map<String, INDArray> values = network.feedForward(images, false);
    INDArray in = values.get("stem/bn");
    INDArray pooled = values.get("1_0/avg_pool_3x3/0");
    assertThat(pooled.getDouble(1, 5, 0, 0)).isCloseTo(mean(in, 1, 5, 0, 2, 0, 2), CLOSE);
    assertThat(pooled.getDouble(0, 3, 8, 31)).isCloseTo(mean(in, 0, 3, 7, 10, 30, 32), CLOSE);
    assertThat(pooled.getDouble(0, 3, 8, 5)).isCloseTo(mean(in, 0, 3, 7, 10, 4, 7), CLOSE);
    assertThat(values.get("2_0/none/0").amaxNumber().doubleValue()).isZero();
    assertThat(values.get("2_1/skip_connect/0")).isEqualTo(pooled);
    assertThat(values.get("cell0/node2")).isEqualTo(pooled);
    Networks.close(network);
  }

  private static double mean(
      INDArray images, int image, int channel, int top, int bottom, int left, int right) {
    return IntStream.range(top, bottom)
        .boxed()
        .flatMap(y -> IntStream.range(left, right).mapToObj(x -> new int[] {image, channel, y, x}))
        .mapToDouble(images::getDouble)
        .average()
        .orElseThrow();
  }

  @Test
  @Tag("slow")
  void knowsTheClassesOfTheBenchmarkAndThoseOfFunctions() {
    assertThat(SPACE.publishedId(SPACE.parse(CELL)))
        .isEqualTo("(0)@avg_pool_3x3+(0)@avg_pool_3x3+(0)@nor_conv_1x1+(0)@nor_conv_1x1");
    List<Architecture> all =
        IntStream.range(0, 15_625).mapToObj(NasBench201SpaceTest::cell).toList();
    assertThat(all.stream().map(SPACE::publishedId).distinct().count()).isEqualTo(6_466);
    assertThat(all.stream().map(SPACE::canonicalId).distinct().count()).isEqualTo(5_044);
    Map<String, Set<String>> functions = new HashMap<>();
    for (Architecture cell : all) {
      functions
          .computeIfAbsent(SPACE.publishedId(cell), id -> new HashSet<>())
          .add(SPACE.canonicalId(cell));
    }
    assertThat(functions.values().stream().filter(some -> some.size() > 1)).hasSize(430);
  }

  @Test
  void aConvolutionThatIsReadTwiceIsNotTwo() {
    // In the order 1_0, 2_0, 2_1, 3_0, 3_1, 3_2.
    Architecture twice = SPACE.architecture(3, 0, 3, 0, 3, 1);
    assertThat(SPACE.canonicalId(twice)).isEqualTo("((0)3a)3b+((0)3a)3c");
    Architecture two = SPACE.architecture(3, 3, 0, 0, 3, 3);
    assertThat(SPACE.canonicalId(two)).isEqualTo("((0)3a)3b+((0)3c)3d");
    // Published accuracies on CIFAR-100 are 64.08 and 66.31 %. By its own rule this one is the same
    // as the second, and computes the same as the first.
    Architecture skipped = SPACE.architecture(3, 0, 1, 0, 3, 3);
    assertThat(SPACE.publishedId(skipped)).isEqualTo(SPACE.publishedId(two));
    assertThat(SPACE.canonicalId(skipped)).isEqualTo(SPACE.canonicalId(twice));
  }

  private static Architecture cell(int index) {
    return SPACE.architecture(
        IntStream.range(0, 6).map(l -> index / (int) Math.pow(5, l) % 5).toArray());
  }

  /** Cells of a proxy have the same picks; their networks are smaller, but of the same kind. */
  @Test
  void searchesUseTheSameCellsInSmallerNetworks() {
    SearchSpace proxy = SPACE.proxy(8, 1);
    assertThat(proxy.choices()).isEqualTo(SPACE.choices());
    assertThat(proxy.links()).isEqualTo(SPACE.links());
    assertThat(proxy).isEqualTo(SPACE.proxy(8, 1)).isNotEqualTo(SPACE.proxy(8, 2));
    assertThat(proxy).hasToString("nasbench201-8x1 (15,625 cells)");
    Architecture cell = proxy.architecture(PICKS);
    LayerGraph small = LayerGraph.of(proxy, cell);
    assertThat(small.nodes().stream().filter(node -> node.name().endsWith("/node3"))).hasSize(3);
    assertThat(small.node("head/bn").output()).isEqualTo(new FeatureShape(32, 8, 8));
    // With the benchmark's own numbers it is the benchmark's network.
    SearchSpace whole = SPACE.proxy(16, 5);
    assertThat(LayerGraph.of(whole, whole.architecture(PICKS)))
        .isEqualTo(LayerGraph.of(SPACE, SPACE.architecture(PICKS)));
    assertThatThrownBy(() -> proxy.toConfiguration(SPACE.architecture(PICKS)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SPACE.proxy(8, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A network of cells needs channels and cells, but is to have 8 and 0.");
  }
}
