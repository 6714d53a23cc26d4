package org.lightnas.export;

import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Samples;
import org.lightnas.graph.Window;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;

/** Draws small networks of every kind of node. All sizes are written out. */
final class RandomGraph {

  /** Without cubes and the like, which amplify rounding: those are tested one by one. */
  private static final Activation[] FUNCTIONS = {
    Activation.RELU,
    Activation.RELU6,
    Activation.SWISH,
    Activation.TANH,
    Activation.SIGMOID,
    Activation.IDENTITY,
    Activation.LEAKYRELU,
    Activation.HARDSIGMOID,
    Activation.ELU
  };

  private static final int KINDS = 11;

  private final RandomGenerator random;
  private final GraphBuilder builder;
  private FeatureShape shape;
  private String last = "in";
  private int count;

  private RandomGraph(long seed) {
    random = Seeds.random(seed, "graph", 0);
    builder = new NeuralNetConfiguration.Builder().seed(seed).graphBuilder().addInputs("in");
    shape = new FeatureShape(random.nextInt(1, 4), random.nextInt(7, 13), random.nextInt(7, 13));
  }

  /** A network with weights as after training. */
  static ComputationGraph network(long seed, int steps) {
    RandomGraph graph = new RandomGraph(seed);
    graph.convolution(true);
    for (int i = 0; i < steps; i++) {
      graph.step(graph.random.nextInt(KINDS));
    }
    graph.end();
    ComputationGraph network = new ComputationGraph(graph.builder.build());
    network.init();
    Samples.scramble(network, seed);
    return network;
  }

  private String name(String kind) {
    return kind + count++;
  }

  private Activation function() {
    return FUNCTIONS[random.nextInt(FUNCTIONS.length)];
  }

  private int[] pair(int from, int to) {
    return new int[] {random.nextInt(from, to), random.nextInt(from, to)};
  }

  private void step(int kind) {
    switch (kind) {
      case 0 -> convolution(false);
      case 1 -> depthwise();
      case 2 -> norm();
      case 3 -> plain("act", new ActivationLayer(function()));
      case 4 -> combine(new ElementWiseVertex(ElementWiseVertex.Op.Add), 1);
      case 5 -> combine(new ElementWiseVertex(ElementWiseVertex.Op.Product), 1);
      case 6 -> combine(new MergeVertex(), 2);
      case 7 -> scaleOrDrop();
      case 8 -> subset();
      case 9 -> shuffle();
      default -> pool();
    }
  }

  private void plain(String kind, org.deeplearning4j.nn.conf.layers.Layer layer) {
    String name = name(kind);
    builder.addLayer(name, layer, last);
    last = name;
  }

  /** A window with padding that always leaves something. */
  private Window window(boolean same, boolean dilates) {
    int[] kernel = pair(1, 4);
    int[] dilation = dilates && random.nextInt(3) == 0 ? pair(1, 3) : new int[] {1, 1};
    int[] stride = random.nextInt(3) == 0 ? pair(1, 3) : new int[] {1, 1};
    int[] padding = {kernel[0] * dilation[0] / 2, kernel[1] * dilation[1] / 2};
    return same
        ? Window.same(shape, kernel, stride, dilation)
        : Window.symmetric(kernel, stride, padding, dilation);
  }

  private void convolution(boolean first) {
    boolean same = random.nextBoolean();
    Window w = window(same, true);
    int out = 2 * random.nextInt(1, 5);
    ConvolutionLayer layer =
        new ConvolutionLayer.Builder(w.kernelH(), w.kernelW())
            .nIn(shape.channels())
            .nOut(out)
            .stride(w.strideH(), w.strideW())
            .dilation(w.dilationH(), w.dilationW())
            .padding(same ? 0 : w.top(), same ? 0 : w.left())
            .convolutionMode(same ? ConvolutionMode.Same : ConvolutionMode.Truncate)
            .hasBias(random.nextBoolean())
            .activation(function())
            .build();
    String name = name("conv");
    if (first) {
      builder.addLayer(
          name,
          layer,
          new FeedForwardToCnnPreProcessor(shape.height(), shape.width(), shape.channels()),
          last);
    } else {
      builder.addLayer(name, layer, last);
    }
    last = name;
    shape = w.over(shape).withChannels(out);
  }

  private void depthwise() {
    boolean same = random.nextBoolean();
    // Not dilated: with oneDNN, ND4J fails on many of them.
    Window w = window(same, false);
    int multiplier = shape.channels() > 12 ? 1 : random.nextInt(1, 4);
    plain(
        "depthwise",
        new DepthwiseConvolution2D.Builder(w.kernelH(), w.kernelW())
            .nIn(shape.channels())
            .nOut(shape.channels() * multiplier)
            .depthMultiplier(multiplier)
            .stride(w.strideH(), w.strideW())
            .dilation(w.dilationH(), w.dilationW())
            .padding(same ? 0 : w.top(), same ? 0 : w.left())
            .convolutionMode(same ? ConvolutionMode.Same : ConvolutionMode.Truncate)
            .hasBias(random.nextBoolean())
            .activation(function())
            .build());
    shape = w.over(shape).withChannels(shape.channels() * multiplier);
  }

