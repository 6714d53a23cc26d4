package org.lightnas.graph;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Weights for a network that differs from a trained one in its widths.
 *
 * <ul>
 *   <li>Where it has fewer channels, it inherits those that matter most: the ones with the largest
 *       sum of {@code |gamma|} over all batch norms of the group (Liu et al. 2017, network
 *       slimming), in their old order; among equals the first, so an untrained network's leading
 *       channels.
 *   <li>Where it has more, the old ones are followed by new ones with fresh weights, which nobody
 *       reads yet: the weights from new channels to old ones are 0. A network that is nowhere
 *       narrower computes what the trained one computes, and learns to use what it has more.
 * </ul>
 */
public final class Inheritance {

  /** In place of an old channel, for one that is new. */
  private static final int NEW = -1;

  private final ChannelGroups groups;
  private final TrainedGraph trained;

  /** For each group, the old channel of every channel it now has. */
  private final Map<Integer, int[]> origins = new HashMap<>();

  private Inheritance(ChannelGroups groups, TrainedGraph trained) {
    this.groups = groups;
    this.trained = trained;
  }

  /**
   * The tensors of a network of other widths.
   *
   * @param groups of the trained network
   * @param trained its graph is that of the groups
   * @param channels of each group that can be changed
   * @param fresh an untrained network of these widths
   */
  public static TrainedGraph of(
      ChannelGroups groups, TrainedGraph trained, int[] channels, TrainedGraph fresh) {
    Inheritance inheritance = new Inheritance(groups, trained);
    inheritance.choose(groups.sizes(channels));
    Map<String, double[]> values = new HashMap<>();
    for (Node node : fresh.graph().nodes()) {
      for (Parameter parameter : node.parameters()) {
        values.put(
            parameter.name(),
            inheritance.inherited(node, parameter, fresh.value(parameter.name())));
      }
    }
    return new TrainedGraph(fresh.graph(), values);
  }

  private void choose(ChannelGroups.Sizes wanted) {
    Map<Integer, double[]> importance = importance();
    for (Node node : groups.graph().nodes()) {
      for (int group : groups.axis(node.name())) {
        origins.computeIfAbsent(
            group,
            g -> {
              double[] weights = importance.getOrDefault(g, new double[groups.size(g)]);
              return chosen(weights, wanted.of(g));
            });
      }
    }
  }

  /** Old channels in their order, then new ones. */
  private static int[] chosen(double[] importance, int count) {
    int[] kept =
        IntStream.range(0, importance.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer c) -> -importance[c]))
            .limit(count)
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray();
    int[] all = Arrays.copyOf(kept, count);
    Arrays.fill(all, kept.length, count, NEW);
    return all;
  }

  private Map<Integer, double[]> importance() {
    Map<Integer, double[]> sums = new HashMap<>();
    for (Node node : groups.graph().nodes()) {
      if (node instanceof Node.BatchNorm norm && norm.affine()) {
        double[] gamma = trained.value(node.name() + "/gamma");
        int at = 0;
        for (int group : groups.axis(node.name())) {
          double[] sum = sums.computeIfAbsent(group, g -> new double[groups.size(g)]);
          for (int c = 0; c < sum.length; c++) {
            sum[c] += Math.abs(gamma[at++]);
          }
        }
      }
    }
    return sums;
  }

  private double[] inherited(Node node, Parameter parameter, double[] fresh) {
    double[] old = trained.value(parameter.name());
    List<Long> shape = parameter.shape();
    int[] made = origins(node.name());
    boolean mixes =
        parameter.role() == Parameter.Role.WEIGHT
            && !(node instanceof Node.Convolution convolution && convolution.depthwise());
    if (parameter.role() == Parameter.Role.OPAQUE || isWholeDepthwise(node)) {
      return old;
    }
    // A matrix [in, out] for each position of the kernel; everything else has one axis of channels.
    int[] read = mixes ? read(node, Math.toIntExact(shape.get(shape.size() - 2))) : new int[1];
    int oldMade = count(node.name());
    int oldRead = mixes ? oldRead(node) : 1;
    double[] values = new double[fresh.length];
    for (int i = 0; i < values.length; i++) {
      int to = made[i % made.length];
      int from = read[i / made.length % read.length];
      int position = i / made.length / read.length;
      values[i] =
          to == NEW ? fresh[i] : from == NEW ? 0 : old[(position * oldRead + from) * oldMade + to];
    }
    return values;
  }

  /** Several kernels per channel: such channels are never changed. */
  private static boolean isWholeDepthwise(Node node) {
    return node instanceof Node.Convolution convolution
        && convolution.depthwise()
        && convolution.multiplier() > 1;
  }

  private int[] read(Node node, int size) {
    int[] read = origins(node.inputs().get(0));
    // Behind the flattening of a map a channel is several features, which never change.
    return read.length == size ? read : IntStream.range(0, size).toArray();
  }

  private int oldRead(Node node) {
    Node old = groups.graph().node(node.name());
    return old instanceof Node.Dense dense ? dense.in() : ((Node.Convolution) old).in().channels();
  }

  private int count(String node) {
    return Arrays.stream(groups.axis(node)).map(groups::size).sum();
  }

  /** The old channels of a node's result, with the place of their group. */
  private int[] origins(String node) {
    int[] axis = groups.axis(node);
    int[][] parts = new int[axis.length][];
    int offset = 0;
    for (int i = 0; i < axis.length; i++) {
      int start = offset;
      parts[i] =
          Arrays.stream(origins.getOrDefault(axis[i], new int[0]))
              .map(c -> c == NEW ? NEW : start + c)
              .toArray();
      offset += groups.size(axis[i]);
    }
    return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
  }
}
