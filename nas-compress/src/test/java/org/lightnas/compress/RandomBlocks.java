package org.lightnas.compress;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.graph.Window;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.activations.Activation;

/** Draws networks of chains, shortcuts and branches, mostly linear. */
final class RandomBlocks {

  final RandomGenerator random;
  private final boolean plain;
  private final List<Node> nodes = new ArrayList<>();

  /**
   * Begins a network.
   *
   * @param plain whether the tests' backend has to run it: no dilated depthwise convolution, small
   *     kernels
   */
  RandomBlocks(long seed, FeatureShape input, boolean plain) {
    this.random = Seeds.random(seed, "blocks", 0);
    this.plain = plain;
    nodes.add(new Node.Input("in", input));
  }

  /** A network of some parts, at most one of them a barrier if they are few. */
  static TrainedGraph network(long seed, FeatureShape input, int parts, boolean plain) {
    RandomBlocks blocks = new RandomBlocks(seed, input, plain);
    Node last = blocks.conv(blocks.nodes.get(0), 0);
    for (int i = 1; i < parts; i++) {
      last = blocks.part(last);
    }
    return blocks.finish(last);
  }

  Node input() {
    return nodes.get(0);
  }

  /** With values for everything. */
  TrainedGraph finish(Node last) {
    LayerGraph graph = new LayerGraph(nodes, last.name());
    Map<String, double[]> values = new HashMap<>();
    for (Parameter parameter : graph.parameters()) {
      double[] drawn = new double[(int) parameter.size()];
      String name = parameter.name();
      for (int i = 0; i < drawn.length; i++) {
        drawn[i] = value(name.substring(name.lastIndexOf('/') + 1));
      }
      values.put(name, drawn);
    }
    if (plain) {
      values.replaceAll((name, gamma) -> name.endsWith("/gamma") ? quiet(name, values) : gamma);
    }
    return new TrainedGraph(graph, values);
  }

  /**
   * Small scales where there is hardly any variance, as in trained networks; otherwise such a norm
   * amplifies mere rounding of float32 by 300, and three of them leave nothing to compare.
   */
  private static double[] quiet(String gamma, Map<String, double[]> values) {
    double[] scale = values.get(gamma).clone();
    double[] variance = values.get(gamma.replace("/gamma", "/var"));
    Arrays.setAll(scale, c -> variance[c] < 1e-6 ? 1e-2 * scale[c] : scale[c]);
    return scale;
  }

  private double value(String key) {
    return switch (key) {
      case "gamma" -> random.nextInt(5) == 0 ? 0 : random.nextGaussian();
      case "var" -> random.nextInt(8) == 0 ? 1e-12 : random.nextDouble(0.2, 1.5);
      default -> 0.4 * random.nextGaussian();
    };
  }

  private Node add(Node node) {
    nodes.add(node);
    return node;
  }

  private String name(String kind) {
    return kind + nodes.size();
  }

  Node part(Node x) {
    return switch (random.nextInt(9)) {
      case 0, 1 -> conv(x, random.nextInt(3));
      case 2 -> norm(x);
      case 3 -> pointwise(x);
      case 4 -> shortcut(x);
      case 5 -> branches(x);
      case 6 -> invertedResidual(x);
      case 7 -> random.nextInt(2) == 0 ? average(x) : norm(x);
      default -> random.nextInt(2) == 0 ? barrier(x) : crossed(x);
    };
  }

  /** A convolution with anything. */
  Node conv(Node x, int padding) {
    int dilation = random.nextInt(4) == 0 ? 2 : 1;
    boolean depthwise = random.nextInt(3) == 0;
    return conv(
        x,
        new int[] {kernel(), kernel()},
        random.nextInt(3) == 0 ? 2 : 1,
        new int[] {padding, random.nextInt(2) == 0 ? padding : random.nextInt(3)},
        plain && depthwise ? 1 : dilation,
        depthwise,
        random.nextInt(1, 4));
  }

  int kernel() {
    int[] kernels = plain ? new int[] {1, 1, 3, 3, 5} : new int[] {1, 1, 1, 3, 3, 3, 5, 7};
    return kernels[random.nextInt(kernels.length)];
  }

  /** One that fits: padded more where the map is too small. */
  Node conv(
      Node x, int[] kernel, int stride, int[] padding, int dilation, boolean depthwise, int width) {
    FeatureShape in = x.output();
    int[] pads = {
      Math.max(padding[0], least(in.height(), kernel[0], dilation)),
      Math.max(padding[1], least(in.width(), kernel[1], dilation))
    };
    int[] steps = {dilation, dilation};
    int[] strides = {stride, stride};
    Window window =
        random.nextInt(8) == 0
            ? Window.same(in, kernel, strides, steps)
            : Window.symmetric(kernel, strides, pads, steps);
    return conv(x, window, depthwise, width);
  }

  private static int least(int size, int kernel, int dilation) {
    return Math.max(0, ((kernel - 1) * dilation + 2 - size) / 2);
  }

  private Node conv(Node x, Window window, boolean depthwise, int width) {
    FeatureShape in = x.output();
    int channels = depthwise ? in.channels() * Math.min(2, width) : width;
    return add(
        new Node.Convolution(
            name(depthwise ? "dw" : "conv"),
            List.of(x.name()),
            in,
            window.over(in).withChannels(channels),
            window,
            depthwise,
            random.nextBoolean(),
            new WeightInitXavier(),
            0));
  }

