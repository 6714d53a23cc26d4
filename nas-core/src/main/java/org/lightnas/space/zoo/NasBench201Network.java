package org.lightnas.space.zoo;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.lightnas.FeatureShape;
import org.lightnas.space.Architecture;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Writes the network that NAS-Bench-201 trains a cell in: a 3 x 3 convolution to 16 channels; three
 * stages of five cells with 16, 32, 64 channels; between them residual blocks of stride 2; batch
 * norm, ReLU, pooling, classifier. Everything that the benchmark's network has is there, edges that
 * lead nowhere included: they count, and runtimes run them.
 *
 * <p>DL4J's activation layers overwrite their input when a network is not trained, and an identity
 * hands it on. So a skip is a factor of 1, which copies, and so is what stands before a ReLU whose
 * input something else reads, too.
 */
final class NasBench201Network {

  private static final int STAGES = 3;

  private final GraphBuilder graph;
  private final Architecture cell;
  private final List<NasBench201Space.Edge> edges;

  private NasBench201Network(
      GraphBuilder graph, Architecture cell, List<NasBench201Space.Edge> edges) {
    this.graph = graph;
    this.cell = cell;
    this.edges = edges;
  }

  /**
   * A cell's network.
   *
   * @param width channels of the first stage
   * @param cells in each stage
   */
  static ComputationGraphConfiguration configuration(
      FeatureShape input,
      int classes,
      Architecture cell,
      List<NasBench201Space.Edge> edges,
      int width,
      int cells) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(
                InputType.convolutional(input.height(), input.width(), input.channels()));
    NasBench201Network network = new NasBench201Network(graph, cell, edges);
    graph
        .addLayer("stem/conv", convolution(3, input.channels(), width, 1), "input")
        .addLayer("stem/bn", batchNorm(width), "stem/conv");
    String last = "stem/bn";
    int channels = width;
    for (int stage = 0; stage < STAGES; stage++) {
      if (stage > 0) {
        last = network.reduce("reduce" + stage, last, channels);
        channels *= 2;
      }
      for (int i = 0; i < cells; i++) {
        last = network.cell(stage * cells + i, last, channels);
      }
    }
    return graph
        .addLayer("head/bn", batchNorm(channels), last)
        .addLayer("head/relu", activation(Activation.RELU), "head/bn")
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), "head/relu")
        .addLayer(
            "classifier",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(channels)
                .nOut(classes)
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.SOFTMAX)
                .build(),
            "pool")
        .setOutputs("classifier")
        .build();
  }

  /** Nodes are sums of the edges into them; the first has one edge only. */
  private String cell(int number, String input, int channels) {
    List<String> nodes = new ArrayList<>(List.of(input));
    for (int to = 1; to <= edges.get(edges.size() - 1).to(); to++) {
      List<String> into = new ArrayList<>();
      for (int l = 0; l < edges.size(); l++) {
        if (edges.get(l).to() == to) {
          into.add(operation(l, number, nodes, channels));
        }
      }
      String node = into.get(0);
      if (into.size() > 1) {
        node = "cell" + number + "/node" + to;
        graph.addVertex(
            node, new ElementWiseVertex(ElementWiseVertex.Op.Add), into.toArray(String[]::new));
      }
      nodes.add(node);
    }
    return nodes.get(nodes.size() - 1);
  }

  /** The operation of an edge in one of the cells; returns its last vertex. */
  private String operation(int edge, int number, List<String> nodes, int channels) {
    String id = cell.candidate(edge).id();
    int from = edges.get(edge).from();
    String input = nodes.get(from);
    String name = cell.space().choices().get(edge).name() + "/" + id + "/" + number;
    switch (id) {
      case "none" -> graph.addVertex(name, new ScaleVertex(0), input);
      case "skip_connect" -> graph.addVertex(name, new ScaleVertex(1), input);
      case "avg_pool_3x3" -> graph.addLayer(name, averages(3, 1, 1), input);
      default -> {
        if (!onlyConvolutionsRead(from)) {
          graph.addVertex(name + "/copy", new ScaleVertex(1), input);
          input = name + "/copy";
        }
        return reluConvBn(name, input, id.equals("nor_conv_3x3") ? 3 : 1, channels, channels, 1);
      }
    }
    return name;
  }

  private boolean onlyConvolutionsRead(int node) {
    return IntStream.range(0, edges.size())
        .filter(l -> edges.get(l).from() == node)
        .allMatch(l -> cell.candidate(l).id().startsWith("nor_conv"));
  }

  /** Halves the resolution and doubles the channels, with a shortcut of mean and projection. */
  private String reduce(String name, String input, int channels) {
    graph.addVertex(name + "/copy", new ScaleVertex(1), input);
    String first = reluConvBn(name + "/a", name + "/copy", 3, channels, 2 * channels, 2);
    String second = reluConvBn(name + "/b", first, 3, 2 * channels, 2 * channels, 1);
    graph
        .addLayer(name + "/mean", averages(2, 2, 0), input)
        .addLayer(name + "/projection", convolution(1, channels, 2 * channels, 1), name + "/mean")
        .addVertex(
            name + "/sum",
            new ElementWiseVertex(ElementWiseVertex.Op.Add),
            name + "/projection",
            second);
    return name + "/sum";
  }

  private String reluConvBn(String name, String input, int kernel, int in, int out, int stride) {
    graph
        .addLayer(name + "/relu", activation(Activation.RELU), input)
        .addLayer(name + "/conv", convolution(kernel, in, out, stride), name + "/relu")
        .addLayer(name + "/bn", batchNorm(out), name + "/conv");
    return name + "/bn";
  }

  private static ActivationLayer activation(Activation activation) {
    return new ActivationLayer.Builder().activation(activation).build();
  }

  private static ConvolutionLayer convolution(int kernel, int in, int out, int stride) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(in)
        .nOut(out)
        .stride(stride, stride)
        .padding(kernel / 2, kernel / 2)
        .convolutionMode(ConvolutionMode.Truncate)
        .hasBias(false)
        .weightInit(WeightInit.RELU)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static BatchNormalization batchNorm(int channels) {
    return new BatchNormalization.Builder()
        .nIn(channels)
        .nOut(channels)
        .eps(1e-5)
        .decay(0.9)
        .useLogStd(false)
        .build();
  }

  /** Means over what lies within the image: padding does not count. */
  private static SubsamplingLayer averages(int kernel, int stride, int padding) {
    return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
        .kernelSize(kernel, kernel)
        .stride(stride, stride)
        .padding(padding, padding)
        .convolutionMode(ConvolutionMode.Truncate)
        .avgPoolIncludePadInDivisor(false)
        .build();
  }
}
