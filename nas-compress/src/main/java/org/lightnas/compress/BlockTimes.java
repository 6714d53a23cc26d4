package org.lightnas.compress;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Foreign;
import org.lightnas.space.Architecture;

/**
 * How long each block takes by itself: as it is, linear, and merged. Differences of whole networks
 * would drown in their noise. Values are those of a network of this block only, so they tell which
 * form is faster, and do not add up to a network's latency.
 *
 * @param block position in the space
 * @param linearity what is linear
 * @param kept as it is
 * @param linear its activations are, but it is not one convolution
 * @param merged one convolution
 */
record BlockTimes(
    int block, Linearity linearity, Measurement kept, Measurement linear, Measurement merged) {

  /** Whether to merge, once it is linear. */
  boolean merges() {
    return merged.millis() < linear.millis();
  }

  /** The faster linear form. */
  Measurement fastest() {
    return merges() ? merged : linear;
  }

  /** Whether being linear saves time beyond doubt. */
  boolean saves() {
    return fastest().upperMillis() < kept.millis() - 2 * kept.spread();
  }

  /** Of every way to make a block linear by itself, in the order of the space. */
  static List<BlockTimes> measure(GraftingSpace space, TrainedGraph network, Device device) {
    List<GraftingBlock> blocks = space.blocks();
    List<BlockTimes> times = new ArrayList<>();
    TrainedGraph plain = new BlockMerging(blocks, Set.of()).apply(network).after();
    for (int l = 0; l < blocks.size(); l++) {
      GraftingBlock block = blocks.get(l);
      String entry = plain.graph().node(block.row().get(0).name()).inputs().get(0);
      Measurement kept = measure(plain, entry, block, device);
      // Parts come before the whole: what pays of them is merged where the whole is not.
      Set<Set<String>> paying = new HashSet<>();
      for (int k = 1; k < space.choices().get(l).size(); k++) {
        Architecture mask = space.uniform(0).with(l, k);
        Linearity linearity = GraftingSpace.picked(mask, l);
        if (linearity == Linearity.JOINED) {
          continue;
        }
        TrainedGraph grafted = space.graft(network, mask, 1);
        TrainedGraph linear = new BlockMerging(blocks, paying).apply(grafted).after();
        Set<String> whole = block.merged(linearity);
        TrainedGraph merged = new BlockMerging(blocks, Set.of(whole)).apply(grafted).after();
        BlockTimes time =
            new BlockTimes(
                l,
                linearity,
                kept,
                measure(linear, entry, block, device),
                measure(merged, entry, block, device));
        if (time.merges()) {
          paying.add(whole);
        }
        times.add(time);
      }
    }
    return times;
  }

  /** From a node to the end of a block, as a network that takes maps. */
  static Measurement measure(
      TrainedGraph network, String entry, GraftingBlock last, Device device) {
    String exit = exit(network.graph(), last);
    List<Node> nodes = new ArrayList<>();
    nodes.add(new Node.Input(entry, network.graph().node(entry).output()));
    nodes.addAll(Joints.stretch(network.graph(), entry, exit));
    // Left to the collector: to close a network, DL4J calls it twice.
    ComputationGraph alone =
        new TrainedGraph(new LayerGraph(nodes, exit), network.values()).toNetwork();
    return Foreign.call(
        () -> device.measure(alone),
        () -> "Device " + device + " failed on the part from '" + entry + "' to '" + exit + "'");
  }

  /** The last of a block's nodes that is still there. */
  private static String exit(LayerGraph graph, GraftingBlock block) {
    Set<String> there = new HashSet<>();
    graph.nodes().forEach(node -> there.add(node.name()));
    String end = block.end().name();
    return Stream.concat(
            Stream.of(end + GraftingBlock.BEHIND, end),
            Lists.reverse(block.row()).stream().map(Node::name))
        .filter(there::contains)
        .findFirst()
        .orElseThrow();
  }
}
