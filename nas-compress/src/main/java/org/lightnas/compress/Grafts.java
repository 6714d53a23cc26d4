package org.lightnas.compress;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;

/** Puts lines in the place of activations, and moves padding to where joined blocks begin. */
final class Grafts {

  private final Joints joints;
  private final LayerGraph graph;
  private final List<GraftingBlock> blocks;

  Grafts(Joints joints) {
    this.joints = joints;
    this.graph = joints.graph();
    this.blocks = joints.blocks();
  }

  /**
   * The network on the way from one mask to another. What is linear in both stays so all the way.
   *
   * @param was by block, canonical
   * @param now by block, canonical
   * @param share of the way, above 0
   */
  PaddingFirst.Result between(List<Linearity> was, List<Linearity> now, double share) {
    Map<String, List<Node>> linear = new HashMap<>();
    Map<String, List<Node>> behind = new HashMap<>();
    for (int l = 0; l < blocks.size(); l++) {
      GraftingBlock block = blocks.get(l);
      Linearity before = was.get(l);
      Linearity then = now.get(l);
      boolean known = before == then || (before.isWhole() && then.isWhole());
      linear.putAll(block.linear(then, known ? 1 : share));
      if (then == Linearity.JOINED) {
        double straight = before == Linearity.JOINED ? 1 : share;
        joints.between(l).ifPresent(f -> linear.put(f.name(), GraftingBlock.straight(f, straight)));
      }
      double stays = before == Linearity.ALL ? 1 : share;
      double goes = before == Linearity.ALL ? 1 - share : 0;
      behind.put(block.end().name(), block.behind(then == Linearity.ALL ? stays : goes));
    }
    return paddedFirst(replaced(linear, behind), Joints.spans(now));
  }

  /** The network with nodes in the place of others and behind them, by their names. */
  private LayerGraph replaced(Map<String, List<Node>> inPlace, Map<String, List<Node>> behind) {
    List<Node> nodes = new ArrayList<>();
    Map<String, String> ends = new HashMap<>();
    for (Node old : graph.nodes()) {
      List<Node> now = new ArrayList<>(inPlace.getOrDefault(old.name(), List.of(old)));
      now.addAll(behind.getOrDefault(old.name(), List.of()));
      for (Node node : now) {
        nodes.add(
            node.withInputs(node.inputs().stream().map(in -> ends.getOrDefault(in, in)).toList()));
      }
      ends.put(old.name(), now.get(now.size() - 1).name());
    }
    return new LayerGraph(nodes, graph.outputName());
  }

  private PaddingFirst.Result paddedFirst(LayerGraph grafted, List<BlockSpan> spans) {
    PaddingFirst.Result padded = new PaddingFirst.Result(grafted, Map.of());
    for (BlockSpan span : spans) {
      Node first = grafted.node(blocks.get(span.first()).row().get(0).name());
      Node source = grafted.node(first.inputs().get(0));
      String end = blocks.get(span.last()).end().name();
      padded = padded.and(source, Joints.stretch(grafted, source.name(), end));
    }
    return padded;
  }
}
