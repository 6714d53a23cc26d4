package org.lightnas.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.api.ndarray.INDArray;

class LayerGraphTest {

  private static final LayeredSpace SMALL = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);

  @Test
  void readsEveryKindOfNode() {
    LayerGraph graph = LayerGraph.read(Samples.everything());
    assertThat(
            graph.nodes().stream()
                .map(node -> node.getClass().getSimpleName())
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(
            "Input",
            "Convolution",
            "Activate",
            "BatchNorm",
            "Add",
            "Multiply",
            "Scale",
            "Subset",
            "Concat",
            "Shuffle",
            "Opaque",
            "Pool",
            "Dropout",
            "Flatten",
            "Dense",
            "Softmax");
    assertThat(graph.input()).isEqualTo(Samples.EVERYTHING_INPUT);
    assertThat(graph.node("same").output()).isEqualTo(new FeatureShape(16, 5, 4));
    assertThat(graph.node("both").output()).isEqualTo(new FeatureShape(24, 5, 4));
    assertThat(graph.node("average").output()).isEqualTo(new FeatureShape(24, 3, 2));
    assertThat(graph.output()).isInstanceOf(Node.Softmax.class);
  }

  @Test
  void writesWhatItReads() {
    LayerGraph graph = LayerGraph.read(Samples.everything());
    LayerGraph again = LayerGraph.read(NetworkWriter.write(graph));
    assertThat(again.parameters()).isEqualTo(graph.parameters());
    assertThat(again.nodes()).hasSameSizeAs(graph.nodes());
    for (int i = 0; i < graph.nodes().size(); i++) {
      assertThat(again.nodes().get(i).getClass()).isEqualTo(graph.nodes().get(i).getClass());
      assertThat(again.nodes().get(i).output()).isEqualTo(graph.nodes().get(i).output());
      assertThat(again.nodes().get(i).macs()).isEqualTo(graph.nodes().get(i).macs());
    }
  }

  @Test
  void theWayBackComputesTheSame() {
    ComputationGraph network = new ComputationGraph(Samples.everything());
    network.init();
    Samples.scramble(network, 1);
    ComputationGraph copy = TrainedGraph.of(network).toNetwork();
    INDArray x = Samples.images(Samples.EVERYTHING_INPUT, 4, 2);
    assertThat(Samples.distance(copy.outputSingle(x), network.outputSingle(x))).isLessThan(1e-6);
  }

  @Test
  void foldingKeepsTheFunctionAndLeavesNoFoldableBatchNorm() {
    ComputationGraph network = new ComputationGraph(Samples.everything());
    network.init();
    Samples.scramble(network, 3);
    ComputationGraph folded = BatchNormFolding.fold(network);
    INDArray x = Samples.images(Samples.EVERYTHING_INPUT, 4, 4);
    INDArray before = network.outputSingle(x);
    assertThat(Samples.distance(folded.outputSingle(x), before)).isLessThan(1e-5);
    // "norm" follows a tanh and must stay; "fixed-norm" follows a convolution and must go.
    LayerGraph graph = LayerGraph.read(folded.getConfiguration());
    assertThat(graph.nodes().stream().filter(Node.BatchNorm.class::isInstance).map(Node::name))
        .containsExactly("norm");
  }

  @Test
  void foldsANetworkOfTheZooToConvolutionsOnly() {
    ComputationGraph network = SMALL.network(SMALL.architecture(0, 1, 6, 4, 6, 5), 7);
    Samples.scramble(network, 5);
    ComputationGraph folded = BatchNormFolding.fold(network);
    INDArray x = Samples.images(SMALL.input(), 2, 6);
    assertThat(Samples.distance(folded.outputSingle(x), network.outputSingle(x))).isLessThan(1e-5);
    assertThat(LayerGraph.read(folded.getConfiguration()).nodes())
        .noneMatch(node -> node instanceof Node.BatchNorm)
        .noneMatch(node -> node.name().endsWith("/identity"));
  }

  @Test
  void leavesALayerOpaqueWhoseSettingNoNodeCarries() {
    var configuration = Samples.everything();
    assertThat(LayerGraph.read(configuration).node("same")).isInstanceOf(Node.Convolution.class);
    var layer =
        (ConvolutionLayer)
            ((org.deeplearning4j.nn.conf.graph.LayerVertex) configuration.getVertices().get("same"))
                .getLayerConf()
                .getLayer();
    layer.setWeightNoise(new org.deeplearning4j.nn.conf.weightnoise.DropConnect(0.5));
    assertThat(LayerGraph.read(configuration).node("same")).isInstanceOf(Node.Opaque.class);
  }

  /** DL4J fills in the axes of the pooling when it is told the type of the input. */
  @Test
  void leavesNothingOfTheZooOpaque() {
    var configuration = SMALL.toConfiguration(SMALL.architecture(0, 1, 6, 4, 6, 5));
    LayerGraph graph = LayerGraph.read(configuration, SMALL.input());
    assertThat(graph.nodes()).noneMatch(node -> node instanceof Node.Opaque);
    assertThat(graph.node("pool")).isInstanceOf(Node.GlobalPool.class);
    var pool =
        (GlobalPoolingLayer)
            ((org.deeplearning4j.nn.conf.graph.LayerVertex) configuration.getVertices().get("pool"))
                .getLayerConf()
                .getLayer();
    pool.setPoolingDimensions(new int[] {3});
    assertThat(LayerGraph.read(configuration, SMALL.input()).node("pool"))
        .isInstanceOf(Node.Opaque.class);
  }

  @Test
  void refusesAnUnknownVertexByNameAndType() {
    var configuration =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutionalFlat(4, 4, 1))
            .addVertex("unit", new L2NormalizeVertex(), "in")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "unit")
            .addLayer("out", new OutputLayer.Builder().nIn(1).nOut(2).build(), "pool")
            .setOutputs("out")
            .build();
    assertThatThrownBy(() -> LayerGraph.read(configuration, new FeatureShape(1, 4, 4)))
        .isInstanceOf(NasException.class)
        .hasMessageContaining("Vertex 'unit' is a L2NormalizeVertex")
        .hasMessageContaining("Maybe write it as a custom DL4J layer");
  }

  @Test
  void refusesSeveralOutputsByName() {
    var configuration = Samples.everything();
    configuration.setNetworkOutputs(List.of("out", "dense"));
    assertThatThrownBy(() -> LayerGraph.read(configuration))
        .hasMessageContaining("one input and one output")
        .hasMessageContaining("[out, dense]");
  }

  @Test
  void refusesANetworkThatDoesNotSayItsInputSize() {
    var configuration = SMALL.toConfiguration(SMALL.uniform(0));
    assertThatThrownBy(() -> LayerGraph.read(configuration))
        .isInstanceOf(NasException.class)
        .hasMessageContaining("does not say the size of its input images")
        .hasMessageContaining("InputType.convolutionalFlat");
  }

  @Test
  void aNetworkWhoseOnlyReaderOfTheInputFlattensItCanBeMarked() {
    var configuration =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(4, 5, 3))
            .addLayer("out", new OutputLayer.Builder().nOut(2).build(), "in")
            .setOutputs("out")
            .build();
    FeatureShape input = new FeatureShape(3, 4, 5);
    InputSize.mark(configuration, input);
    InputSize.mark(configuration, input);
    LayerGraph graph = LayerGraph.read(configuration);
    assertThat(graph.input()).isEqualTo(input);
    assertThat(graph).isEqualTo(LayerGraph.read(configuration.clone(), input));
    assertThat(configuration.getVertices()).hasSize(2);
  }

  /** Directly behind the input it says a size that is known; elsewhere it may change a shape. */
  @Test
  void refusesToUnfoldWhatIsNotTheInput() {
    var configuration =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutionalFlat(4, 4, 1))
            .addLayer("convolution", new ConvolutionLayer.Builder(1, 1).nOut(4).build(), "in")
            .addVertex(
                "unfold",
                new PreprocessorVertex(new FeedForwardToCnnPreProcessor(4, 4, 4)),
                "convolution")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "unfold")
            .addLayer("out", new OutputLayer.Builder().nIn(4).nOut(2).build(), "pool")
            .setOutputs("out")
            .build();
    assertThatThrownBy(() -> LayerGraph.read(configuration))
        .isInstanceOf(NasException.class)
        .hasMessageContaining("Vertex 'unfold' is a PreprocessorVertex");
  }

  @Test
  void refusesChannelsLast() {
    var configuration =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .addLayer(
                "conv",
                new ConvolutionLayer.Builder(1, 1)
                    .nIn(1)
                    .nOut(2)
                    .dataFormat(CNN2DFormat.NHWC)
                    .build(),
                "in")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "conv")
            .addLayer("out", new OutputLayer.Builder().nIn(2).nOut(2).build(), "pool")
            .setOutputs("out")
            .build();
    assertThatThrownBy(() -> LayerGraph.read(configuration, new FeatureShape(1, 4, 4)))
        .hasMessageContaining("Layer 'conv' works in NHWC")
        .hasMessageContaining("must be NCHW");
  }

  private static Node input(String name) {
    return new Node.Input(name, new FeatureShape(1, 4, 4));
  }

  private static Node add(String name, String... inputs) {
    return new Node.Add(name, List.of(inputs), new FeatureShape(1, 4, 4));
  }

  @Test
  void knowsWhoReadsWhomAndIsEqualByValue() {
    List<Node> nodes = List.of(input("in"), add("twice", "in", "in"), add("sum", "in", "twice"));
    LayerGraph graph = new LayerGraph(nodes, "sum");
    assertThat(graph.readers("in")).containsExactly("twice", "twice", "sum");
    assertThat(graph.readers("sum")).isEmpty();
    assertThat(graph.node("twice")).isEqualTo(nodes.get(1));
    assertThat(graph.output()).isEqualTo(nodes.get(2));
    assertThat(graph)
        .isEqualTo(new LayerGraph(nodes, "sum"))
        .hasSameHashCodeAs(new LayerGraph(nodes, "sum"))
        .isNotEqualTo(new LayerGraph(nodes, "twice"))
        .isNotEqualTo(new LayerGraph(nodes.subList(0, 2), "twice"));
  }

  @Test
  void refusesNodesThatAreNoGraph() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerGraph(List.of(input("in"), input("in")), "in"))
        .withMessage("Two nodes are called 'in'.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerGraph(List.of(add("sum", "in", "in"), input("in")), "sum"))
        .withMessage("There is no node 'in' before its readers.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerGraph(List.of(input("in")), "out"))
        .withMessage("There is no node 'out'.");
  }

  @Test
  void refusesToFindOrWriteATensorThatIsNotThere() {
    ComputationGraph network = new ComputationGraph(Samples.everything());
    network.init();
    TrainedGraph trained = TrainedGraph.of(network);
    assertThat(trained.value("dense/b")).hasSize(12);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trained.value("dense/c"))
        .withMessage("There is no tensor 'dense/c'.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NetworkValues.write(network, trained.graph(), Map.of()))
        .withMessage("There is no tensor 'conv/W'.");
  }

  @Test
  void refusesVerticesThatReadNothingThereIs() {
    var missing = Samples.everything();
    missing.getVertexInputs().put("sum", List.of("depthwise", "nowhere"));
    assertThatThrownBy(() -> LayerGraph.read(missing))
        .isInstanceOf(NasException.class)
        .hasMessageMatching(
            "Vertices \\[product, .*out, sum\\] wait for each other or for a missing input\\.");
    var nameless = Samples.everything();
    nameless.setNetworkOutputs(List.of("nowhere"));
    assertThatThrownBy(() -> LayerGraph.read(nameless))
        .isInstanceOf(NasException.class)
        .hasMessage("The network has no vertex 'nowhere', but something reads it.");
  }

  @Test
  void refusesAPreprocessorItCannotRun() {
    var configuration = Samples.everything();
    ((org.deeplearning4j.nn.conf.graph.LayerVertex) configuration.getVertices().get("act"))
        .setPreProcessor(new CnnToRnnPreProcessor(9, 8, 8));
    assertThatThrownBy(() -> LayerGraph.read(configuration))
        .isInstanceOf(NasException.class)
        .hasMessage(
            "Layer 'act' has a preprocessor of type CnnToRnnPreProcessor, which cannot be run or"
                + " rewritten.\nMaybe leave it out.");
  }

  @Test
  void refusesALayerThatDoesNotAcceptItsInput() {
    var configuration =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .addLayer("dense", new DenseLayer.Builder().nIn(16).nOut(2).build(), "in")
            .addLayer("out", new OutputLayer.Builder().nIn(2).nOut(2).build(), "dense")
            .setOutputs("out")
            .build();
    assertThatThrownBy(() -> LayerGraph.read(configuration, new FeatureShape(1, 4, 4)))
        .isInstanceOf(NasException.class)
        .hasMessageStartingWith("Layer 'dense' of type DenseLayer does not accept 1x4x4: ");
  }
}
