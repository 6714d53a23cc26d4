package org.lightnas.compress;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Node.Convolution;
import org.nd4j.linalg.activations.Activation;

/**
 * Finds the blocks of a network that can be grafted, by their structure, whatever their names. A
 * row is a maximal run of convolutions, batch norms and activations, each read by the next only.
 *
 * <ul>
 *   <li>A row that ends in a sum whose branches all begin at the same map is a block: basic blocks,
 *       bottlenecks, inverted residuals with shortcut.
 *   <li>Elsewhere in a row, a depthwise convolution with the 1x1 convolution behind it and, unless
 *       that belongs to the block before, the 1x1 convolution before it: inverted residuals without
 *       shortcut, depthwise separable convolutions.
 * </ul>
 */
final class GraftingBlocks {

  private final LayerGraph graph;
  private final List<List<Node>> rows = new ArrayList<>();

  /** For each node of a row, the row. */
  private final Map<String, List<Node>> rowOf = new HashMap<>();

  private GraftingBlocks(LayerGraph graph) {
    this.graph = graph;
    for (Node node : graph.nodes()) {
      if (node instanceof Convolution
          || node instanceof Node.BatchNorm
          || node instanceof Node.Activate) {
        String before = node.inputs().get(0);
        List<Node> row = graph.readers(before).size() == 1 ? rowOf.get(before) : null;
        if (row == null) {
          row = new ArrayList<>();
          rows.add(row);
        }
        row.add(node);
        rowOf.put(node.name(), row);
      }
    }
  }

  /** All blocks, in the order of the network. */
  static List<GraftingBlock> of(LayerGraph graph) {
    GraftingBlocks finder = new GraftingBlocks(graph);
    return finder.rows.stream()
        .flatMap(row -> finder.blocks(row).stream())
        .filter(GraftingBlock::graftable)
        .toList();
  }

  private List<GraftingBlock> blocks(List<Node> row) {
    List<Node> convolutions = row.stream().filter(GraftingBlock::mixes).toList();
    List<GraftingBlock> blocks = new ArrayList<>();
    if (isBranch(row) && convolutions.size() > 1) {
      blocks.add(block(row, convolutions));
      return blocks;
    }
    int free = 0;
    for (int i = 0; i + 1 < convolutions.size(); i++) {
      if (((Convolution) convolutions.get(i)).depthwise() && isPointwise(convolutions.get(i + 1))) {
        int first = i > free && isPointwise(convolutions.get(i - 1)) ? i - 1 : i;
        free = i + 2;
        blocks.add(block(row, convolutions.subList(first, free)));
      }
    }
    return blocks;
  }

  /** From the first of these convolutions to the last, with the batch norms behind it. */
  private GraftingBlock block(List<Node> row, List<Node> convolutions) {
    int end = row.indexOf(convolutions.get(convolutions.size() - 1)) + 1;
    while (end < row.size() && row.get(end) instanceof Node.BatchNorm) {
      end++;
    }
    List<Node> part = row.subList(row.indexOf(convolutions.get(0)), end);
    Node last = part.get(part.size() - 1);
    Node made = isBranch(row) ? graph.node(graph.readers(last(row).name()).get(0)) : last;
    return new GraftingBlock(part, made, behind(part, made));
  }

  /** The block's own last activation, where none reads what it makes. */
  private @Nullable Activation behind(List<Node> part, Node made) {
    List<String> readers = graph.readers(made.name());
    if (readers.isEmpty() || readers.stream().map(graph::node).allMatch(GraftingBlock::bends)) {
      return null;
    }
    return Lists.reverse(part).stream()
        .filter(GraftingBlock::bends)
        .map(node -> ((Node.Activate) node).function())
        .findFirst()
        .orElse(null);
  }

  private boolean isBranch(List<Node> row) {
    List<String> readers = graph.readers(last(row).name());
    return readers.size() == 1
        && graph.node(readers.get(0)) instanceof Node.Add sum
        && sum.inputs().stream().map(this::beginning).distinct().count() == 1;
  }

  private static Node last(List<Node> row) {
    return row.get(row.size() - 1);
  }

  /** The map that a branch of a sum begins at; one that others read too begins at itself. */
  private String beginning(String end) {
    List<Node> row = graph.readers(end).size() == 1 ? rowOf.get(end) : null;
    return row == null ? end : row.get(0).inputs().get(0);
  }

  private static boolean isPointwise(Node node) {
    return node instanceof Convolution c
        && !c.depthwise()
        && c.window().kernelH() == 1
        && c.window().kernelW() == 1;
  }
}
