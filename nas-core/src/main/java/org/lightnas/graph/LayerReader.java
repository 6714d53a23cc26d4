package org.lightnas.graph;

import static java.util.stream.Collectors.toMap;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.lightnas.FeatureShape;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/** Which node a layer is: one function for each kind of layer. Immutable. */
final class LayerReader {

  /** DL4J's functions of each value by itself; random ones and softmax are not among them. */
  private static final Map<Class<?>, Activation> FUNCTIONS =
      Arrays.stream(Activation.values())
          .filter(a -> a != Activation.RRELU && a != Activation.SOFTMAX)
          .collect(toMap(a -> a.getActivationFunction().getClass(), a -> a));

  private final KnownFields known;
  private final Map<Class<?>, Reading<Layer>> readings = new HashMap<>();

  /** Of one kind of layer, all of whose settings that the node does not carry are as usual. */
  @FunctionalInterface
  private interface Reading<L extends Layer> {

    /** Empty if no node can carry what the layer says. */
    Optional<Node> read(String name, L layer, Node input);
  }

  LayerReader(KnownFields known) {
    this.known = known;
    kind(ConvolutionLayer.class, LayerReader::convolution);
    kind(DepthwiseConvolution2D.class, LayerReader::convolution);
    kind(BatchNormalization.class, LayerReader::batchNorm);
    kind(ActivationLayer.class, LayerReader::activation);
    kind(DropoutLayer.class, LayerReader::dropout);
    kind(DenseLayer.class, LayerReader::dense);
    kind(OutputLayer.class, LayerReader::output);
    kind(SubsamplingLayer.class, LayerReader::pool);
    kind(GlobalPoolingLayer.class, LayerReader::globalPool);
  }

  private <L extends Layer> void kind(Class<L> kind, Reading<? super L> reading) {
    readings.put(kind, (name, layer, input) -> reading.read(name, kind.cast(layer), input));
  }

  /** The node that carries all of the layer, without its dropout and activation. */
  Optional<Node> read(String name, Layer layer, Node input) {
    Reading<Layer> reading = readings.get(layer.getClass());
    return reading == null || !known.understands(layer) || keep(layer.getIDropout()) <= 0
        ? Optional.empty()
        : reading.read(name, layer, input);
  }

  /** Which of DL4J's functions of single values this is, if it is one. */
  static Optional<Activation> function(IActivation function) {
    return Optional.ofNullable(FUNCTIONS.get(function.getClass()))
        .filter(known -> known.getActivationFunction().equals(function));
  }

  /** The probability of keeping a value: 1 without dropout, negative for what is not plain. */
  static double keep(IDropout dropout) {
    if (dropout == null) {
      return 1;
    }
    return dropout instanceof Dropout plain && plain.getPSchedule() == null ? plain.getP() : -1;
  }

  private static Optional<Node> convolution(String name, ConvolutionLayer layer, Node input) {
    if (!applicable(layer) || layer.getConvolutionMode() == ConvolutionMode.Causal) {
      return Optional.empty();
    }
    FeatureShape in = input.output();
    Window window =
        window(
            in,
            layer.getConvolutionMode(),
            layer.getKernelSize(),
            layer.getStride(),
            layer.getPadding(),
            layer.getDilation());
    return Optional.of(
        new Node.Convolution(
            name,
            List.of(input.name()),
            in,
            window.over(in).withChannels((int) layer.getNOut()),
            window,
            layer instanceof DepthwiseConvolution2D,
            layer.hasBias(),
            layer.getWeightInitFn(),
            layer.getBiasInit()));
  }

  private static Optional<Node> batchNorm(String name, BatchNormalization layer, Node input) {
    // DL4J applies locked values only if neither is at its default; it is DL4J that we mirror.
    boolean unscaled = layer.isLockGammaBeta() && (layer.getGamma() == 1 || layer.getBeta() == 0);
    return Optional.of(
        new Node.BatchNorm(
            name,
            List.of(input.name()),
            input.output(),
            layer.getEps(),
            layer.getDecay(),
            !layer.isLockGammaBeta(),
            unscaled ? 1 : layer.getGamma(),
            unscaled ? 0 : layer.getBeta(),
            layer.isUseLogStd()));
  }

  private static Optional<Node> activation(String name, ActivationLayer layer, Node input) {
    return function(layer.getActivationFn())
        .map(f -> new Node.Activate(name, List.of(input.name()), input.output(), f));
  }

  private static Optional<Node> dropout(String name, DropoutLayer layer, Node input) {
    double keep = keep(layer.getIDropout());
    return applicable(layer)
        ? Optional.of(new Node.Dropout(name, List.of(input.name()), input.output(), keep))
        : Optional.empty();
  }

  private static Optional<Node> dense(String name, DenseLayer layer, Node input) {
    return applicable(layer) ? product(name, layer, layer.hasBias(), input) : Optional.empty();
  }

  private static Optional<Node> output(String name, OutputLayer layer, Node input) {
    boolean classifies =
        layer.getActivationFn().equals(Activation.SOFTMAX.getActivationFunction())
            && (layer.getLossFn().equals(new LossMCXENT())
                || layer.getLossFn().equals(new LossNegativeLogLikelihood()));
    return classifies ? product(name, layer, layer.hasBias(), input) : Optional.empty();
  }

  private static Optional<Node> product(
      String name, FeedForwardLayer layer, boolean hasBias, Node input) {
    FeatureShape in = input.output();
    return in.height() == 1 && in.width() == 1
        ? Optional.of(
            new Node.Dense(
                name,
                List.of(input.name()),
                in.channels(),
                FeatureShape.vector((int) layer.getNOut()),
                hasBias,
                layer.getWeightInitFn(),
                layer.getBiasInit()))
        : Optional.empty();
  }

  private static Optional<Node> pool(String name, SubsamplingLayer layer, Node input) {
    if (!maxOrAverage(layer.getPoolingType())
        || layer.getConvolutionMode() == ConvolutionMode.Causal) {
      return Optional.empty();
    }
    FeatureShape in = input.output();
    Window window =
        window(
            in,
            layer.getConvolutionMode(),
            layer.getKernelSize(),
            layer.getStride(),
            layer.getPadding(),
            layer.getDilation());
    return Optional.of(
        new Node.Pool(
            name,
            List.of(input.name()),
            in,
            window.over(in),
            window,
            layer.getPoolingType() == PoolingType.MAX,
            layer.isAvgPoolIncludePadInDivisor()));
  }

  private static Optional<Node> globalPool(String name, GlobalPoolingLayer layer, Node input) {
    FeatureShape in = input.output();
    // DL4J notes the axes in the layer once it knows the type of its input.
    int[] axes = layer.getPoolingDimensions();
    return maxOrAverage(layer.getPoolingType())
            && (axes == null || Arrays.equals(axes, new int[] {2, 3}))
        ? Optional.of(
            new Node.GlobalPool(
                name,
                List.of(input.name()),
                in,
                FeatureShape.vector(in.channels()),
                layer.getPoolingType() == PoolingType.MAX))
        : Optional.empty();
  }

  private static boolean applicable(BaseLayer layer) {
    return function(layer.getActivationFn()).isPresent();
  }

  private static boolean maxOrAverage(PoolingType type) {
    return type == PoolingType.MAX || type == PoolingType.AVG;
  }

  private static Window window(
      FeatureShape in,
      ConvolutionMode mode,
      int[] kernel,
      int[] stride,
      int[] padding,
      int[] dilation) {
    return mode == ConvolutionMode.Same
        ? Window.same(in, kernel, stride, dilation)
        : Window.symmetric(kernel, stride, padding, dilation);
  }
}
