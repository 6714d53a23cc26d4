package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.ResNet;
import org.nd4j.linalg.activations.Activation;

class GraftingBlocksTest {

  private static final FeatureShape MAP = new FeatureShape(4, 8, 8);

  /** Writes networks of maps of one shape, each node reading the one before. */
  private static final class Draft {

    private final List<Node> nodes = new ArrayList<>(List.of(new Node.Input("in", MAP)));
    private String last = "in";

    private Draft add(Node node) {
      nodes.add(node);
      last = node.name();
      return this;
    }

    private Draft from(String name) {
      last = name;
      return this;
    }

    private Draft conv(String name, Window window, boolean depthwise) {
      return add(
          new Node.Convolution(
              name, List.of(last), MAP, MAP, window, depthwise, false, new WeightInitXavier(), 0));
    }

    private Draft point(String name) {
      return conv(name, square(1), false);
    }

    private Draft full(String name) {
      return conv(name, square(3), false);
    }

    private Draft depthwise(String name) {
      return conv(name, square(3), true);
    }

    private Draft act(String name) {
      return add(new Node.Activate(name, List.of(last), MAP, Activation.RELU));
    }

    private Draft norm(String name) {
      return add(new Node.BatchNorm(name, List.of(last), MAP, 1e-3, 0.9, true, 1, 0, false));
    }

    private Draft sum(String name, String... inputs) {
      return add(new Node.Add(name, List.of(inputs), MAP));
    }

    private LayerGraph graph() {
      return new LayerGraph(nodes, last);
    }

    /** The rows of all blocks, by name. */
    private List<List<String>> rows() {
      return GraftingBlocks.of(graph()).stream()
          .map(block -> block.row().stream().map(Node::name).toList())
          .toList();
    }
  }

  private static Window square(int kernel) {
    return Window.symmetric(
        new int[] {kernel, kernel},
        new int[] {1, 1},
        new int[] {kernel / 2, kernel / 2},
        new int[] {1, 1});
  }

  @Test
  void aBranchOfASumIsABlockFromItsFirstConvolutionOn() {
    Draft draft = new Draft().full("stem").norm("n0").act("a0").full("c1").norm("n1").act("a1");
    draft.full("c2").norm("n2").sum("sum", "a0", "n2").act("after");
    assertThat(draft.rows()).containsExactly(List.of("c1", "n1", "a1", "c2", "n2"));
    // Norm and activation first, and an activation before the sum.
    Draft other = new Draft().full("stem").norm("n1").act("a1").full("c1").act("a2").full("c2");
    other.act("a3").sum("sum", "stem", "a3");
    assertThat(other.rows()).containsExactly(List.of("c1", "a2", "c2"));
  }

  @Test
  void bothBranchesOfASumMayBeBlocks() {
    Draft draft = new Draft().full("stem").full("c1").act("a1").full("c2");
    draft.from("stem").point("d1").act("b1").point("d2").sum("sum", "c2", "d2");
    assertThat(draft.rows()).containsExactly(List.of("c1", "a1", "c2"), List.of("d1", "b1", "d2"));
  }

  /** Whichever of two branches is linear, the sum has its activation, and has it once. */
  @Test
  void blocksOfOneSumShareTheActivationBehindIt() {
    Draft draft = new Draft().full("stem").full("c1").act("a1").full("c2");
    draft.from("stem").point("d1").act("b1").point("d2").sum("sum", "c2", "d2").full("next");
    GraftingSpace space = GraftingSpace.of(draft.graph());
    for (Architecture mask :
        List.of(space.architecture(1, 0), space.architecture(0, 1), space.architecture(1, 1))) {
      LayerGraph grafted = space.grafted(mask, 1);
      assertThat(grafted.node("next").inputs()).containsExactly("sum:behind");
      assertThat(grafted.node("sum:behind")).isInstanceOf(Node.Activate.class);
      assertThat(space.grafted(mask, 0.5).node("sum:behind")).isInstanceOf(Node.Add.class);
    }
    // From one to the other it stays.
    List<Linearity> first = List.of(Linearity.ALL, Linearity.NONE);
    List<Linearity> second = List.of(Linearity.NONE, Linearity.ALL);
    for (List<List<Linearity>> way : List.of(List.of(first, second), List.of(second, first))) {
      LayerGraph between = new Grafts(space.joints()).between(way.get(0), way.get(1), 0.5).graph();
      assertThat(between.node("sum:behind")).isInstanceOf(Node.Activate.class);
    }
  }

  @Test
  void sumsOfDifferentMapsAreNoBlocks() {
    Draft draft = new Draft().full("one").act("a1").full("two").act("a2").full("three");
    draft.from("in").full("other").sum("sum", "three", "other");
    assertThat(draft.rows()).hasSize(1);
    Draft apart = new Draft().full("c0").add(pool("pool", "c0"));
    apart.full("c1").act("a1").full("c2").from("in").full("d").sum("sum", "c2", "d");
    assertThat(apart.rows()).isEmpty();
  }

