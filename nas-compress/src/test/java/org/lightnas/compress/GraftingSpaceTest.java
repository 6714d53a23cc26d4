package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.Node.Convolution;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.graph.Window;
import org.lightnas.metric.Cost;
import org.lightnas.metric.CostPredictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.ResNet;
import org.lightnas.train.Trainer;
import org.nd4j.linalg.activations.Activation;

class GraftingSpaceTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 16, 16);

  /** A stem and two inverted residuals, the second with a shortcut. */
  private static final LayeredSpace PAIR =
      LayeredSpace.named("pair", IMAGE, 4)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("down", new MbConv(5, 3, 16, 2))
          .choice("keep", new MbConv(3, 2, 16, 1))
          .build();

  private static LayerGraph graph(SearchSpace space) {
    return LayerGraph.of(space, space.uniform(0));
  }

  private static GraftingSpace of(SearchSpace space) {
    return GraftingSpace.of(graph(space));
  }

  private static List<String> names(GraftingSpace space) {
    return space.choices().stream().map(Choice::name).toList();
  }

  private static List<String> offered(Choice choice) {
    return choice.candidates().stream().map(Candidate::id).toList();
  }

  @Test
  void everyBlockOfMobileNetV2IsAChoiceOfTwo() {
    GraftingSpace space = of(MobileNetV2.of(0.5, IMAGE, 10));
    assertThat(names(space))
        .isEqualTo(IntStream.rangeClosed(1, 17).mapToObj(l -> "block" + l).toList());
    assertThat(space.choices())
        .allSatisfy(choice -> assertThat(offered(choice)).containsExactly("none", "all"));
    assertThat(space.size()).isEqualTo(BigInteger.ONE.shiftLeft(17));
    assertThat(space).hasToString("grafting (3x16x16, 10 classes, 17 blocks)");
    // The first block has no expansion.
    assertThat(space.blocks().get(0).row().get(0).name()).isEqualTo("block1/k3e1/depthwise");
    assertThat(space.blocks().get(1).row()).hasSize(8);
  }

  @Test
  void residualBlocksOfTwoConvolutionsAreAllOrNothingAndThoseOfThreeMergePartlyToo() {
    GraftingSpace basic = of(ResNet.of(20, 1, IMAGE, 10));
    assertThat(names(basic)).hasSize(9).startsWith("block1").endsWith("block9");
    assertThat(basic.choices())
        .allSatisfy(choice -> assertThat(offered(choice)).containsExactly("none", "all"));
    GraftingSpace bottlenecks = of(ResNet.of(50, 0.25, IMAGE, 10));
    assertThat(names(bottlenecks)).hasSize(16);
    assertThat(bottlenecks.choices())
        .allSatisfy(
            choice ->
                assertThat(offered(choice))
                    .containsExactly("none", "last_two", "first_two", "all"));
  }

  @Test
  void inNetworksOfASearchSkipsAreNoBlocks() {
    LayeredSpace searched = LightNasSpace.small(IMAGE, 10);
    // k3e3, skip with stride, k5e6, k7e3 with stride, skip, k3e6.
    LayerGraph found = LayerGraph.of(searched, searched.architecture(0, 6, 3, 4, 6, 1));
    GraftingSpace space = GraftingSpace.of(found);
    assertThat(names(space)).containsExactly("block1", "block3", "block4", "block6");
    assertThat(space.blocks().stream().map(b -> b.row().get(0).name()))
        .containsExactly(
            "block1/k3e3/expand", "block3/k5e6/expand", "block4/k7e3/expand", "block6/k3e6/expand");
    // The published space has a fixed block in its stem.
    assertThat(names(of(LightNasSpace.imagenet(new FeatureShape(3, 64, 64), 10))))
        .hasSize(22)
        .startsWith("stem", "block1");
  }

  @Test
  void theFirstMaskIsTheNetworkItself() {
    LayeredSpace network = MobileNetV2.of(0.25, IMAGE, 10);
    GraftingSpace space = of(network);
    assertThat(LayerGraph.of(space, space.uniform(0))).isEqualTo(graph(network));
    assertThat(Cost.of(space.uniform(0))).isEqualTo(Cost.of(network.uniform(0)));
    assertThat(space.input()).isEqualTo(IMAGE);
    assertThat(space.classes()).isEqualTo(10);
  }

  @Test
  void linearBlocksArePaddedFirstAndHaveSlopes() {
    GraftingSpace space = of(PAIR);
    LayerGraph before = graph(PAIR);
    LayerGraph after = LayerGraph.of(space, space.uniform(0).with("down", "all"));
    List<String> changed = new ArrayList<>();
    for (Node node : before.nodes()) {
      if (!after.node(node.name()).equals(node)) {
        changed.add(node.name().replace("down/k5e3/", ""));
      }
    }
    // Larger by the padding up to the depthwise convolution; the next block reads what is behind.
    assertThat(changed)
        .containsExactly(
            "expand",
            "expand-bn",
            "expand-act",
            "depthwise",
            "depthwise-act",
            "keep/k3e2/expand",
            "keep/k3e2/add");
    assertThat(after.nodes()).hasSize(before.nodes().size() + 1);
    Convolution expand = (Convolution) after.node("down/k5e3/expand");
    assertThat(expand.window()).isEqualTo(window(1, 1, 2));
    assertThat(expand.output()).isEqualTo(new FeatureShape(24, 20, 20));
    Convolution depthwise = (Convolution) after.node("down/k5e3/depthwise");
    assertThat(depthwise.window()).isEqualTo(window(5, 2, 0));
    assertThat(depthwise.output()).isEqualTo(new FeatureShape(24, 8, 8));
    Convolution slope = (Convolution) after.node("down/k5e3/expand-act");
    assertThat(slope.inputs()).containsExactly("down/k5e3/expand-bn");
    assertThat(slope.depthwise()).isTrue();
    assertThat(slope.multiplier()).isEqualTo(1);
    assertThat(slope.hasBias()).isFalse();
    assertThat(slope.window()).isEqualTo(window(1, 1, 0));
    assertThat(slope.parameters().stream().map(Parameter::name))
        .containsExactly("down/k5e3/expand-act/W");
    assertThat(after.node("keep/k3e2/expand-act")).isInstanceOf(Node.Activate.class);
  }

  @Test
  void anActivationComesBehindALinearBlockUnlessOneFollowsAnyway() {
    GraftingSpace space = of(PAIR);
    LayerGraph after = LayerGraph.of(space, space.uniform(1));
    Node.Activate down = (Node.Activate) after.node("down/k5e3/project-bn:behind");
    assertThat(down.function()).isEqualTo(Activation.RELU6);
    assertThat(down.inputs()).containsExactly("down/k5e3/project-bn");
    // The block behind it, its shortcut too, reads what it makes.
    assertThat(after.readers("down/k5e3/project-bn:behind"))
        .containsExactlyInAnyOrder("keep/k3e2/expand", "keep/k3e2/add");
    assertThat(after.readers("keep/k3e2/add")).containsExactly("keep/k3e2/add:behind");
    assertThat(LayerGraph.of(space, space.uniform(0)).readers("keep/k3e2/add"))
        .doesNotContain("keep/k3e2/add:behind");
    GraftingSpace basic = of(ResNet.of(20, 0.5, IMAGE, 10));
    assertThat(LayerGraph.of(basic, basic.uniform(1)).nodes())
        .hasSameSizeAs(LayerGraph.of(basic, basic.uniform(0)).nodes());
  }

  private static Window window(int kernel, int stride, int padding) {
    return Window.symmetric(
        new int[] {kernel, kernel},
        new int[] {stride, stride},
        new int[] {padding, padding},
        new int[] {1, 1});
  }

  @Test
  void aPartOfABottleneckLeavesTheOtherActivation() {
    GraftingSpace space = of(ResNet.of(50, 0.125, IMAGE, 10));
    // Block 4 halves the map.
    Architecture mask = space.uniform(0).with("block4", "first_two").with("block5", "last_two");
    LayerGraph after = LayerGraph.of(space, mask);
    assertThat(after.node("block4/bottleneck/conv1-act")).isInstanceOf(Convolution.class);
    assertThat(after.node("block4/bottleneck/conv2-act")).isInstanceOf(Node.Activate.class);
    assertThat(((Convolution) after.node("block4/bottleneck/conv1")).window())
        .isEqualTo(window(1, 1, 1));
    assertThat(((Convolution) after.node("block4/bottleneck/conv2")).window())
        .isEqualTo(window(3, 2, 0));
    assertThat(after.node("block5/bottleneck/conv1-act")).isInstanceOf(Node.Activate.class);
    assertThat(after.node("block5/bottleneck/conv2-act")).isInstanceOf(Convolution.class);
    // Nothing stands before the padding there, so it stays.
    assertThat(((Convolution) after.node("block5/bottleneck/conv2")).window())
        .isEqualTo(window(3, 1, 1));
  }

  /** P = p_1 + s_1 p_2. */
  @Test
  void paddingBehindAStrideCountsAsOftenAsTheStride() {
    GraftingSpace space = of(ResNet.of(20, 0.5, IMAGE, 10));
    LayerGraph after = LayerGraph.of(space, space.uniform(1));
    assertThat(((Convolution) after.node("block1/basic/conv1")).window())
        .isEqualTo(window(3, 1, 2));
    assertThat(((Convolution) after.node("block4/basic/conv1")).window())
        .isEqualTo(window(3, 2, 3));
    assertThat(after.node("block4/basic/conv1").output()).isEqualTo(new FeatureShape(16, 10, 10));
    assertThat(after.node("block4/basic/conv2").output()).isEqualTo(new FeatureShape(16, 8, 8));
    assertThat(((Convolution) after.node("block4/basic/shortcut")).window())
        .isEqualTo(window(1, 2, 0));
  }

  /** Counted by hand: 16 x 16 pixels with a ring of 2 before the 5 x 5 convolution. */
  @Test
  void costsAreThoseOfTheGraftedNetwork() {
    GraftingSpace space = of(PAIR);
    Cost plain = Cost.of(PAIR.uniform(0));
    long ring = 20 * 20 - 16 * 16;
    long slopes = 24 * (20 * 20 + 8 * 8);
    Cost grafted = Cost.of(space.uniform(0).with("down", "all"));
    assertThat(grafted)
        .isEqualTo(new Cost(plain.macs() + ring * 8 * 24 + slopes, plain.parameters() + 24 + 24));
    assertThat(CostPredictor.macs(space).predict(space.uniform(0)))
        .isEqualTo((double) plain.macs());
  }

  @Test
  void weightsAreTakenOver() {
    GraftingSpace space = of(PAIR);
    ComputationGraph network = PAIR.network(PAIR.uniform(0), 1);
    Chain.fill(network, 1);
    ComputationGraph grafted = space.graft(network, space.uniform(1));
    TrainedGraph before = TrainedGraph.of(network);
    TrainedGraph after = TrainedGraph.of(grafted);
    assertThat(after.graph()).isEqualTo(LayerGraph.of(space, space.uniform(1)));
    assertThat(after.values().keySet()).containsAll(before.values().keySet());
    assertThat(after.values()).hasSize(before.values().size() + 4);
    before.values().forEach((name, values) -> assertThat(after.value(name)).isEqualTo(values));
    Networks.close(network);
    Networks.close(grafted);
  }

  @Test
  void aGraftedNetworkIsGraftedOnWithItsOwnSlopes() {
    GraftingSpace space = of(PAIR);
    ComputationGraph network = PAIR.network(PAIR.uniform(0), 1);
    ComputationGraph once = space.graft(network, space.uniform(0).with("keep", "all"));
    once.getLayer("keep/k3e2/expand-act").getParam("W").assign(0.125);
    ComputationGraph twice = space.graft(once, space.uniform(1));
    TrainedGraph values = TrainedGraph.of(twice);
    assertThat(values.value("keep/k3e2/expand-act/W")).containsOnly(0.125);
    assertThat(values.value("down/k5e3/expand-act/W")).doesNotContain(0.125);
    Networks.close(network);
    Networks.close(once);
    Networks.close(twice);
  }

  @Test
  void onTheWayActivationsAndLinesAreMixed() {
    GraftingSpace space = of(PAIR);
    ComputationGraph network = PAIR.network(PAIR.uniform(0), 1);
    Architecture mask = space.uniform(0).with("keep", "all");
    ComputationGraph halfway = space.graft(network, mask, 0.25);
    LayerGraph graph = LayerGraph.read(halfway.getConfiguration());
    String act = "keep/k3e2/depthwise-act";
    assertThat(graph.node("keep/k3e2/project").inputs()).containsExactly(act + ":blend");
    assertThat(graph.node(act + ":blend"))
        .isEqualTo(
            new Node.Add(
                act + ":blend",
                List.of(act + ":linear", act + ":rest"),
                new FeatureShape(32, 8, 8)));
    assertThat(((Node.Scale) graph.node(act + ":linear")).factor()).isEqualTo(0.25);
    assertThat(graph.node(act + ":linear").inputs()).containsExactly(act);
    assertThat(((Node.Scale) graph.node(act + ":rest")).factor()).isEqualTo(0.75);
    assertThat(graph.node(act + ":rest").inputs()).containsExactly(act + ":bent");
    assertThat(((Node.Activate) graph.node(act + ":bent")).function()).isEqualTo(Activation.RELU6);
    // The same tensors as at the end.
    ComputationGraph end = space.graft(halfway, mask);
    assertThat(TrainedGraph.of(end).values().keySet())
        .isEqualTo(TrainedGraph.of(halfway).values().keySet());
    Networks.close(network);
    Networks.close(halfway);
    Networks.close(end);
  }

  @Test
  void refusesSharesOutOfRange() {
    GraftingSpace space = of(PAIR);
    ComputationGraph network = PAIR.network(PAIR.uniform(0), 1);
    for (double share : new double[] {0, -0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> space.graft(network, space.uniform(1), share))
          .withMessage(
              "The share of linear functions must be above 0 and at most 1, but is %s.\n"
                  + "Maybe leave the network as it is for 0.",
              share);
    }
    Networks.close(network);
  }

  @Test
  @Tag("slow")
  void theTrainerTakesAGraftedNetwork() {
    ImageData images = ImageData.generated(32, 8, 1);
    LayeredSpace small = MobileNetV2.of(0.25, images.shape(), images.classes());
    GraftingSpace space = of(small);
    ComputationGraph network = small.network(small.uniform(0), 1);
    Trainer trainer = Trainer.builder().epochs(1).batchSize(16).batchNormReestimation(1).build();
    ComputationGraph halfway = trainer.fit(space.graft(network, space.uniform(1), 0.5), images);
    ComputationGraph grafted = space.graft(halfway, space.uniform(1));
    ComputationGraph trained = trainer.fit(grafted, images);
    assertThat(trained.params().sumNumber().doubleValue()).isFinite();
    assertThat(trained.getLayer("block3/k3e6/expand-act").params())
        .isNotEqualTo(grafted.getLayer("block3/k3e6/expand-act").params());
    // A fresh one, by the same interface as any space.
    ComputationGraph fresh = trainer.fit(space.uniform(1), images);
    assertThat(Cost.of(fresh.getConfiguration())).isEqualTo(Cost.of(space.uniform(1)));
    for (ComputationGraph each : List.of(network, halfway, grafted, trained, fresh)) {
      Networks.close(each);
    }
  }

  @Test
  void masksAreReadBackAndSpacesAreEqualByValue() {
    GraftingSpace space = of(PAIR);
    Architecture mask = space.architecture(0, 1);
    assertThat(mask.id()).isEqualTo("none-all");
    assertThat(space.read(mask.toJson())).isEqualTo(mask);
    assertThat(of(PAIR)).isEqualTo(space).hasSameHashCodeAs(space);
    assertThat(of(MobileNetV2.of(0.25, IMAGE, 4))).isNotEqualTo(space);
  }

  @Test
  void refusesANetworkWithoutBlocks() {
    LayeredSpace plain =
        LayeredSpace.named("plain", IMAGE, 4)
            .choice("a", new ConvBnAct(3, 8, 1))
            .head(new ConvBnAct(3, 8, 1))
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> of(plain))
        .withMessage(
            "The network has nothing to graft: no residual or depthwise separable block with an"
                + " activation between its convolutions.\n"
                + "Maybe it is linear there already, or its blocks hold layers only DL4J"
                + " understands.");
    // All of it is linear, so there is nothing left.
    GraftingSpace space = of(PAIR);
    LayerGraph linear = LayerGraph.of(space, space.uniform(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GraftingSpace.of(linear))
        .withMessageStartingWith("The network has nothing to graft");
  }

  @Test
  void refusesAnotherNetwork() {
    GraftingSpace space = of(PAIR);
    LayeredSpace other =
        LayeredSpace.named("pair", IMAGE, 4)
            .stem(new ConvBnAct(3, 8, 1))
            .choice("down", new MbConv(5, 3, 24, 2))
            .build();
    ComputationGraph network = other.network(other.uniform(0), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> space.graft(network, space.uniform(1)))
        .withMessage(
            "The network has no tensor 'down/k5e3/project/W' of 384 values, so it is not the one"
                + " of this space.\n"
                + "Maybe make the space of this network, by GraftingSpace.of(network).");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> space.graft(network, of(other).uniform(1)))
        .withMessageContaining("belongs to space 'grafting (3x16x16, 4 classes, 1 blocks)'");
    Networks.close(network);
    ComputationGraph empty = new ComputationGraph(PAIR.toConfiguration(PAIR.uniform(0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> space.graft(empty, space.uniform(1)))
        .withMessage("The network has no weights yet.\nMaybe call init() and train it first.");
  }
}
