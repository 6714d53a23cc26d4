package org.lightnas.graph;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which channels of a network must be as many as which others: the ways in which it can be made
 * wider or narrower. A convolution or a dense layer makes channels of its own; depthwise
 * convolutions, batch norms, activations and pooling hand on those they are given; sums and
 * products make channels of several layers one group; concatenated channels stay apart.
 *
 * <p>What a network is given and what it answers cannot be changed, nor what is read by a layer
 * that only DL4J understands, a channel shuffle, a subset of channels, a depthwise convolution with
 * several kernels per channel, or the flattening of a map of several pixels: all of these care
 * which channel is where.
 */
public final class ChannelGroups {

  private final LayerGraph graph;

  /** The channels of each node's result, as groups in a row. */
  private final Map<String, int[]> axes = new HashMap<>();

  // By group.
  private final List<String> makers = new ArrayList<>();
  private final List<Integer> sizes = new ArrayList<>();
  private final List<Integer> parents = new ArrayList<>();
  private final Set<Integer> fixed = new HashSet<>();

  /** Groups that can be changed, in the order of the nodes that make them. */
  private final int[] free;

  /**
   * Channels that can be changed together.
   *
   * @param maker name of the first node that makes them
   * @param channels how many there are
   * @param inner whether all that makes or reads them has a name that begins alike, up to the first
   *     slash: they do not leave their block
   */
  public record Group(String maker, int channels, boolean inner) {}

  private ChannelGroups(LayerGraph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      axes.put(node.name(), axis(node));
    }
    fix(axes(graph.outputName()));
    axes.replaceAll((name, axis) -> Arrays.stream(axis).map(this::root).toArray());
    free = IntStream.range(0, sizes.size()).filter(g -> root(g) == g && !isFixed(g)).toArray();
  }

  /** Finds the groups of a network. */
  public static ChannelGroups of(LayerGraph graph) {
    return new ChannelGroups(graph);
  }

  /** The groups that can be changed, in the order of the nodes that make them. */
  public List<Group> groups() {
    return Arrays.stream(free)
        .mapToObj(g -> new Group(makers.get(g), sizes.get(g), inner(g)))
        .toList();
  }

  /**
   * The same network with other numbers of channels.
   *
   * @param channels of each of the {@link #groups}
   * @throws IllegalArgumentException if they are not as many numbers, or one is below 1
   */
  public LayerGraph resized(int[] channels) {
    Sizes wanted = sizes(channels);
    return new LayerGraph(
        graph.nodes().stream()
            .map(node -> Resizing.of(node, wanted.read(node), wanted.made(node)))
            .toList(),
        graph.outputName());
  }

  /** Other numbers of channels. */
  Sizes sizes(int[] channels) {
    checkArgument(
        channels.length == free.length,
        "The network has %s groups of channels, but %s numbers were given.",
        free.length,
        channels.length);
    int[] all = sizes.stream().mapToInt(Integer::intValue).toArray();
    for (int i = 0; i < channels.length; i++) {
      checkArgument(
          channels[i] >= 1, "'%s' cannot make %s channels.", makers.get(free[i]), channels[i]);
      all[free[i]] = channels[i];
    }
    return new Sizes(all);
  }

  LayerGraph graph() {
    return graph;
  }

  /** The groups in a row that a node hands on. */
  int[] axis(String node) {
    int[] axis = axes.get(node);
    checkArgument(axis != null, "There is no node '%s'.", node);
    return axis.clone();
  }

  /** The channels a group has in the network as it is. */
  int size(int group) {
    return sizes.get(group);
  }

  /** Channels by group. */
  final class Sizes {

    private final int[] all;

    private Sizes(int[] all) {
      this.all = all;
    }

    int of(int group) {
      return all[group];
    }

    int read(Node node) {
      return node.inputs().isEmpty() ? 0 : count(axis(node.inputs().get(0)));
    }

    int made(Node node) {
      return count(axis(node.name()));
    }

    private int count(int[] axis) {
      return Arrays.stream(axis).map(g -> all[g]).sum();
    }
  }

  private int[] axis(Node node) {
    List<int[]> read = node.inputs().stream().map(this::axes).toList();
    if ((node instanceof Node.Convolution convolution && !convolution.depthwise())
        || node instanceof Node.Dense) {
      return made(node);
    }
    if (node instanceof Node.Concat) {
      return read.stream().flatMapToInt(Arrays::stream).toArray();
    }
    if (node instanceof Node.Add || node instanceof Node.Multiply) {
      return joined(node, read);
    }
    if (handsOn(node)) {
      return read.get(0);
    }
    read.forEach(this::fix);
    int[] own = made(node);
    fix(own);
    return own;
  }

  /** Whether channel i of the result comes of channel i of what is read, and of it alone. */
  private static boolean handsOn(Node node) {
    return (node instanceof Node.Convolution depthwise && depthwise.multiplier() == 1)
        || node instanceof Node.BatchNorm
        || node instanceof Node.Activate
        || node instanceof Node.Softmax
        || node instanceof Node.Scale
        || node instanceof Node.Pool
        || node instanceof Node.GlobalPool
        || node instanceof Node.Dropout
        || (node instanceof Node.Flatten flatten
            && flatten.in().height() * flatten.in().width() == 1);
  }

  private int[] made(Node node) {
    makers.add(node.name());
    sizes.add(node.output().channels());
    parents.add(parents.size());
    return new int[] {parents.size() - 1};
  }

  private int[] joined(Node node, List<int[]> read) {
    int[] first = read.get(0);
    for (int[] other : read) {
      if (!Arrays.equals(counts(first), counts(other))) {
        // Two layers' channels side by side are added to a third's: none can be changed alone.
        read.forEach(this::fix);
        int[] own = made(node);
        fix(own);
        return own;
      }
      for (int i = 0; i < first.length; i++) {
        join(first[i], other[i]);
      }
    }
    return first;
  }

  private int[] counts(int[] axis) {
    return Arrays.stream(axis).map(sizes::get).toArray();
  }

  /** The earlier one keeps its name. */
  private void join(int one, int other) {
    int a = root(one);
    int b = root(other);
    parents.set(Math.max(a, b), Math.min(a, b));
  }

  private int root(int group) {
    int root = group;
    while (parents.get(root) != root) {
      root = parents.get(root);
    }
    return root;
  }

  private void fix(int[] axis) {
    Arrays.stream(axis).forEach(fixed::add);
  }

  private boolean isFixed(int root) {
    return fixed.stream().anyMatch(g -> root(g) == root);
  }

  private int[] axes(String node) {
    int[] axis = axes.get(node);
    if (axis == null) {
      throw new IllegalStateException("Node '" + node + "' is read before it is made.");
    }
    return axis;
  }

  private boolean inner(int group) {
    Set<String> blocks = new HashSet<>();
    for (Node node : graph.nodes()) {
      boolean touches =
          has(axes(node.name()), group)
              || node.inputs().stream().anyMatch(input -> has(axes(input), group));
      if (touches) {
        int slash = node.name().indexOf('/');
        blocks.add(slash < 0 ? node.name() : node.name().substring(0, slash));
      }
    }
    return blocks.size() == 1;
  }

  private static boolean has(int[] axis, int group) {
    return Arrays.stream(axis).anyMatch(g -> g == group);
  }
}
