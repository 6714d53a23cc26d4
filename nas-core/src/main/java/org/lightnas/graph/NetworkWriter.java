package org.lightnas.graph;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
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
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.lightnas.FeatureShape;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Writes nodes as a DL4J configuration, one vertex per node, three for a shuffle; reading it back
 * gives equal nodes.
 */
final class NetworkWriter {

  private final LayerGraph graph;
  private final GraphBuilder builder = new NeuralNetConfiguration.Builder().graphBuilder();

  private NetworkWriter(LayerGraph graph) {
    this.graph = graph;
  }

  static ComputationGraphConfiguration write(LayerGraph graph) {
    return new NetworkWriter(graph).write();
  }

  private ComputationGraphConfiguration write() {
    for (Node node : graph.nodes()) {
      add(node);
    }
    String output =
        graph.output() instanceof Node.Softmax last ? last.inputs().get(0) : graph.outputName();
    ComputationGraphConfiguration configuration = builder.setOutputs(output).build();
    InputSize.mark(configuration, graph.input());
    return configuration;
  }

  private void add(Node node) {
    if (node instanceof Node.Input) {
      builder.addInputs(node.name());
    } else if (node instanceof Node.Convolution convolution) {
      layer(node, convolution(convolution));
    } else if (node instanceof Node.Dense dense) {
      layer(node, dense(dense));
    } else if (node instanceof Node.BatchNorm norm) {
      layer(
          node,
          new BatchNormalization.Builder()
              .nIn(norm.output().channels())
              .nOut(norm.output().channels())
              .eps(norm.eps())
              .decay(norm.decay())
              .lockGammaBeta(!norm.affine())
              .gamma(norm.gamma())
              .beta(norm.beta())
              .useLogStd(norm.logStd())
              .build());
    } else if (node instanceof Node.Activate activate) {
      layer(node, new ActivationLayer.Builder().activation(activate.function()).build());
    } else if (node instanceof Node.Add) {
      vertex(node, new ElementWiseVertex(ElementWiseVertex.Op.Add));
    } else if (node instanceof Node.Multiply) {
      vertex(node, new ElementWiseVertex(ElementWiseVertex.Op.Product));
    } else if (node instanceof Node.Scale scale) {
      vertex(node, new ScaleVertex(scale.factor()));
    } else if (node instanceof Node.Concat) {
      vertex(node, new MergeVertex());
    } else if (node instanceof Node.Subset subset) {
      vertex(node, new SubsetVertex(subset.from(), subset.from() + subset.output().channels() - 1));
    } else if (node instanceof Node.Shuffle shuffle) {
      shuffle(shuffle);
    } else if (node instanceof Node.Pool pool) {
      layer(node, pool(pool));
    } else if (node instanceof Node.GlobalPool pool) {
      layer(
          node,
          new GlobalPoolingLayer.Builder(pool.max() ? PoolingType.MAX : PoolingType.AVG).build());
    } else if (node instanceof Node.Flatten flatten) {
      FeatureShape in = flatten.in();
      vertex(
          node,
          new PreprocessorVertex(
              new CnnToFeedForwardPreProcessor(in.height(), in.width(), in.channels())));
    } else if (node instanceof Node.Dropout dropout) {
      layer(node, new DropoutLayer.Builder(dropout.keep()).build());
    } else if (node instanceof Node.Opaque opaque) {
      layer(node, opaque.layer().clone());
    }
    // A softmax is written with the dense node before it, as DL4J's output layer.
  }

  private void layer(Node node, Layer layer) {
    builder.addLayer(node.name(), layer, node.inputs().toArray(String[]::new));
  }

  private void vertex(Node node, GraphVertex vertex) {
    builder.addVertex(node.name(), vertex, node.inputs().toArray(String[]::new));
  }

  private void shuffle(Node.Shuffle node) {
    FeatureShape map = node.output();
    String grouped = node.name() + ":groups";
    String swapped = node.name() + ":swapped";
    builder.addVertex(
        grouped,
        new ReshapeVertex(
            -1, node.groups(), map.channels() / node.groups(), map.height() * map.width()),
        node.inputs().get(0));
    builder.addVertex(
        swapped, new PreprocessorVertex(new PermutePreprocessor(0, 2, 1, 3)), grouped);
    builder.addVertex(
        node.name(), new ReshapeVertex(-1, map.channels(), map.height(), map.width()), swapped);
  }

  private static Layer convolution(Node.Convolution node) {
    Window w = node.window();
    ConvolutionLayer.BaseConvBuilder<?> builder =
        node.depthwise()
            ? new DepthwiseConvolution2D.Builder(w.kernelH(), w.kernelW())
                .depthMultiplier(node.multiplier())
            : new ConvolutionLayer.Builder(w.kernelH(), w.kernelW());
    builder.nIn(node.in().channels());
    builder.nOut(node.output().channels());
    builder.stride(w.strideH(), w.strideW());
    builder.dilation(w.dilationH(), w.dilationW());
    if (w.isSymmetric()) {
      builder.padding(w.top(), w.left()).convolutionMode(ConvolutionMode.Truncate);
    } else {
      builder.convolutionMode(ConvolutionMode.Same);
    }
    builder.hasBias(node.hasBias());
    builder.biasInit(node.biasInit());
    builder.weightInit(node.init());
    builder.activation(Activation.IDENTITY);
    return node.depthwise()
        ? ((DepthwiseConvolution2D.Builder) builder).build()
        : ((ConvolutionLayer.Builder) builder).build();
  }

  private Layer dense(Node.Dense node) {
    boolean classifier =
        graph.output() instanceof Node.Softmax && graph.output().inputs().contains(node.name());
    if (classifier) {
      return new OutputLayer.Builder(LossFunction.MCXENT)
          .nIn(node.in())
          .nOut(node.output().channels())
          .hasBias(node.hasBias())
          .biasInit(node.biasInit())
          .weightInit(node.init())
          .activation(Activation.SOFTMAX)
          .build();
    }
    return new DenseLayer.Builder()
        .nIn(node.in())
        .nOut(node.output().channels())
        .hasBias(node.hasBias())
        .biasInit(node.biasInit())
        .weightInit(node.init())
        .activation(Activation.IDENTITY)
        .build();
  }

  private static Layer pool(Node.Pool pool) {
    Window w = pool.window();
    SubsamplingLayer.Builder builder =
        new SubsamplingLayer.Builder(
                pool.max() ? SubsamplingLayer.PoolingType.MAX : SubsamplingLayer.PoolingType.AVG)
            .kernelSize(w.kernelH(), w.kernelW())
            .stride(w.strideH(), w.strideW())
            .dilation(w.dilationH(), w.dilationW())
            .avgPoolIncludePadInDivisor(pool.countPadding());
    return w.isSymmetric()
        ? builder.padding(w.top(), w.left()).convolutionMode(ConvolutionMode.Truncate).build()
        : builder.convolutionMode(ConvolutionMode.Same).build();
  }
}
