package org.lightnas.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.ResNet;
import org.lightnas.space.zoo.ShuffleSpace;
import org.nd4j.linalg.activations.Activation;

class ChannelGroupsTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 32, 32);

  private static LayerGraph first(LayeredSpace space) {
    return LayerGraph.of(space, space.uniform(0));
  }

  private static ConvolutionLayer conv(int channels) {
    return new ConvolutionLayer.Builder(1, 1).nOut(channels).build();
  }

  private static GraphBuilder network() {
    return new NeuralNetConfiguration.Builder()
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(InputType.convolutionalFlat(4, 4, 3));
  }

  private static ChannelGroups classified(GraphBuilder graph, String last) {
    graph.addLayer(
        "out", new OutputLayer.Builder().nOut(2).activation(Activation.SOFTMAX).build(), last);
    return ChannelGroups.of(LayerGraph.read(graph.setOutputs("out").build()));
  }

  @Test
  void shortcutsMakeStagesOneGroupAndExpansionsAreInner() {
    LayeredSpace space = LightNasSpace.small(IMAGE, 10);
    // Third block skipped: an identity hands on what the second makes.
    LayerGraph graph = LayerGraph.of(space, space.architecture(0, 1, 6, 3, 0, 1));
    assertThat(ChannelGroups.of(graph).groups())
        .containsExactly(
            new ChannelGroups.Group("stem/0/conv", 16, false),
            new ChannelGroups.Group("block1/k3e3/expand", 48, true),
            new ChannelGroups.Group("block2/k3e6/expand", 96, true),
            new ChannelGroups.Group("block2/k3e6/project", 24, false),
            new ChannelGroups.Group("block4/k5e6/expand", 144, true),
            new ChannelGroups.Group("block4/k5e6/project", 32, false),
            new ChannelGroups.Group("block5/k3e3/expand", 96, true),
            new ChannelGroups.Group("block6/k3e6/expand", 192, true),
            new ChannelGroups.Group("head/0/conv", 128, false));
  }

  @Test
  void residualNetworksHaveAStageForEachShortcut() {
    List<ChannelGroups.Group> groups =
        ChannelGroups.of(first(ResNet.of(20, 1, IMAGE, 10))).groups();
    // Three stages of three blocks with one inner width each.
    assertThat(groups).filteredOn(group -> !group.inner()).hasSize(3);
    assertThat(groups).filteredOn(ChannelGroups.Group::inner).hasSize(9);
  }

  @Test
  void whatIsShuffledStaysAsItIs() {
    // Of a unit the inner channels are left; at the end of a stage also what it joins to the rest.
    assertThat(ChannelGroups.of(first(ShuffleSpace.small(IMAGE, 10))).groups())
        .filteredOn(group -> group.maker().startsWith("block"))
        .hasSize(11)
        .allMatch(group -> group.inner() || group.maker().matches("block[258]/shuffle3/main3"));
    // All but its hidden dense layer depends on which channel is where.
    assertThat(ChannelGroups.of(LayerGraph.read(Samples.everything())).groups())
        .containsExactly(new ChannelGroups.Group("dense", 12, false));
  }

  /** The zoo writes deviations for the widths; those of a resized network are its own, too. */
  @Test
  void aResizedNetworkIsTheNetworkWrittenWithThoseWidths() {
    LayerGraph narrow = first(MobileNetV2.of(0.5, IMAGE, 10));
    ChannelGroups wide = ChannelGroups.of(first(MobileNetV2.of(1, IMAGE, 10)));
    int[] channels =
        wide.groups().stream()
            .mapToInt(group -> narrow.node(group.maker()).output().channels())
            .toArray();
    assertThat(wide.resized(channels)).isEqualTo(narrow);
    int[] same = wide.groups().stream().mapToInt(ChannelGroups.Group::channels).toArray();
    assertThat(wide.resized(same)).isEqualTo(first(MobileNetV2.of(1, IMAGE, 10)));
  }

  @Test
  void concatenatedChannelsStayApart() {
    GraphBuilder graph =
        network()
            .addLayer("a", conv(4), "in")
            .addLayer("b", conv(6), "in")
            .addVertex("both", new MergeVertex(), "a", "b")
            .addLayer("c", conv(10), "both")
            .addLayer("d", new GlobalPoolingLayer(), "c");
    ChannelGroups groups = classified(graph, "d");
    assertThat(groups.groups()).extracting(ChannelGroups.Group::channels).containsExactly(4, 6, 10);
    LayerGraph resized = groups.resized(new int[] {1, 2, 5});
    assertThat(resized.node("both").output().channels()).isEqualTo(3);
    assertThat(resized.node("c").parameters().get(0).shape()).containsExactly(1L, 1L, 3L, 5L);
    assertThat(resized.node("out").parameters().get(0).shape()).containsExactly(5L, 2L);
  }

  @Test
  void sumsOfSeveralLayersSideBySideStayAsTheyAre() {
    GraphBuilder graph =
        network()
            .addLayer("a", conv(4), "in")
            .addLayer("b", conv(6), "in")
            .addVertex("both", new MergeVertex(), "a", "b")
            .addLayer("c", conv(10), "in")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "both", "c")
            .addLayer("d", new GlobalPoolingLayer(), "sum");
    assertThat(classified(graph, "d").groups()).isEmpty();
  }

  @Test
  void flattenedMapsAndSeveralKernelsAChannelStayAsTheyAre() {
    GraphBuilder graph =
        network()
            .addLayer("a", conv(4), "in")
            .addLayer(
                "twice",
                new DepthwiseConvolution2D.Builder(1, 1).nOut(8).depthMultiplier(2).build(),
                "a")
            .addLayer("b", conv(5), "twice")
            .addLayer("dense", new DenseLayer.Builder().nOut(7).build(), "b");
    assertThat(classified(graph, "dense").groups())
        .containsExactly(new ChannelGroups.Group("dense", 7, false));
  }

  @Test
  void refusesOtherCountsAndNone() {
    ChannelGroups groups = ChannelGroups.of(first(ResNet.of(20, 1, IMAGE, 10)));
    assertThatThrownBy(() -> groups.resized(new int[] {8}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The network has 12 groups of channels, but 1 numbers were given.");
    assertThatThrownBy(() -> groups.resized(new int[12]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'stem/0/conv' cannot make 0 channels.");
  }
}
