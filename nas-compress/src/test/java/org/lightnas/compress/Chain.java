package org.lightnas.compress;

import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network of convolutions, batch norms and activations in a row.
 *
 * @param links layers {@code conv0, norm0, act0, conv1, …}
 * @param classifier whether pooling and a softmax follow; otherwise the last map is the answer
 * @param seed of all its values
 */
record Chain(FeatureShape input, List<Link> links, boolean classifier, long seed) {

  static final int CLASSES = 4;

  private static final double TINY = 1e-6;
  private static final double QUIET = 1e-3;

  /**
   * Convolution, batch norm, activation.
   *
   * @param depthwise then {@code width} is the multiplier
   * @param own the convolution's own activation; only identity lets the norm be folded
   */
  record Link(
      boolean depthwise,
      int width,
      int kernelH,
      int kernelW,
      int stride,
      int dilation,
      boolean same,
      boolean bias,
      Activation own,
      Norm norm,
      Activation activation) {

    int channels(int in) {
      return depthwise ? in * width : width;
    }

    Layer convolution(int in) {
      ConvolutionLayer.BaseConvBuilder<?> builder =
          depthwise
              ? new DepthwiseConvolution2D.Builder(kernelH, kernelW).depthMultiplier(width)
              : new ConvolutionLayer.Builder(kernelH, kernelW);
      builder.nIn(in);
      builder.nOut(channels(in));
      builder.stride(stride, stride);
      builder.dilation(dilation, dilation);
      if (same) {
        builder.convolutionMode(ConvolutionMode.Same);
      } else {
        // Enough for every kernel to fit over a map of one pixel.
        builder.padding(dilation * kernelH / 2, dilation * kernelW / 2);
        builder.convolutionMode(ConvolutionMode.Truncate);
      }
      builder.hasBias(bias);
      builder.activation(own);
      return depthwise
          ? ((DepthwiseConvolution2D.Builder) builder).build()
          : ((ConvolutionLayer.Builder) builder).build();
    }
  }

  /** The settings of a batch norm; gamma and beta count where they are locked. */
  record Norm(double eps, boolean locked, double gamma, double beta, boolean logStd) {

    Layer layer(int channels) {
      return new BatchNormalization.Builder()
          .nIn(channels)
          .nOut(channels)
          .eps(eps)
          .lockGammaBeta(locked)
          .gamma(gamma)
          .beta(beta)
          .useLogStd(logStd)
          .build();
    }
  }

  /** The network, initialised and filled. */
  ComputationGraph network() {
    GraphBuilder builder = new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
    String last = "in";
    int channels = input.channels();
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      if (i == 0) {
        builder.addLayer("conv0", link.convolution(channels), size(input), last);
      } else {
        builder.addLayer("conv" + i, link.convolution(channels), last);
      }
      channels = link.channels(channels);
      builder.addLayer("norm" + i, link.norm().layer(channels), "conv" + i);
      builder.addLayer("act" + i, new ActivationLayer(link.activation()), "norm" + i);
      last = "act" + i;
    }
    ComputationGraph network =
        classifier ? classifier(builder, last, channels, seed) : filled(builder, last, seed);
    for (int i = 0; i < links.size(); i++) {
      quieten(network, i);
    }
    return network;
  }

  /**
   * Makes convolutions small where the batch norm behind them has hardly any variance, as it is in
   * trained networks; otherwise such a norm amplifies mere rounding by 300, and three of them leave
   * nothing to compare.
   */
  private void quieten(ComputationGraph network, int link) {
    Map<String, INDArray> norm = network.getLayer("norm" + link).paramTable();
    Map<String, INDArray> conv = network.getLayer("conv" + link).paramTable();
    int channels = (int) norm.get("mean").length();
    double[] factors = new double[channels];
    for (int c = 0; c < channels; c++) {
      double variance =
          norm.containsKey("var")
              ? norm.get("var").getDouble(c)
              : Math.pow(10, 2 * norm.get("log10stdev").getDouble(c));
      factors[c] = variance < TINY ? QUIET : 1;
    }
    scale(norm.get("mean"), i -> factors[i]);
    if (conv.containsKey("b")) {
      scale(conv.get("b"), i -> factors[i]);
    }
    // Depthwise kernels end with the output channel, the others begin with it.
    int each = (int) conv.get("W").length() / channels;
    boolean last = links.get(link).depthwise();
    scale(conv.get("W"), i -> factors[last ? i % channels : i / each]);
  }

  private static void scale(INDArray array, IntToDoubleFunction factor) {
    double[] values = array.dup('c').data().asDouble();
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor.applyAsDouble(i);
    }
    array.assign(Nd4j.create(values, array.shape(), 'c'));
  }

  /** Says the size of the images. */
  static FeedForwardToCnnPreProcessor size(FeatureShape input) {
    return new FeedForwardToCnnPreProcessor(input.height(), input.width(), input.channels());
  }

  /** Adds pooling and a classifier behind a map, initialises and fills. */
  static ComputationGraph classifier(GraphBuilder builder, String last, int channels, long seed) {
    GraphBuilder all =
        builder
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), last)
            .addLayer(
                "out",
                new OutputLayer.Builder()
                    .nIn(channels)
                    .nOut(CLASSES)
                    .activation(Activation.SOFTMAX)
                    .build(),
                "pool");
    return filled(all, "out", seed);
  }

  /** A network with these values that answers with what a vertex computes. */
  static ComputationGraph filled(GraphBuilder builder, String output, long seed) {
    ComputationGraph network = new ComputationGraph(builder.setOutputs(output).build());
    network.init();
    fill(network, seed);
    return network;
  }

  /**
   * Values as after training: nothing at its start; some scales 0 or negative, some variances
   * nearly 0. Set by DL4J's own names, so that our reading of them is under test.
   */
  static void fill(ComputationGraph network, long seed) {
    RandomGenerator random = Seeds.random(seed, "fill", 0);
    for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
      for (Map.Entry<String, INDArray> parameter : layer.paramTable().entrySet()) {
        INDArray array = parameter.getValue();
        double[] values = new double[(int) array.length()];
        for (int i = 0; i < values.length; i++) {
          values[i] = value(parameter.getKey(), random);
        }
        array.assign(Nd4j.create(values, array.shape(), 'c'));
      }
    }
  }

  private static double value(String key, RandomGenerator random) {
    return switch (key) {
      case "gamma" -> random.nextInt(6) == 0 ? 0 : random.nextGaussian();
      case "var" -> variance(random);
      case "log10stdev" -> 0.5 * Math.log10(variance(random));
      default -> 0.4 * random.nextGaussian();
    };
  }

  private static double variance(RandomGenerator random) {
    return random.nextInt(6) == 0 ? 1e-12 : random.nextDouble(0.2, 1.5);
  }
}