  /** Any convolution whose padding keeps the size, up to the stride. */
  Node sized(Node x, boolean any) {
    return sized(
        x,
        any ? kernel() : 3,
        random.nextInt(5) == 0 ? 2 : 1,
        random.nextInt(3) == 0,
        random.nextInt(1, 4));
  }

  /** A kernel whose padding keeps the size, up to the stride. */
  private Node sized(Node x, int kernel, int stride, boolean depthwise, int width) {
    return sized(x, kernel, stride, kernel / 2, depthwise, width);
  }

  private Node sized(Node x, int k, int stride, int padding, boolean depthwise, int width) {
    return conv(
        x,
        Window.symmetric(
            new int[] {k, k},
            new int[] {stride, stride},
            new int[] {padding, padding},
            new int[] {1, 1}),
        depthwise,
        width);
  }

  Node norm(Node x) {
    double[] eps = {1e-5, 1e-3, 0.1};
    return add(
        new Node.BatchNorm(
            name("norm"),
            List.of(x.name()),
            x.output(),
            eps[random.nextInt(3)],
            0.9,
            random.nextInt(4) > 0,
            -0.7,
            0.25,
            true));
  }

  /** {@code a_c x + b_c}, a half, or nothing. */
  private Node pointwise(Node x) {
    return switch (random.nextInt(3)) {
      case 0 -> sized(x, 1, 1, true, 1);
      case 1 -> add(new Node.Scale(name("scale"), List.of(x.name()), x.output(), -0.5));
      default -> activate(x, Activation.IDENTITY);
    };
  }

  private Node activate(Node x, Activation function) {
    return add(new Node.Activate(name("act"), List.of(x.name()), x.output(), function));
  }

  private Node barrier(Node x) {
    return activate(x, random.nextBoolean() ? Activation.RELU6 : Activation.LEAKYRELU);
  }

  private Node sum(Node... of) {
    List<String> names = new ArrayList<>();
    for (Node node : of) {
      names.add(node.name());
    }
    return add(new Node.Add(name("sum"), names, of[0].output()));
  }

  Node maybeNorm(Node x) {
    return random.nextBoolean() ? norm(x) : x;
  }

  Node shortcut(Node x) {
    int channels = x.output().channels();
    Node inside = maybeNorm(sized(x, kernel(), 1, random.nextBoolean(), channels));
    if (random.nextBoolean()) {
      inside = sized(inside, random.nextBoolean() ? 1 : 3, 1, false, channels);
    }
    return inside.output().equals(x.output()) ? sum(inside, x) : inside;
  }

  /** As in RepVGG, MobileOne and ResNet's projections: with what may stand in parallel. */
  Node branches(Node x) {
    int stride = random.nextInt(1, 3);
    int width = random.nextInt(4) > 0 ? x.output().channels() : 3;
    Node wide = maybeNorm(sized(x, 3, stride, false, width));
    Node point = maybeNorm(sized(x, 1, stride, false, width));
    Node third =
        switch (random.nextInt(5)) {
          case 0 -> sized(sized(x, 1, 1, false, 2), kernel(), stride, false, width);
          // The same with the padding where it belongs.
          case 1 -> sized(sized(x, 1, 1, 1, false, 2), 3, stride, 0, false, width);
          case 2 -> sized(x, 5, stride, false, width);
          case 3 -> width == x.output().channels() ? average(x, stride) : point;
          default -> point;
        };
    return stride == 1 && width == x.output().channels() && random.nextBoolean()
        ? sum(wide, third, norm(x), point)
        : sum(wide, point, third);
  }

  Node invertedResidual(Node x) {
    int k = random.nextBoolean() ? 3 : 5;
    boolean first = random.nextInt(3) > 0;
    Node expand = maybeNorm(sized(x, 1, 1, first ? k / 2 : 0, false, 4));
    Node middle = maybeNorm(sized(expand, k, 1, first ? 0 : k / 2, true, 1));
    Node project = sized(middle, 1, 1, false, x.output().channels());
    return random.nextBoolean() ? sum(project, x) : project;
  }

  /** As in diverse branch blocks: zeros count, or it would be no convolution at the border. */
  private Node average(Node x, int stride) {
    Window window =
        Window.symmetric(
            new int[] {3, 3}, new int[] {stride, stride}, new int[] {1, 1}, new int[] {1, 1});
    FeatureShape in = x.output();
    String name = name("pool");
    return add(new Node.Pool(name, List.of(x.name()), in, window.over(in), window, false, true));
  }

  private Node average(Node x) {
    FeatureShape in = x.output();
    int k = random.nextInt(1, 4);
    int padding =
        Math.max(
            k > 1 ? random.nextInt(2) : 0,
            Math.max(least(in.height(), k, 1), least(in.width(), k, 1)));
    Window window =
        Window.symmetric(
            new int[] {k, k},
            new int[] {random.nextInt(1, 3), 1},
            new int[] {padding, padding},
            new int[] {1, 1});
    return add(
        new Node.Pool(
            name("pool"),
            List.of(x.name()),
            in,
            window.over(in),
            window,
            false,
            random.nextBoolean()));
  }

  /** Something inside is read from outside as well. */
  private Node crossed(Node x) {
    int channels = x.output().channels();
    Node first = sized(x, 1, 1, false, channels);
    Node second = sized(first, 3, 1, false, channels);
    Node third = norm(second);
    return sum(third, random.nextBoolean() ? second : first, x);
  }
}
