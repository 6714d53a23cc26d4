package org.lightnas.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.metric.Cost;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ShuffleUnit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Channel shuffles and per-channel linear functions, in plain DL4J. */
class ShuffleTest {

  private static final FeatureShape INPUT = new FeatureShape(6, 5, 4);

  private static GraphBuilder begin() {
    return new NeuralNetConfiguration.Builder()
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(InputType.convolutionalFlat(5, 4, 6))
        .addLayer(
            "linear",
            new DepthwiseConvolution2D.Builder(1, 1)
                .nIn(6)
                .nOut(6)
                .depthMultiplier(1)
                .activation(Activation.IDENTITY)
                .build(),
            "in");
  }

  private static ComputationGraphConfiguration end(GraphBuilder graph, String last) {
    return graph
        .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), last)
        .addLayer(
            "out",
            new OutputLayer.Builder().nIn(6).nOut(2).activation(Activation.SOFTMAX).build(),
            "pool")
        .setOutputs("out")
        .build();
  }

  private static ComputationGraphConfiguration shuffle(
      GraphVertex group, GraphVertex swap, GraphVertex back) {
    return end(
        begin()
            .addVertex("group", group, "linear")
            .addVertex("swap", swap, "group")
            .addVertex("back", back, "swap"),
        "back");
  }

  private static GraphVertex permute(int... axes) {
    return new PreprocessorVertex(new PermutePreprocessor(axes));
  }

  private static ReshapeVertex reshape(int... shape) {
    return new ReshapeVertex(shape);
  }

  private static ComputationGraphConfiguration shuffled() {
    return shuffle(reshape(-1, 3, 2, 20), permute(0, 2, 1, 3), reshape(-1, 6, 5, 4));
  }

  @Test
  void threePlainVerticesAreOneNode() {
    LayerGraph graph = LayerGraph.read(shuffled());
    assertThat(graph.nodes().stream().map(Node::name))
        .containsExactly("in", "linear", "back", "pool", "out", "out:softmax");
    assertThat(graph.node("back")).isEqualTo(new Node.Shuffle("back", List.of("linear"), INPUT, 3));
    assertThat(LayerGraph.read(NetworkWriter.write(graph))).isEqualTo(graph);
    // 6 x 5 x 4 for the scale, 6 x 2 for the classifier, nothing for the shuffle.
    assertThat(Cost.of(shuffled()).macs()).isEqualTo(120 + 12);
  }

  @Test
  @Tag("slow")
  void theNodeOrdersChannelsAsDl4jDoes() {
    ComputationGraph network = new ComputationGraph(shuffled());
    network.init();
    INDArray x = Samples.images(INPUT, 2, 1);
    var activations = network.feedForward(x, false);
    INDArray in = activations.get("linear");
    INDArray out = activations.get("back");
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 2; j++) {
        assertThat(channel(out, 3 * j + i)).isEqualTo(channel(in, 2 * i + j));
      }
    }
  }

  private static INDArray channel(INDArray map, int c) {
    return map.slice(c, 1).dup('c');
  }

  /** A unit that begins by splitting channels leaves no layer to say the size of the input. */
  @Test
  void networksThatBeginWithASplitSayTheirInputSize() throws IOException {
    LayeredSpace space =
        LayeredSpace.named("split", INPUT, 3).choice("a", new ShuffleUnit(3, 1, 6, 1)).build();
    ComputationGraph network = Networks.create(space, space.uniform(0), 1);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    assertThat(graph).isEqualTo(LayerGraph.of(space, space.uniform(0)));
    assertThat(graph.input()).isEqualTo(INPUT);
    assertThat(LayerGraph.read(NetworkWriter.write(graph))).isEqualTo(graph);

    INDArray x = Samples.images(INPUT, 2, 1);
    INDArray y = network.outputSingle(x);
    assertThat(network.outputSingle(x.reshape(2, INPUT.size()))).isEqualTo(y);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ModelSerializer.writeModel(network, bytes, false);
    ComputationGraph again =
        ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(bytes.toByteArray()));
    assertThat(again.outputSingle(x)).isEqualTo(y);
    assertThat(LayerGraph.read(again.getConfiguration())).isEqualTo(graph);
    network.fit(new DataSet(x, Nd4j.createFromArray(new float[][] {{1, 0, 0}, {0, 1, 0}})));
    assertThat(network.outputSingle(x)).isNotEqualTo(y);
  }

  /** DL4J completes the permutation when it first runs it. */
  @Test
  void aPermutationWithoutTheAxisOfImagesIsTheSame() {
    var configuration = shuffle(reshape(-1, 3, 2, 20), permute(2, 1, 3), reshape(-1, 6, 5, 4));
    LayerGraph before = LayerGraph.read(configuration);
    assertThat(before).isEqualTo(LayerGraph.read(shuffled()));
    ComputationGraph network = new ComputationGraph(configuration);
    network.init();
    network.outputSingle(Samples.images(INPUT, 2, 1));
    assertThat(LayerGraph.read(network.getConfiguration())).isEqualTo(before);
  }

  /**
   * A trained linear function of each channel, as Domino grafts it in place of activations, is a
   * depthwise convolution of 1 x 1: no layer and no node of its own.
   */
  @Test
  void aLinearFunctionPerChannelIsADepthwiseConvolutionOfOnePixel() {
    ComputationGraph network = new ComputationGraph(shuffled());
    network.init();
    Samples.scramble(network, 2);
    TrainedGraph trained = TrainedGraph.of(network);
    INDArray x = Samples.images(INPUT, 2, 3);
    INDArray y = network.feedForward(x, false).get("linear");
    double[] a = trained.value("linear/W");
    double[] b = trained.value("linear/b");
    assertThat(a).hasSize(6);
    for (int c = 0; c < 6; c++) {
      INDArray expected = channel(x, c).mul(a[c]).addi(b[c]);
      assertThat(Samples.distance(channel(y, c), expected)).isLessThan(1e-6);
    }
  }

  @Test
  void bothOutliveASavedFileAndTheWayBack() throws IOException {
    ComputationGraph network = new ComputationGraph(shuffled());
    network.init();
    Samples.scramble(network, 4);
    INDArray x = Samples.images(INPUT, 3, 5);
    INDArray expected = network.outputSingle(x);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ModelSerializer.writeModel(TrainedGraph.of(network).toNetwork(), file, false);
    ComputationGraph restored =
        ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file.toByteArray()));
    assertThat(Samples.distance(restored.outputSingle(x), expected)).isLessThan(1e-6);
    assertThat(LayerGraph.read(restored.getConfiguration()).node("back"))
        .isEqualTo(new Node.Shuffle("back", List.of("linear"), INPUT, 3));
  }

  /** DL4J counts -1 channels for this subset, and would give the convolution as many inputs. */
  @Test
  void aReshapingThatChangesNothingTellsDl4jTheSizeOfASubset() {
    ComputationGraphConfiguration configuration =
        end(
            begin()
                .addVertex("subset", new SubsetVertex(1, 3), "linear")
                .addVertex("map", reshape(-1, 3, 5, 4), "subset")
                .addLayer("conv", new ConvolutionLayer.Builder(1, 1).nIn(3).nOut(6).build(), "map"),
            "conv");
    LayerGraph graph = LayerGraph.read(configuration);
    assertThat(graph.nodes().stream().map(Node::name))
        .containsExactly(
            "in", "linear", "subset", "conv", "conv:activation", "pool", "out", "out:softmax");
    assertThat(graph.node("conv").inputs()).containsExactly("subset");
    ComputationGraph network = new ComputationGraph(configuration);
    network.init();
    Samples.scramble(network, 6);
    INDArray x = Samples.images(INPUT, 2, 7);
    ComputationGraph again = TrainedGraph.of(network).toNetwork();
    assertThat(Samples.distance(again.outputSingle(x), network.outputSingle(x))).isLessThan(1e-6);
  }

  /** Groups of one channel on maps of one row: a group of a shuffle looks like the map itself. */
  @Test
  void aShuffleOfOneRowIsStillOne() {
    ComputationGraphConfiguration row =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutionalFlat(1, 4, 6))
            .addVertex("group", reshape(-1, 6, 1, 4), "in")
            .addVertex("swap", permute(0, 2, 1, 3), "group")
            .addVertex("back", reshape(-1, 6, 1, 4), "swap")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "back")
            .addLayer(
                "out",
                new OutputLayer.Builder().nIn(6).nOut(2).activation(Activation.SOFTMAX).build(),
                "pool")
            .setOutputs("out")
            .build();
    assertThat(LayerGraph.read(row, new FeatureShape(6, 1, 4)).node("back"))
        .isInstanceOf(Node.Shuffle.class);
  }

  private static void refuses(ComputationGraphConfiguration configuration, String vertex) {
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> LayerGraph.read(configuration))
        .withMessageContaining("Vertex '" + vertex + "' is a ")
        .withMessageContaining("channel shuffles of maps of one size");
  }

  @Test
  void everythingElseThatIsReshapedIsRefusedByName() {
    GraphVertex swap = permute(0, 2, 1, 3);
    ReshapeVertex group = reshape(-1, 3, 2, 20);
    ReshapeVertex back = reshape(-1, 6, 5, 4);
    refuses(shuffle(reshape(-1, 3, 4, 10), swap, back), "group");
    refuses(shuffle(reshape(-1, 5, 1, 24), swap, back), "group");
    refuses(shuffle(reshape(2, 3, 2, 20), swap, back), "group");
    refuses(shuffle(new ReshapeVertex('f', new int[] {-1, 3, 2, 20}, null), swap, back), "group");
    refuses(shuffle(group, permute(0, 1, 3, 2), back), "group");
    refuses(shuffle(group, reshape(-1, 6, 5, 4), reshape(-1, 6, 5, 4)), "group");
    refuses(shuffle(group, swap, reshape(-1, 6, 4, 5)), "swap");
    refuses(shuffle(group, swap, permute(0, 2, 1, 3)), "swap");
    refuses(
        end(
            begin()
                .addVertex("group", group, "linear")
                .addVertex(
                    "twice", new ElementWiseVertex(ElementWiseVertex.Op.Add), "group", "group"),
            "twice"),
        "group");
    refuses(end(begin().addVertex("alone", swap, "linear"), "alone"), "alone");
  }
}
