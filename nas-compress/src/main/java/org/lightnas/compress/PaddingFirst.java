package org.lightnas.compress;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.graph.Window;

/**
 * Moves all padding of a stretch to the layers that read its source: zeros are added once, and the
 * maps in between are larger by what the later convolutions take away again. Values whose windows
 * met no padding in between stay the same, others do not; then the stretch is one convolution
 * exactly. A shortcut that needs its map larger or smaller than its neighbours becomes a depthwise
 * convolution that pads or crops.
 */
final class PaddingFirst {

  private final Node source;

  /** For every node how much of a ring each of its readers wants around its map. */
  private final Map<String, Map<String, Ring>> wanted = new HashMap<>();

  private final Map<String, Node> moved = new LinkedHashMap<>();

  /** Shortcuts that have become layers, by their reader. */
  private final Map<String, List<Node.Convolution>> inserted = new HashMap<>();

  private final Map<String, double[]> values = new HashMap<>();

  /** Plain DL4J cannot say it. */
  private boolean failed;

  /**
   * Moves the padding of a stretch.
   *
   * @param source what all of it reads
   * @param nodes in the order of the data
   */
  private PaddingFirst(Node source, List<Node> nodes) {
    this.source = source;
    want(nodes.get(nodes.size() - 1).name(), "", Ring.NONE);
    for (Node node : Lists.reverse(nodes)) {
      Ring ring = wanted(node).values().stream().reduce(Ring.NONE, Ring::max);
      moved.put(node.name(), moved(node, ring));
      wanted(node).forEach((reader, less) -> resize(node, ring, less, reader));
    }
    wanted(source).forEach((reader, more) -> resize(source, Ring.NONE, more, reader));
  }

  static boolean isPossible(Merge merge) {
    return isPossible(merge.source(), merge.nodes());
  }

  static boolean isPossible(Node source, List<Node> nodes) {
    return !new PaddingFirst(source, nodes).failed;
  }

  /** Does so in a network for all merges of a plan, which are possible. */
  static TrainedGraph apply(MergePlan plan, TrainedGraph trained) {
    Result all = new Result(trained.graph(), Map.of());
    for (Merge merge : plan.merges()) {
      all = all.and(merge.source(), merge.nodes());
    }
    Map<String, double[]> values = new HashMap<>(trained.values());
    values.putAll(all.inserted);
    return new TrainedGraph(all.graph, values);
  }

  /**
   * A network with stretches that are padded first.
   *
   * @param inserted values of the shortcuts that have become layers
   */
  record Result(LayerGraph graph, Map<String, double[]> inserted) {

    /** The same with another stretch, which is possible and overlaps none before. */
    Result and(Node source, List<Node> nodes) {
      PaddingFirst padding = new PaddingFirst(source, nodes);
      List<Node> all = new ArrayList<>();
      for (Node node : graph.nodes()) {
        all.addAll(padding.inserted.getOrDefault(node.name(), List.of()));
        all.add(padding.moved.getOrDefault(node.name(), node));
      }
      Map<String, double[]> values = new HashMap<>(inserted);
      values.putAll(padding.values);
      return new Result(new LayerGraph(all, graph.outputName()), values);
    }
  }

  private Map<String, Ring> wanted(Node node) {
    return wanted.getOrDefault(node.name(), Map.of());
  }

  private void want(String input, String reader, Ring ring) {
    wanted.computeIfAbsent(input, name -> new LinkedHashMap<>()).put(reader, ring);
  }

  private boolean readsSource(Node node) {
    return node.inputs().get(0).equals(source.name());
  }

  /** The node that makes a map with a ring around what it was. */
  private Node moved(Node node, Ring ring) {
    FeatureShape map = ring.around(node.output());
    if (node instanceof Node.Convolution convolution) {
      Ring before = ring.before(convolution.window());
      boolean first = readsSource(node);
      Window window = window(node, convolution.window(), before, first);
      return convolution.over(first ? convolution.in() : before.around(convolution.in()), window);
    }
    if (node instanceof Node.Pool pool) {
      Ring before = ring.before(pool.window());
      // Averages pad less than their kernel, so that more takes a layer of its own.
      boolean asIs = readsSource(node) && before.padding(pool.window()).equals(pool.window());
      Window window = window(node, pool.window(), before, asIs);
      FeatureShape in = asIs ? pool.in() : before.around(pool.in());
      return new Node.Pool(
          pool.name(), pool.inputs(), in, map, window, pool.max(), pool.countPadding());
    }
    node.inputs().forEach(input -> want(input, node.name(), ring));
    if (node instanceof Node.BatchNorm norm) {
      return norm.over(map);
    }
    if (node instanceof Node.Scale scale) {
      return new Node.Scale(scale.name(), scale.inputs(), map, scale.factor());
    }
    if (node instanceof Node.Activate identity) {
      return new Node.Activate(identity.name(), identity.inputs(), map, identity.function());
    }
    return node instanceof Node.Add ? new Node.Add(node.name(), node.inputs(), map) : node;
  }

  /** Pads all by itself, or finds all around its input. */
  private Window window(Node node, Window window, Ring before, boolean byItself) {
    if (byItself) {
      Window all = before.padding(window);
      failed |= !all.isSymmetric() && !all.equals(window);
      return all;
    }
    want(node.inputs().get(0), node.name(), before);
    return Ring.NONE.padding(window);
  }

  /** Puts a depthwise convolution before a reader that wants another ring than there is. */
  private void resize(Node node, Ring has, Ring wants, String reader) {
    if (has.equals(wants)) {
      return;
    }
    Ring crop = has.max(wants).minus(wants);
    int[] kernel = {1 + crop.top() + crop.bottom(), 1 + crop.left() + crop.right()};
    int[] ones = {1, 1};
    Window window =
        has.max(wants).minus(has).padding(Window.symmetric(kernel, ones, new int[] {0, 0}, ones));
    failed |= !window.isSymmetric();
    int channels = node.output().channels();
    // One reader may pad in one grafted network and crop in another: the kernel tells them apart.
    // What it pads is the same with an activation behind a block and without.
    String read = node.name().replace(GraftingBlock.BEHIND, "");
    String name = reader + ":" + read + ":" + kernel[0] + "x" + kernel[1];
    inserted
        .computeIfAbsent(reader, key -> new ArrayList<>())
        .add(
            new Node.Convolution(
                name,
                List.of(node.name()),
                has.around(node.output()),
                wants.around(node.output()),
                window,
                true,
                false,
                new WeightInitXavier(),
                0));
    double[] weights = new double[kernel[0] * kernel[1] * channels];
    int middle = (crop.top() * kernel[1] + crop.left()) * channels;
    for (int c = 0; c < channels; c++) {
      weights[middle + c] = 1;
    }
    values.put(name + "/W", weights);
    Node before = moved.get(reader);
    if (before != null) {
      moved.put(
          reader,
          before.withInputs(
              before.inputs().stream().map(in -> in.equals(node.name()) ? name : in).toList()));
    }
  }
}