  private static Node pool(String name, String input) {
    return new Node.Pool(name, List.of(input), MAP, MAP, square(3), true, true);
  }

  @Test
  void depthwiseConvolutionsTakeThePointsBesideThem() {
    Draft draft = new Draft().full("stem").act("a0").point("expand").norm("n1").act("a1");
    draft.depthwise("deep").norm("n2").act("a2").point("project").norm("n3").act("after");
    assertThat(draft.rows())
        .containsExactly(List.of("expand", "n1", "a1", "deep", "n2", "a2", "project", "n3"));
  }

  /** As in the first MobileNet: each point belongs to the depthwise convolution before it. */
  @Test
  void noConvolutionBelongsToTwoBlocks() {
    Draft draft = new Draft().full("stem").act("a0").depthwise("d1").act("a1").point("p1");
    draft.act("a2").depthwise("d2").act("a3").point("p2").act("a4");
    assertThat(draft.rows()).containsExactly(List.of("d1", "a1", "p1"), List.of("d2", "a3", "p2"));
  }

  @Test
  void otherLayersAndOtherReadersAreBarriers() {
    Draft gated = new Draft().point("expand").act("a1").depthwise("deep").act("a2");
    gated.add(new Node.GlobalPool("squeeze", List.of("a2"), MAP, MAP, false));
    gated.add(new Node.Multiply("excite", List.of("a2", "squeeze"), MAP)).point("project");
    assertThat(gated.rows()).isEmpty();
    Draft read = new Draft().point("expand").act("a1").depthwise("deep").act("a2");
    read.point("project").sum("sum", "project", "a1");
    // What is left begins behind the map that is read twice.
    assertThat(read.rows()).containsExactly(List.of("deep", "a2", "project"));
  }

  @Test
  void whatIsLinearOrCannotBePaddedIsNoBlock() {
    Draft linear = new Draft().full("stem").full("c1").norm("n1").full("c2");
    assertThat(linear.sum("sum", "stem", "c2").rows()).isEmpty();
    Window lopsided = new Window(2, 2, 1, 1, 0, 0, 1, 1, 1, 1);
    Draft same = new Draft().full("stem").conv("c1", lopsided, false).act("a1").full("c2");
    assertThat(same.sum("sum", "stem", "c2").rows()).isEmpty();
  }

  @Test
  @Tag("slow")
  void foldedBlocksAreFoundAsWell() {
    FeatureShape images = new FeatureShape(3, 16, 16);
    LayeredSpace space = MobileNetV2.of(0.25, images, 4);
    ComputationGraph network = space.network(space.uniform(0), 1);
    Compressed folded = Reparameterize.batchNorms().compress(network);
    assertThat(GraftingSpace.of(folded.network()).choices())
        .isEqualTo(GraftingSpace.of(network).choices());
    Networks.close(network);
    Networks.close(folded.network());
  }

  @Test
  void whatIsLinearAlreadyIsNotOfferedAgain() {
    LayeredSpace network = ResNet.of(50, 0.125, new FeatureShape(3, 16, 16), 4);
    GraftingSpace space = GraftingSpace.of(LayerGraph.of(network, network.uniform(0)));
    LayerGraph once =
        LayerGraph.of(space, space.uniform(0).with("block2", "first_two").with("block3", "all"));
    List<Choice> left = GraftingSpace.of(once).choices();
    assertThat(left.stream().map(Choice::name))
        .hasSize(15)
        .contains("block2")
        .doesNotContain("block3");
    assertThat(left.get(1).candidates())
        .containsExactly(Linearity.NONE, Linearity.LAST_TWO, Linearity.ALL);
  }

  @Test
  void blocksAreNumberedWhereNamesDoNotTellThemApart() {
    Draft draft = new Draft().full("a/stem").full("a/c1").act("a/a1").full("a/c2");
    draft.sum("a/sum", "a/stem", "a/c2").full("a/c3").act("a/a2").full("a/c4");
    draft.sum("a/all", "a/sum", "a/c4");
    assertThat(GraftingSpace.of(draft.graph()).choices().stream().map(Choice::name))
        .containsExactly("block1", "block2");
    Draft odd = new Draft().full("stem").full("c 1").act("a1").full("c2").sum("sum", "stem", "c2");
    assertThat(GraftingSpace.of(odd.graph()).choices().stream().map(Choice::name))
        .containsExactly("block1");
    Draft plain = new Draft().full("stem").full("c1").act("a1").full("c2");
    assertThat(
            GraftingSpace.of(plain.sum("sum", "stem", "c2").graph()).choices().stream()
                .map(Choice::name))
        .containsExactly("c1");
  }
}