  private void norm() {
    plain(
        "norm",
        new BatchNormalization.Builder()
            .nIn(shape.channels())
            .nOut(shape.channels())
            .eps(random.nextBoolean() ? 1e-5 : 1e-2)
            .lockGammaBeta(random.nextInt(3) == 0)
            .gamma(0.7)
            .beta(0.3)
            .useLogStd(random.nextBoolean())
            .build());
  }

  /** Two branches of one to three inputs in all, with what came before among them or not. */
  private void combine(org.deeplearning4j.nn.conf.graph.GraphVertex vertex, int growth) {
    if (growth * shape.channels() > 24) {
      return;
    }
    String before = last;
    plain("left", new ActivationLayer(function()));
    String left = last;
    last = before;
    plain("right", new ActivationLayer(function()));
    String name = name("both");
    if (growth == 1 && random.nextBoolean()) {
      builder.addVertex(name, vertex, left, last, before);
    } else {
      builder.addVertex(name, vertex, left, last);
    }
    last = name;
    shape = shape.withChannels(growth * shape.channels());
  }

  private void scaleOrDrop() {
    if (random.nextBoolean()) {
      plain("drop", new DropoutLayer.Builder(0.5).build());
    } else {
      String name = name("scale");
      builder.addVertex(name, new ScaleVertex(-0.7), last);
      last = name;
    }
  }

  private void subset() {
    if (shape.channels() < 2) {
      return;
    }
    int from = random.nextInt(shape.channels());
    int to = random.nextInt(from, shape.channels());
    String name = name("part");
    builder.addVertex(name, new SubsetVertex(from, to), last);
    last = name;
    shape = shape.withChannels(to - from + 1);
  }

  private void shuffle() {
    int groups = shape.channels() % 3 == 0 ? 3 : 2;
    if (shape.channels() % groups != 0) {
      return;
    }
    String grouped = name("groups");
    String swapped = name("swapped");
    String name = name("shuffled");
    builder.addVertex(
        grouped,
        new ReshapeVertex(-1, groups, shape.channels() / groups, shape.height() * shape.width()),
        last);
    builder.addVertex(
        swapped, new PreprocessorVertex(new PermutePreprocessor(0, 2, 1, 3)), grouped);
    builder.addVertex(
        name, new ReshapeVertex(-1, shape.channels(), shape.height(), shape.width()), swapped);
    last = name;
  }

  private void pool() {
    boolean same = random.nextBoolean();
    Window w = window(same, false);
    plain(
        "pool",
        new SubsamplingLayer.Builder(
                random.nextBoolean()
                    ? SubsamplingLayer.PoolingType.MAX
                    : SubsamplingLayer.PoolingType.AVG)
            .kernelSize(w.kernelH(), w.kernelW())
            .stride(w.strideH(), w.strideW())
            .dilation(w.dilationH(), w.dilationW())
            .padding(same ? 0 : w.top(), same ? 0 : w.left())
            .convolutionMode(same ? ConvolutionMode.Same : ConvolutionMode.Truncate)
            .avgPoolIncludePadInDivisor(random.nextBoolean())
            .build());
    shape = w.over(shape);
  }

  private void end() {
    int kind = random.nextInt(4);
    if (kind == 0) {
      builder.setOutputs(last);
      return;
    }
    int features = shape.channels();
    if (kind == 1) {
      String name = name("dense");
      features = random.nextInt(2, 9);
      builder.addLayer(
          name,
          new DenseLayer.Builder()
              .nIn(shape.size())
              .nOut(features)
              .hasBias(random.nextBoolean())
              .activation(function())
              .build(),
          new CnnToFeedForwardPreProcessor(shape.height(), shape.width(), shape.channels()),
          last);
      last = name;
    } else {
      plain(
          "global",
          new GlobalPoolingLayer(random.nextBoolean() ? PoolingType.AVG : PoolingType.MAX));
    }
    if (kind == 3) {
      String vector = last;
      shape = FeatureShape.vector(features);
      combine(new MergeVertex(), 2);
      features = last.equals(vector) ? features : 2 * features;
    }
    builder
        .addLayer(
            "out",
            new OutputLayer.Builder()
                .nIn(features)
                .nOut(5)
                .hasBias(random.nextBoolean())
                .activation(Activation.SOFTMAX)
                .build(),
            last)
        .setOutputs("out");
  }
}
