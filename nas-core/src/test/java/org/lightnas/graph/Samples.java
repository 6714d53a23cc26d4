package org.lightnas.graph;

import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
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
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Networks and arrays that several tests use. */
public final class Samples {

  private Samples() {}

  /**
   * Every kind of node there is, on 3 x 9 x 8 images and 5 classes. All sizes are written out:
   * DL4J's own inference miscounts the channels behind a subset.
   */
  public static ComputationGraphConfiguration everything() {
    return new NeuralNetConfiguration.Builder()
        .graphBuilder()
        .addInputs("in")
        .addLayer(
            "conv",
            new ConvolutionLayer.Builder(3, 5)
                .nIn(3)
                .nOut(8)
                .padding(1, 2)
                .activation(Activation.TANH)
                .build(),
            new FeedForwardToCnnPreProcessor(9, 8, 3),
            "in")
        .addLayer(
            "norm", new BatchNormalization.Builder().nIn(8).nOut(8).decay(0.8).build(), "conv")
        .addLayer("act", new ActivationLayer(Activation.RELU6), "norm")
        .addLayer(
            "depthwise",
            new DepthwiseConvolution2D.Builder(3, 3)
                .nIn(8)
                .nOut(16)
                .depthMultiplier(2)
                .stride(2, 2)
                .padding(1, 1)
                .activation(Activation.IDENTITY)
                .build(),
            "act")
        .addLayer(
            "same",
            new ConvolutionLayer.Builder(3, 3)
                .nIn(8)
                .nOut(16)
                .stride(2, 2)
                .convolutionMode(ConvolutionMode.Same)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .build(),
            "act")
        .addLayer(
            "fixed-norm",
            new BatchNormalization.Builder()
                .nIn(16)
                .nOut(16)
                .lockGammaBeta(true)
                .useLogStd(false)
                .build(),
            "same")
        .addVertex(
            "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "depthwise", "fixed-norm")
        .addVertex(
            "product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "sum", "fixed-norm")
        .addVertex("scaled", new ScaleVertex(0.5), "product")
        .addVertex("half", new SubsetVertex(4, 11), "scaled")
        .addVertex("both", new MergeVertex(), "half", "sum")
        .addVertex("both-groups", new ReshapeVertex(-1, 3, 8, 20), "both")
        .addVertex(
            "both-swapped",
            new PreprocessorVertex(new PermutePreprocessor(0, 2, 1, 3)),
            "both-groups")
        .addVertex("shuffled", new ReshapeVertex(-1, 24, 5, 4), "both-swapped")
        .addLayer(
            "prelu",
            new PReLULayer.Builder()
                .inputShape(24, 5, 4)
                .sharedAxes(2, 3)
                .nIn(480)
                .nOut(480)
                .build(),
            "shuffled")
        .addLayer(
            "max",
            new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(3, 3)
                .stride(1, 1)
                .padding(1, 1)
                .build(),
            "prelu")
        .addLayer(
            "average",
            new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.AVG)
                .kernelSize(3, 3)
                .stride(2, 2)
                .padding(1, 1)
                .build(),
            "max")
        .addLayer("drop", new DropoutLayer.Builder(0.5).build(), "average")
        .addLayer(
            "dense",
            new DenseLayer.Builder()
                .nIn(144)
                .nOut(12)
                .dropOut(0.9)
                .activation(Activation.SWISH)
                .build(),
            new CnnToFeedForwardPreProcessor(3, 2, 24),
            "drop")
        .addLayer(
            "out",
            new OutputLayer.Builder().nIn(12).nOut(5).activation(Activation.SOFTMAX).build(),
            "dense")
        .setOutputs("out")
        .build();
  }

  public static final FeatureShape EVERYTHING_INPUT = new FeatureShape(3, 9, 8);

  /** Fills all parameters so that nothing is at its start value and variances are positive. */
  public static void scramble(ComputationGraph network, long seed) {
    scramble(network, LayerGraph.read(network.getConfiguration()).input(), seed);
  }

  /** The same for a network that does not say its input size. */
  public static void scramble(ComputationGraph network, FeatureShape input, long seed) {
    RandomGenerator random = Seeds.random(seed, "scramble", 0);
    LayerGraph graph = LayerGraph.read(network.getConfiguration(), input);
    var values = NetworkValues.read(network, graph);
    values.forEach(
        (name, data) -> {
          boolean positive = name.endsWith("/var") || name.endsWith("/gamma");
          for (int i = 0; i < data.length; i++) {
            data[i] += positive ? random.nextDouble() : 0.3 * random.nextGaussian();
          }
        });
    NetworkValues.write(network, graph, values);
  }

  /** Uniform images in [0, 1], float32 [n, C, H, W]. */
  public static INDArray images(FeatureShape shape, int n, long seed) {
    RandomGenerator random = Seeds.random(seed, "images", 0);
    float[] values = new float[(int) (n * shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return Nd4j.create(
        values, new long[] {n, shape.channels(), shape.height(), shape.width()}, 'c');
  }

  /** max|a - b| / max(1, max|b|). */
  public static double distance(INDArray a, INDArray b) {
    return a.sub(b).amaxNumber().doubleValue() / Math.max(1, b.amaxNumber().doubleValue());
  }
}
