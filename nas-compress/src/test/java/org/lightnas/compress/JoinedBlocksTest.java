package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.Node.Convolution;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.ResNet;

/** Masks that join blocks, and the networks that they stand for. */
class JoinedBlocksTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 16, 16);

  private static final LayeredSpace ROW =
      LayeredSpace.named("row", IMAGE, 4)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("a", new MbConv(3, 2, 8, 1))
          .choice("b", new MbConv(3, 2, 8, 1))
          .choice("c", new MbConv(3, 2, 8, 2))
          .choice("d", new MbConv(3, 2, 8, 1))
          .build();

  private static GraftingSpace of(LayeredSpace network) {
    return GraftingSpace.of(LayerGraph.of(network, network.uniform(0)));
  }

  private static List<String> offered(GraftingSpace space, int l) {
    return space.choices().get(l).candidates().stream().map(Candidate::id).toList();
  }

  @Test
  void blocksMayBeJoinedWithTheNextWhereTheKernelIsSmallEnough() {
    GraftingSpace space = of(ROW).joining(5);
    assertThat(offered(space, 0)).containsExactly("none", "all", "joined");
    assertThat(offered(space, 1)).contains("joined");
    // Behind a stride of 2 a kernel counts double: 3 + 2 * 2.
    assertThat(offered(space, 2)).containsExactly("none", "all");
    assertThat(offered(space, 3)).containsExactly("none", "all");
    assertThat(offered(of(ROW).joining(7), 2)).contains("joined");
    assertThat(of(ROW).joints().possible()).isEmpty();
    assertThat(of(ROW).joining(7).joints().possible())
        .containsExactly(
            new BlockSpan(0, 1), new BlockSpan(0, 2), new BlockSpan(1, 2), new BlockSpan(2, 3));
    assertThat(space.joints().kernel(new BlockSpan(0, 2))).isEqualTo(7);
    // Basic blocks are 5x5 each.
    GraftingSpace basic = of(ResNet.of(20, 0.5, IMAGE, 4));
    assertThat(basic.joining(7)).isNotEqualTo(basic);
    assertThat(basic.joining(7).choices()).isEqualTo(basic.choices());
    assertThat(offered(basic.joining(9), 0)).contains("joined");
  }

  @Test
  void kernelsOfJoinedBlocksHaveALeastSize() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(ROW).joining(2))
        .withMessage(
            "Joined blocks have kernels of 3 at least, so the largest cannot be 2.\n"
                + "Maybe take 5, which two blocks of 3x3 have, or 7.");
  }

  @Test
  void spacesThatJoinAreOthers() {
    GraftingSpace plain = of(ROW);
    assertThat(plain.joining(7)).isEqualTo(of(ROW).joining(7)).hasSameHashCodeAs(plain);
    assertThat(plain.joining(5)).isNotEqualTo(plain).isNotEqualTo(plain.joining(7));
    assertThat(plain.joining(7))
        .hasToString("grafting (3x16x16, 4 classes, 4 blocks, joined up to 7x7)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.joining(7).toConfiguration(plain.uniform(0)))
        .withMessageEndingWith(
            "not to 'grafting (3x16x16, 4 classes, 4 blocks, joined up to 7x7)'.");
  }

  @Test
  void whatJoinsNothingIsTheSameAsLinear() {
    GraftingSpace space = of(ROW).joining(7);
    assertThat(canonical(space, "joined", "none", "all", "all")).isEqualTo("all-none-all-all");
    assertThat(canonical(space, "joined", "all", "joined", "all"))
        .isEqualTo("joined-all-joined-all");
    // Four of them would be 11x11; what fits is joined from the first on.
    assertThat(canonical(space, "joined", "joined", "joined", "all"))
        .isEqualTo("joined-joined-all-all");
    assertThat(canonical(space, "none", "none", "none", "none")).isEqualTo("none-none-none-none");
    Architecture idle = mask(space, "joined", "none", "all", "all");
    assertThat(LayerGraph.of(space, idle))
        .isEqualTo(LayerGraph.of(space, space.canonical(idle)))
        .isEqualTo(LayerGraph.of(of(ROW), of(ROW).architecture(1, 0, 1, 1)));
  }

  private static Architecture mask(GraftingSpace space, String... ids) {
    Architecture mask = space.uniform(0);
    for (int l = 0; l < ids.length; l++) {
      mask = mask.with(l, space.choices().get(l).indexOf(ids[l]));
    }
    return mask;
  }

  private static String canonical(GraftingSpace space, String... ids) {
    return space.canonical(mask(space, ids)).id();
  }

  @Test
  void joinedBlocksArePaddedOnceAndBendBehindTheLast() {
    GraftingSpace space = of(ROW).joining(7);
    LayerGraph graph = LayerGraph.of(space, mask(space, "none", "joined", "all", "none"));
    // 1 for the first, 1 before the second.
    Convolution first = (Convolution) graph.node("b/k3e2/expand");
    assertThat(first.window().top()).isEqualTo(2);
    assertThat(first.output()).isEqualTo(new FeatureShape(16, 20, 20));
    assertThat(graph.node("b/k3e2/add").output()).isEqualTo(new FeatureShape(8, 18, 18));
    assertThat(((Convolution) graph.node("c/k3e2/expand")).window().isPadded()).isFalse();
    assertThat(((Convolution) graph.node("c/k3e2/depthwise")).window().isPadded()).isFalse();
    assertThat(graph.node("c/k3e2/project").output()).isEqualTo(new FeatureShape(8, 8, 8));
    // The shortcut pads by itself.
    Convolution shortcut = (Convolution) graph.node("b/k3e2/add:a/k3e2/add:1x1");
    assertThat(shortcut.depthwise()).isTrue();
    assertThat(shortcut.output()).isEqualTo(new FeatureShape(8, 18, 18));
    assertThat(graph.node("b/k3e2/add").inputs()).contains(shortcut.name());
    List<String> names = graph.nodes().stream().map(Node::name).toList();
    assertThat(names).contains("c/k3e2/project-bn:behind").doesNotContain("b/k3e2/add:behind");
    assertThat(LayerGraph.of(space, mask(space, "none", "all", "all", "none")).nodes())
        .extracting(Node::name)
        .contains("b/k3e2/add:behind");
  }

  @Test
  void shortcutsBeginAsTheyWere() {
    GraftingSpace space = of(ROW).joining(7);
    TrainedGraph network = filled(ROW);
    TrainedGraph grafted = space.graft(network, mask(space, "joined", "all", "none", "none"), 1);
    String stem = space.blocks().get(0).row().get(0).inputs().get(0);
    assertThat(grafted.value("a/k3e2/add:" + stem + ":1x1/W")).containsOnly(1);
    double[] crop = grafted.value("b/k3e2/add:a/k3e2/add:3x3/W");
    assertThat(crop).hasSize(9 * 8);
    for (int i = 0; i < crop.length; i++) {
      assertThat(crop[i]).isEqualTo(i / 8 == 4 ? 1 : 0);
    }
  }

  private static TrainedGraph filled(LayeredSpace network) {
    ComputationGraph made = network.network(network.uniform(0), 1);
    Chain.fill(made, 2);
    TrainedGraph filled = TrainedGraph.of(made);
    Networks.close(made);
    return filled;
  }

  /** Between basic blocks stands a ReLU, which is not inside of either. */
  @Test
  void activationsBetweenJoinedBlocksBecomeLinesStepByStep() {
    LayeredSpace resnet = ResNet.of(20, 0.5, IMAGE, 4);
    GraftingSpace space = of(resnet).joining(9);
    Architecture mask = space.uniform(0).with("block1", "joined").with("block2", "all");
    TrainedGraph network = filled(resnet);
    String between = network.graph().readers(space.blocks().get(0).end().name()).get(0);
    assertThat(network.graph().node(between)).isInstanceOf(Node.Activate.class);
    TrainedGraph grafted = space.graft(network, mask, 1);
    assertThat(grafted.graph().node(between)).isInstanceOf(Convolution.class);
    TrainedGraph halfway = space.graft(network, mask, 0.5);
    assertThat(halfway.graph().node(space.blocks().get(1).row().get(0).name()).inputs())
        .containsExactly(between + ":blend");
    assertThat(space.graft(halfway, mask, 1).values().keySet())
        .isEqualTo(grafted.values().keySet());
  }

  @Test
  void whatIsLinearAlreadyStaysSoOnTheWayToMore() {
    GraftingSpace space = of(ROW).joining(7);
    Architecture from = mask(space, "all", "all", "none", "none");
    Architecture to = mask(space, "joined", "all", "all", "none");
    TrainedGraph before = space.graft(filled(ROW), from, 1);
    TrainedGraph way = space.graft(before, from, to, 0.25);
    assertThat(way.graph().node("a/k3e2/expand-act")).isInstanceOf(Convolution.class);
    List<String> names = way.graph().nodes().stream().map(Node::name).toList();
    assertThat(names)
        .contains("c/k3e2/expand-act:blend", "b/k3e2/add:behind")
        .doesNotContain("a/k3e2/expand-act:blend", "b/k3e2/add:share");
    // The activation between the two goes as fast as others come.
    assertThat(((Node.Scale) way.graph().node("a/k3e2/add:share")).factor()).isEqualTo(0.75);
    assertThat(((Node.Scale) way.graph().node("c/k3e2/project-bn:share")).factor()).isEqualTo(0.25);
    assertThat(space.graft(way, from, to, 1).graph()).isEqualTo(LayerGraph.of(space, to));
    // And back.
    assertThat(space.graft(way, to, from, 1).graph()).isEqualTo(LayerGraph.of(space, from));
  }

  /** Whatever is joined, everything that it reads is in one of these. */
  @Test
  void aFewMasksCoverTheTensorsOfAll() {
    GraftingSpace space = of(ROW).joining(7);
    Set<Parameter> known = new HashSet<>();
    space.covering().forEach(mask -> known.addAll(LayerGraph.of(space, mask).parameters()));
    Set<String> names = new HashSet<>();
    known.forEach(parameter -> assertThat(names.add(parameter.name())).isTrue());
    List<Architecture> all = new ArrayList<>(List.of(space.uniform(0)));
    for (int l = 0; l < 4; l++) {
      for (Architecture mask : List.copyOf(all)) {
        for (int k = 1; k < space.choices().get(l).size(); k++) {
          all.add(mask.with(l, k));
        }
      }
    }
    assertThat(all).hasSize(3 * 3 * 3 * 2);
    all.forEach(mask -> assertThat(known).containsAll(LayerGraph.of(space, mask).parameters()));
  }

  @Test
  void masksThatJoinAreNotPredictedByThoseThatDoNot() {
    GraftingSpace space = of(ROW).joining(7);
    MaskFeatures plain = new MaskFeatures(of(ROW));
    assertThat(plain.of(mask(space, "none", "all", "none", "none"))).contains(1);
    Architecture joined = mask(space, "joined", "all", "none", "none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.of(joined))
        .withMessage(
            "Mask joined-all-none-none is of a space with other choices than the masks that were"
                + " tried.\n"
                + "Maybe try masks of this space: that of the network, or one that joins its"
                + " blocks.");
    assertThat(new MaskFeatures(space).of(joined)).contains(1);
  }

  @Test
  void allOfMobileNetV2CanBeJoinedAsFarAsKernelsAllow() {
    LayeredSpace mobile = MobileNetV2.of(0.25, new FeatureShape(3, 32, 32), 10);
    GraftingSpace space = of(mobile).joining(7);
    assertThat(space.spans(space.uniform(Integer.MAX_VALUE)))
        .allMatch(span -> space.joints().kernel(span) <= 7)
        .hasSizeGreaterThan(4);
  }
}
