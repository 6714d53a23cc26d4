package org.lightnas.compress;

import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
    }
    return paddedFirst(replaced(linear, behind(was, now, share)), Joints.spans(now));
  }

  /** The activations behind ends of blocks; one sum may be the end of two, and has one at most. */
  private Map<String, List<Node>> behind(List<Linearity> was, List<Linearity> now, double share) {
    Map<String, List<Node>> behind = new HashMap<>();
    Set<String> had = whole(was).map(block -> block.end().name()).collect(toSet());
    whole(now)
        .forEach(
            block -> {
              String end = block.end().name();
              behind.putIfAbsent(end, block.behind(had.contains(end) ? 1 : share));
            });
    whole(was).forEach(block -> behind.putIfAbsent(block.end().name(), block.behind(1 - share)));
    return behind;
  }

  /** The blocks that are linear as a whole, and not joined with the next. */
  private Stream<GraftingBlock> whole(List<Linearity> mask) {
    return IntStream.range(0, mask.size())
        .filter(l -> mask.get(l) == Linearity.ALL)
        .mapToObj(blocks::get);
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
