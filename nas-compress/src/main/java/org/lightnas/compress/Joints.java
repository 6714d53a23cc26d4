package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.toSet;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;

/**
 * Which blocks of a network can be joined: nothing but the next block reads what a block makes,
 * with at most an activation in between, and both together are no larger convolution than is
 * wanted.
 *
 * @param largestKernel edge length of the largest kernel; 0 to join none
 */
record Joints(LayerGraph graph, List<GraftingBlock> blocks, int largestKernel) {

  /** Copies the list. */
  Joints {
    blocks = List.copyOf(blocks);
  }

  /** Refuses what not even one block has. */
  static int requireKernel(int largest) {
    checkArgument(
        largest >= 3,
        "Joined blocks have kernels of 3 at least, so the largest cannot be %s.\n"
            + "Maybe take 5, which two blocks of 3x3 have, or 7.",
        largest);
    return largest;
  }

  /** Whether a block can be joined with the next. */
  boolean joins(int l) {
    return l + 1 < blocks.size()
        && kernel(new BlockSpan(l, l + 1)) <= largestKernel
        && (source(l + 1).equals(blocks.get(l).end().name()) || between(l).isPresent())
        && readersOfSource(l + 1).stream().allMatch(names(l + 1)::contains)
        && isSymmetric(l)
        && isSymmetric(l + 1);
  }

  /** The activation between a block and the next one, where there is one. */
  Optional<Node.Activate> between(int l) {
    if (l + 1 == blocks.size()) {
      return Optional.empty();
    }
    String end = blocks.get(l).end().name();
    return graph.node(source(l + 1)) instanceof Node.Activate f
            && f.inputs().get(0).equals(end)
            && graph.readers(end).size() == 1
        ? Optional.of(f)
        : Optional.empty();
  }

  private String source(int l) {
    return blocks.get(l).row().get(0).inputs().get(0);
  }

  private List<String> readersOfSource(int l) {
    return graph.readers(source(l));
  }

  /** The nodes of a block, its shortcut among them. */
  private List<Node> nodes(int l) {
    return stretch(graph, source(l), blocks.get(l).end().name());
  }

  private Set<String> names(int l) {
    return nodes(l).stream().map(Node::name).collect(toSet());
  }

  /** Whether plain DL4J can say the padding that its shortcut may need. */
  private boolean isSymmetric(int l) {
    return nodes(l).stream()
        .allMatch(node -> !(node instanceof Node.Convolution c) || c.window().isSymmetric());
  }

  /** What lies between two nodes, the second with it, in the order of the data. */
  static List<Node> stretch(LayerGraph graph, String source, String end) {
    Set<String> read = new HashSet<>(Set.of(end));
    List<Node> nodes = new ArrayList<>();
    for (Node node : Lists.reverse(graph.nodes())) {
      if (read.contains(node.name()) && !node.name().equals(source)) {
        read.addAll(node.inputs());
        nodes.add(node);
      }
    }
    return Lists.reverse(nodes);
  }

  /** The edge length of the kernel that blocks have in common as one convolution. */
  int kernel(BlockSpan span) {
    int rows = 1;
    int columns = 1;
    int strideH = 1;
    int strideW = 1;
    for (GraftingBlock block : blocks.subList(span.first(), span.last() + 1)) {
      for (Node.Convolution c : block.convolutions()) {
        Window w = c.window();
        rows += strideH * (w.kernelH() - 1) * w.dilationH();
        columns += strideW * (w.kernelW() - 1) * w.dilationW();
        strideH *= w.strideH();
        strideW *= w.strideW();
      }
    }
    return Math.max(rows, columns);
  }

  /** All spans of two blocks or more that can be one convolution. */
  List<BlockSpan> possible() {
    List<BlockSpan> spans = new ArrayList<>();
    for (int first = 0; first < blocks.size(); first++) {
      for (int last = first + 1; last < blocks.size() && joins(last - 1); last++) {
        BlockSpan span = new BlockSpan(first, last);
        if (kernel(span) <= largestKernel) {
          spans.add(span);
        }
      }
    }
    return spans;
  }

  /** With {@code all} in place of each {@code joined} that joins nothing. */
  List<Linearity> canonical(List<Linearity> picked) {
    List<Linearity> same = new ArrayList<>(picked);
    int first = 0;
    for (int l = 0; l < same.size(); l++) {
      if (same.get(l) == Linearity.JOINED) {
        if (same.get(l + 1).isWhole() && kernel(new BlockSpan(first, l + 1)) <= largestKernel) {
          continue;
        }
        same.set(l, Linearity.ALL);
      }
      first = l + 1;
    }
    return same;
  }

  /** The blocks that are joined. */
  static List<BlockSpan> spans(List<Linearity> canonical) {
    List<BlockSpan> spans = new ArrayList<>();
    int first = 0;
    for (int l = 0; l < canonical.size(); l++) {
      if (canonical.get(l) != Linearity.JOINED) {
        if (l > first) {
          spans.add(new BlockSpan(first, l));
        }
        first = l + 1;
      }
    }
    return spans;
  }
}
