package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.lightnas.FeatureShape;
import org.nd4j.linalg.activations.Activation;

/**
 * What all units of ShuffleNetV2 have in common: what does not go through the main branch, and how
 * the two are joined.
 *
 * @param name prefix of the unit's vertices
 * @param passed what is joined with the result of the main branch
 * @param from what the main branch reads
 * @param in its channels
 * @param out channels that the main branch makes
 */
record ShuffleBranches(
    GraphBuilder graph, String name, String passed, String from, int in, int out) {

  /** So that 0.7 of 80 is 56, whatever binary fractions make of 0.7. */
  private static final double ROUNDING = 1e-9;

  static void check(String op, int kernel, double width, int channels, int stride) {
    checkArgument(
        kernel >= 1 && kernel % 2 == 1, "The kernel of %s must be odd, but is %s.", op, kernel);
    checkArgument(
        width > 0 && Double.isFinite(width),
        "The width of %s must be a positive number, but is %s.",
        op,
        width);
    checkArgument(
        channels >= 2 && channels % 2 == 0 && stride >= 1,
        "The channels of %s must be even and positive, the stride positive, but are %s and %s.",
        op,
        channels,
        stride);
  }

  static int mid(double width, int channels) {
    int half = channels / 2;
    return Math.max(1, (int) (half * width + ROUNDING));
  }

  static FeatureShape outputShape(String id, int channels, int stride, FeatureShape in) {
    checkArgument(
        channels > in.channels() || passes(channels, stride, in),
        "'%s' joins others to the %s channels that it is given, so it cannot make %s.\n"
            + "Maybe give it more channels.",
        id,
        in.channels(),
        channels);
    return in.strided(stride).withChannels(channels);
  }

  private static boolean passes(int channels, int stride, FeatureShape in) {
    return stride == 1 && channels == in.channels();
  }

  /** Writes all but the main branch. */
  static ShuffleBranches begin(
      GraphBuilder graph,
      String name,
      String input,
      FeatureShape in,
      int kernel,
      int channels,
      int stride) {
    if (passes(channels, stride, in)) {
      int half = channels / 2;
      String shuffled = shuffle(graph, name, input, in);
      String even = subset(graph, name + "/even", 0, shuffled, in.withChannels(half));
      String odd = subset(graph, name + "/odd", half, shuffled, in.withChannels(half));
      return new ShuffleBranches(graph, name, even, odd, half, half);
    }
    String last =
        Layers.convBnAct(
            graph,
            name + "/project1",
            input,
            Layers.depthwise(kernel, in.channels(), stride),
            Activation.IDENTITY);
    last =
        Layers.convBnAct(
            graph,
            name + "/project2",
            last,
            Layers.convolution(1, in.channels(), in.channels(), 1),
            Activation.RELU);
    return new ShuffleBranches(graph, name, last, input, in.channels(), channels - in.channels());
  }

  /** Brings the even channels before the odd ones. */
  private static String shuffle(GraphBuilder graph, String name, String input, FeatureShape in) {
    int pixels = in.height() * in.width();
    int half = in.channels() / 2;
    graph.addVertex(name + "/pairs", new ReshapeVertex(-1, half, 2, pixels), input);
    graph.addVertex(
        name + "/apart",
        new PreprocessorVertex(new PermutePreprocessor(0, 2, 1, 3)),
        name + "/pairs");
    graph.addVertex(
        name + "/shuffle",
        new ReshapeVertex(-1, in.channels(), in.height(), in.width()),
        name + "/apart");
    return name + "/shuffle";
  }

  /** With a reshaping that changes nothing, as DL4J infers a wrong size of subsets of maps. */
  private static String subset(
      GraphBuilder graph, String name, int from, String input, FeatureShape made) {
    graph.addVertex(name, new SubsetVertex(from, from + made.channels() - 1), input);
    graph.addVertex(
        name + "-map", new ReshapeVertex(-1, made.channels(), made.height(), made.width()), name);
    return name + "-map";
  }

  /** Prefix of the layers of the main branch, which are numbered from 1. */
  String main() {
    return name + "/main";
  }

  /** A 1x1 convolution with batch norm and ReLU. */
  String point(String layer, String input, int channels, int made) {
    return Layers.convBnAct(
        graph, layer, input, Layers.convolution(1, channels, made, 1), Activation.RELU);
  }

  /** Joins what passed with the result of the main branch. */
  String join(String result) {
    graph.addVertex(name + "/join", new MergeVertex(), passed, result);
    return name + "/join";
  }
}
