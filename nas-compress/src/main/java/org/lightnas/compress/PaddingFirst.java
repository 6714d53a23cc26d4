package org.lightnas.compress;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.graph.Window;

/**
 * Moves all padding of a stretch to the convolutions that read its source: zeros are added once,
 * and the maps in between are larger by what the later convolutions take away again. Values whose
 * windows met no padding in between stay the same, others do not; then the stretch is one
 * convolution exactly.
 */
final class PaddingFirst {

  private final Merge merge;
  private final Map<String, Ring> wanted = new HashMap<>();
  private final Map<String, Node> moved = new HashMap<>();

  /** It cannot be done. */
  private boolean failed;

  /** Pixels around a map. */
  private record Ring(int top, int left, int bottom, int right) {

    static final Ring NONE = new Ring(0, 0, 0, 0);

    /** What a window must find around its input, or add, to make its output larger by this. */
    Ring before(Window w) {
      return new Ring(
          w.top() + w.strideH() * top,
          w.left() + w.strideW() * left,
          w.bottom() + w.strideH() * bottom,
          w.right() + w.strideW() * right);
    }

    FeatureShape around(FeatureShape map) {
      return new FeatureShape(
          map.channels(), map.height() + top + bottom, map.width() + left + right);
    }
  }

  private PaddingFirst(Merge merge) {
    this.merge = merge;
  }

  /** The nodes as they become, by name; empty where plain DL4J cannot say it. */
  static Optional<Map<String, Node>> of(Merge merge) {
    PaddingFirst padding = new PaddingFirst(merge);
    padding.move();
    return padding.failed ? Optional.empty() : Optional.of(padding.moved);
  }

  /** Does so in a network for all merges of a plan. */
  static TrainedGraph apply(MergePlan plan, TrainedGraph trained) {
    Map<String, Node> changed = new HashMap<>();
    plan.merges().forEach(merge -> of(merge).ifPresent(changed::putAll));
    List<Node> nodes = new ArrayList<>();
    trained.graph().nodes().forEach(node -> nodes.add(changed.getOrDefault(node.name(), node)));
    return new TrainedGraph(new LayerGraph(nodes, trained.graph().outputName()), trained.values());
  }

  private void move() {
    wanted.put(merge.last().name(), Ring.NONE);
    for (int i = merge.nodes().size() - 1; i >= 0 && !failed; i--) {
      Node node = merge.nodes().get(i);
      moved.put(node.name(), moved(node, Objects.requireNonNull(wanted.get(node.name()))));
    }
  }

  private Node moved(Node node, Ring around) {
    FeatureShape map = around.around(node.output());
    if (node instanceof Node.Convolution convolution) {
      Ring before = before(node, convolution.window(), around);
      Window window = window(node, convolution.window(), before);
      return convolution.over(in(node, convolution.in(), before), window);
    }
    if (node instanceof Node.Pool pool) {
      Ring before = before(node, pool.window(), around);
      Window window = window(node, pool.window(), before);
      FeatureShape in = in(node, pool.in(), before);
      return new Node.Pool(
          pool.name(), pool.inputs(), in, map, window, pool.max(), pool.countPadding());
    }
    for (String input : node.inputs()) {
      failed |= readsSource(input) && !around.equals(Ring.NONE);
      want(input, around);
    }
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

  private boolean readsSource(String input) {
    return input.equals(merge.source().name());
  }

  private Ring before(Node node, Window window, Ring around) {
    Ring before = around.before(window);
    String input = node.inputs().get(0);
    if (!readsSource(input)) {
      want(input, before);
    }
    return before;
  }

  /** What is read inside a stretch must be read with the same ring by all. */
  private void want(String input, Ring ring) {
    Ring other = wanted.putIfAbsent(input, ring);
    failed |= other != null && !other.equals(ring);
  }

  private FeatureShape in(Node node, FeatureShape map, Ring before) {
    return readsSource(node.inputs().get(0)) ? map : before.around(map);
  }

  private Window window(Node node, Window window, Ring before) {
    if (!readsSource(node.inputs().get(0))) {
      return window.padded(0, 0, 0, 0);
    }
    Window all = window.padded(before.top(), before.left(), before.bottom(), before.right());
    failed |= !all.isSymmetric() && !all.equals(window);
    return all;
  }
}
