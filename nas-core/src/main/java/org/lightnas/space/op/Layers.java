package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.lightnas.FeatureShape;
import org.nd4j.linalg.activations.Activation;

/**
 * The DL4J layers that the zoo's networks are made of, with the conventions of the zoo: explicit
 * symmetric padding (DL4J's {@code Same} is lopsided at stride 2), no bias before batch norm,
 * initial weights from {@code N(0, sqrt(2 / (k k C_out / groups)))} and batch norm with eps 1e-3
 * and momentum 0.1, as the published LightNets are trained.
 */
final class Layers {

  static final double BATCH_NORM_EPS = 1e-3;

  /** The share of the running statistics that is kept: one minus PyTorch's momentum. */
  static final double BATCH_NORM_DECAY = 0.9;

  private Layers() {}

  static ConvolutionLayer convolution(int kernel, int in, int out, int stride) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(in)
        .nOut(out)
        .stride(stride, stride)
        .padding(kernel / 2, kernel / 2)
        .convolutionMode(ConvolutionMode.Truncate)
        .hasBias(false)
        .weightInit(fanOut((double) kernel * kernel * out))
        .activation(Activation.IDENTITY)
        .build();
  }

  static DepthwiseConvolution2D depthwise(int kernel, int channels, int stride) {
    return new DepthwiseConvolution2D.Builder(kernel, kernel)
        .nIn(channels)
        .nOut(channels)
        .depthMultiplier(1)
        .stride(stride, stride)
        .padding(kernel / 2, kernel / 2)
        .convolutionMode(ConvolutionMode.Truncate)
        .hasBias(false)
        .weightInit(fanOut((double) kernel * kernel))
        .activation(Activation.IDENTITY)
        .build();
  }

  static BatchNormalization batchNorm(int channels) {
    return new BatchNormalization.Builder()
        .nIn(channels)
        .nOut(channels)
        .eps(BATCH_NORM_EPS)
        .decay(BATCH_NORM_DECAY)
        .useLogStd(false)
        .build();
  }

  static ActivationLayer activation(Activation activation) {
    return new ActivationLayer.Builder().activation(activation).build();
  }

  /** Convolution, batch norm and, unless it is the identity, activation; returns the last name. */
  static String convBnAct(
      GraphBuilder graph, String name, String input, ConvolutionLayer convolution, Activation act) {
    graph.addLayer(name, convolution, input);
    String last = name + "-bn";
    graph.addLayer(last, batchNorm((int) convolution.getNOut()), name);
    if (act != Activation.IDENTITY) {
      graph.addLayer(name + "-act", activation(act), last);
      last = name + "-act";
    }
    return last;
  }

  /** Adds a block's input, projected if its shape changes, to its result; then ReLU. */
  static String residual(
      GraphBuilder graph,
      String name,
      String input,
      String result,
      FeatureShape in,
      int channels,
      int stride) {
    String shortcut =
        stride == 1 && channels == in.channels()
            ? input
            : convBnAct(
                graph,
                name + "/shortcut",
                input,
                convolution(1, in.channels(), channels, stride),
                Activation.IDENTITY);
    String sum = name + "/add";
    graph.addVertex(sum, new ElementWiseVertex(ElementWiseVertex.Op.Add), shortcut, result);
    graph.addLayer(sum + "-act", activation(Activation.RELU), sum);
    return sum + "-act";
  }

  /** Dense layer, batch norm if wanted, ReLU6 and dropout, on vectors; returns the last name. */
  static String dense(
      GraphBuilder graph,
      String name,
      String input,
      int in,
      int units,
      double keep,
      boolean normalised) {
    String dense = name + "/dense";
    graph.addLayer(
        dense,
        new DenseLayer.Builder()
            .nIn(in)
            .nOut(units)
            .hasBias(false)
            .weightInit(fanOut(units))
            .activation(Activation.IDENTITY)
            .build(),
        input);
    String last = dense;
    if (normalised) {
      last = dense + "-bn";
      graph.addLayer(last, batchNorm(units), dense);
    }
    graph.addLayer(dense + "-act", activation(Activation.RELU6), last);
    if (keep == 1) {
      return dense + "-act";
    }
    graph.addLayer(name + "/dropout", new DropoutLayer.Builder(keep).build(), dense + "-act");
    return name + "/dropout";
  }

  /** The shape that {@link #dense} makes. */
  static FeatureShape denseShape(String op, int units, FeatureShape in) {
    checkArgument(
        in.height() == 1 && in.width() == 1,
        "%s takes vectors, but is given %s.\nMaybe put it into the tail, after the pooling.",
        op,
        in);
    return FeatureShape.vector(units);
  }

  static IWeightInit fanOut(double fan) {
    return new WeightInitDistribution(new NormalDistribution(0, Math.sqrt(2 / fan)));
  }
}
