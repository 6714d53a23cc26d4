package org.lightnas.compress;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;

/**
 * A network with the same layers for other images: of another size, in other classes, with fewer
 * channels. Blocks that can be grafted stay so, as they are found by structure.
 */
final class Resized {

  /** Channels come in multiples of it. */
  private static final int MULTIPLE = 8;

  private final Map<String, FeatureShape> maps = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final double width;

  private Resized(double width) {
    this.width = width;
  }

  /**
   * Resizes.
   *
   * @param width multiplies all channels but those of images and answers
   * @throws NasException if the network holds a layer that cannot be resized, or looks at more than
   *     there is left, naming it
   */
  static LayerGraph of(LayerGraph graph, FeatureShape input, int classes, double width) {
    Resized resized = new Resized(width);
    String last = "";
    for (Node node : graph.nodes()) {
      last = node instanceof Node.Dense ? node.name() : last;
    }
    for (Node node : graph.nodes()) {
      Node now =
          node instanceof Node.Input
              ? new Node.Input(node.name(), input)
              : resized.node(node, node.name().equals(last) ? classes : 0);
      resized.nodes.add(now);
      resized.maps.put(now.name(), now.output());
    }
    return new LayerGraph(resized.nodes, graph.outputName());
  }

  private int narrowed(int channels) {
    return width == 1
        ? channels
        : Math.max(MULTIPLE, (int) Math.round(channels * width / MULTIPLE) * MULTIPLE);
  }

  /**
   * A node over the maps that are there now.
   *
   * @param classes how many it tells apart; 0 if it is not the last
   */
  private Node node(Node node, int classes) {
    String name = node.name();
    List<String> inputs = node.inputs();
    FeatureShape in = maps.get(inputs.get(0));
    if (in == null) {
      throw new IllegalStateException("no map before " + name);
    }
    if (node instanceof Node.Convolution c) {
      int channels =
          c.depthwise() ? in.channels() * c.multiplier() : narrowed(c.output().channels());
      return new Node.Convolution(
          name,
          inputs,
          in,
          over(in, c.window(), name).withChannels(channels),
          c.window(),
          c.depthwise(),
          c.hasBias(),
          c.init(),
          c.biasInit());
    } else if (node instanceof Node.Dense d) {
      int channels = classes > 0 ? classes : narrowed(d.output().channels());
      return new Node.Dense(
          name,
          inputs,
          in.channels(),
          new FeatureShape(channels, 1, 1),
          d.hasBias(),
          d.init(),
          d.biasInit());
    } else if (node instanceof Node.BatchNorm norm) {
      return norm.over(in);
    } else if (node instanceof Node.Activate f) {
      return new Node.Activate(name, inputs, in, f.function());
    } else if (node instanceof Node.Softmax) {
      return new Node.Softmax(name, inputs, in);
    } else if (node instanceof Node.Add) {
      return new Node.Add(name, inputs, in);
    } else if (node instanceof Node.Multiply) {
      return new Node.Multiply(name, inputs, in);
    } else if (node instanceof Node.Scale scale) {
      return new Node.Scale(name, inputs, in, scale.factor());
    } else if (node instanceof Node.Dropout dropout) {
      return new Node.Dropout(name, inputs, in, dropout.keep());
    } else if (node instanceof Node.Pool pool) {
      FeatureShape out = over(in, pool.window(), name);
      return new Node.Pool(name, inputs, in, out, pool.window(), pool.max(), pool.countPadding());
    } else if (node instanceof Node.GlobalPool pool) {
      return new Node.GlobalPool(
          name, inputs, in, new FeatureShape(in.channels(), 1, 1), pool.max());
    } else if (node instanceof Node.Flatten) {
      return new Node.Flatten(name, inputs, in, new FeatureShape((int) in.size(), 1, 1));
    }
    throw notMade(
        name,
        "is a " + node.getClass().getSimpleName() + ", which cannot be made for other images");
  }

  /** What a window makes of a map; of one that is smaller than the kernel, nothing. */
  private static FeatureShape over(FeatureShape in, Window window, String name) {
    int rows = (window.kernelH() - 1) * window.dilationH() + 1;
    int columns = (window.kernelW() - 1) * window.dilationW() + 1;
    int height = in.height() + window.top() + window.bottom();
    int width = in.width() + window.left() + window.right();
    if (rows > height || columns > width) {
      throw notMade(
          name,
          String.format(
              Locale.ROOT,
              "looks at %d x %d pixels, but would get maps of %d x %d with their padding",
              rows,
              columns,
              height,
              width));
    }
    return window.over(in);
  }

  private static NasException notMade(String layer, String why) {
    return new NasException(
        "Layer '"
            + layer
            + "' "
            + why
            + ", so no cheap tasks can be made of the network."
            + "\nMaybe do without: MaskLearner.builder().prior(Prior.untaught(space)).");
  }
}
