package org.lightnas.compress;

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

  private final Merge merge;

  /** For every node how much of a ring each of its readers wants around its map. */
  private final Map<String, Map<String, Ring>> wanted = new HashMap<>();

  private final Map<String, Node> moved = new LinkedHashMap<>();

  /** Shortcuts that have become layers, by their reader. */
  private final Map<String, List<Node.Convolution>> inserted = new HashMap<>();

  private final Map<String, double[]> values = new HashMap<>();

  /** Plain DL4J cannot say it. */
  private boolean failed;

  private PaddingFirst(Merge merge) {
    this.merge = merge;
    want(merge.last().name(), "", Ring.NONE);
    for (int i = merge.nodes().size() - 1; i >= 0; i--) {
      Node node = merge.nodes().get(i);
      Ring ring = wanted(node).values().stream().reduce(Ring.NONE, Ring::max);
      moved.put(node.name(), moved(node, ring));
      wanted(node).forEach((reader, less) -> resize(node, ring, less, reader));
    }
    wanted(merge.source())
        .forEach((reader, more) -> resize(merge.source(), Ring.NONE, more, reader));
  }

  static boolean isPossible(Merge merge) {
    return !new PaddingFirst(merge).failed;
  }

  /** Does so in a network for all merges of a plan, which are possible. */
  static TrainedGraph apply(MergePlan plan, TrainedGraph trained) {
    Map<String, Node> changed = new HashMap<>();
    Map<String, List<Node.Convolution>> inserted = new HashMap<>();
    Map<String, double[]> values = new HashMap<>(trained.values());
    for (Merge merge : plan.merges()) {
      PaddingFirst padding = new PaddingFirst(merge);
      changed.putAll(padding.moved);
      inserted.putAll(padding.inserted);
      values.putAll(padding.values);
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : trained.graph().nodes()) {
      nodes.addAll(inserted.getOrDefault(node.name(), List.of()));
      nodes.add(changed.getOrDefault(node.name(), node));
    }
    return new TrainedGraph(new LayerGraph(nodes, trained.graph().outputName()), values);
  }

  private Map<String, Ring> wanted(Node node) {
    return wanted.getOrDefault(node.name(), Map.of());
  }

  private void want(String input, String reader, Ring ring) {
    wanted.computeIfAbsent(input, name -> new LinkedHashMap<>()).put(reader, ring);
  }

  private boolean readsSource(Node node) {
    return node.inputs().get(0).equals(merge.source().name());
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
    String name = reader + ":" + node.name();
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
