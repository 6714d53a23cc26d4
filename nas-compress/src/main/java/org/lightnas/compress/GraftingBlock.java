package org.lightnas.compress;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.weights.WeightInitConstant;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Node;
import org.lightnas.graph.Node.Convolution;
import org.lightnas.graph.Window;
import org.nd4j.linalg.activations.Activation;

/**
 * Convolutions in a row, with batch norms and activations, that could be one convolution if
 * everything between them were linear.
 *
 * @param row from the first convolution to the last batch norm; each is read by the next one only
 * @param end what the block makes: the last of the row, or the sum that it is a branch of
 * @param behind the activation that has to come behind the end once all of the block is linear;
 *     null where there is one already, or nothing reads the end
 */
record GraftingBlock(List<Node> row, Node end, @Nullable Activation behind) {

  /** Where no weights are taken over: the slope of ReLU, on the mean of symmetric values. */
  private static final double SLOPE = 0.5;

  /** What the activation behind a block is called, after the name of its end. */
  static final String BEHIND = ":behind";

  private static final Window POINT = new Window(1, 1, 1, 1, 0, 0, 0, 0, 1, 1);

  /** Copies the list. */
  GraftingBlock {
    row = List.copyOf(row);
  }

  /** The names of the convolutions that are to become one; without a choice the first alone. */
  Set<String> merged(Linearity linearity) {
    return linearity.of(convolutions()).stream().map(Node::name).collect(Collectors.toSet());
  }

  /** All convolutions that look at more than one value for each of theirs. */
  List<Convolution> convolutions() {
    return row.stream().filter(GraftingBlock::mixes).map(Convolution.class::cast).toList();
  }

  /**
   * What its choice offers, first to leave it alone. A depthwise convolution is never merged with
   * one neighbour only, which would make it dense at its many channels.
   */
  List<Linearity> candidates() {
    boolean parts =
        convolutions().size() == 3 && convolutions().stream().noneMatch(Convolution::depthwise);
    return Stream.of(Linearity.values())
        .filter(
            linearity ->
                linearity == Linearity.NONE
                    || (linearity != Linearity.JOINED
                        && (parts || linearity == Linearity.ALL)
                        && part(linearity).stream().anyMatch(GraftingBlock::bends)))
        .toList();
  }

  /** Whether a choice can be made here, and plain DL4J can say the padding that it needs. */
  boolean graftable() {
    return convolutions().size() > 1
        && candidates().size() > 1
        && convolutions().stream().allMatch(c -> c.window().isSymmetric());
  }

  /** The nodes from the first convolution that is to be part of one to the last. */
  private List<Node> part(Linearity linearity) {
    List<Convolution> merged = linearity.of(convolutions());
    return row.subList(row.indexOf(merged.get(0)), row.indexOf(merged.get(merged.size() - 1)) + 1);
  }

  /** The activations that become linear. */
  List<Node.Activate> straightened(Linearity linearity) {
    return part(linearity).stream()
        .filter(GraftingBlock::bends)
        .map(Node.Activate.class::cast)
        .toList();
  }

  /**
   * The nodes of the part that is to be linear, as they are on the way there. All padding is on the
   * first convolution ({@code P = p_1 + s_1 p_2 + s_1 s_2 p_3 + …}): with zeros between them,
   * convolutions would not be one. So maps in between are larger than before, the last one is not.
   *
   * @param share of the linear function, above 0; at 1 the activation is gone
   * @return for each old node, by name, the nodes in its place
   */
  Map<String, List<Node>> linear(Linearity linearity, double share) {
    List<Node> part = part(linearity);
    int rows = 0;
    int columns = 0;
    int strideH = 1;
    int strideW = 1;
    for (Node node : part) {
      if (node instanceof Convolution c) {
        rows += strideH * c.window().top();
        columns += strideW * c.window().left();
        strideH *= c.window().strideH();
        strideW *= c.window().strideW();
      }
    }
    Map<String, List<Node>> linear = new LinkedHashMap<>();
    String before = part.get(0).inputs().get(0);
    FeatureShape map = ((Convolution) part.get(0)).in();
    for (Node old : part) {
      Node node = old.withInputs(List.of(before));
      List<Node> now;
      if (node instanceof Convolution c) {
        boolean first = linear.isEmpty();
        now = List.of(c.over(map, c.window().padded(first ? rows : 0, first ? columns : 0)));
      } else if (node instanceof Node.BatchNorm norm) {
        now = List.of(norm.over(map));
      } else {
        Node.Activate f = new Node.Activate(node.name(), node.inputs(), map, function(node));
        now = bends(f) ? straight(f, share) : List.of(f);
      }
      linear.put(node.name(), now);
      Node last = now.get(now.size() - 1);
      before = last.name();
      map = last.output();
    }
    return linear;
  }

  /** {@code y = (1 - share) f(x) + share a_c x}; the last of the nodes holds it. */
  static List<Node> straight(Node.Activate f, double share) {
    if (share == 1) {
      return List.of(slope(f));
    }
    String name = f.name();
    FeatureShape shape = f.output();
    return List.of(
        slope(f),
        new Node.Scale(name + ":linear", List.of(name), shape, share),
        new Node.Activate(name + ":bent", f.inputs(), shape, f.function()),
        new Node.Scale(name + ":rest", List.of(name + ":bent"), shape, 1 - share),
        new Node.Add(name + ":blend", List.of(name + ":linear", name + ":rest"), shape));
  }

  /**
   * What comes behind the end of a block that is all linear. Without it, such blocks in a row would
   * be one linear function of the first one's input, however many there are.
   *
   * @param share of the activation, from 0 for none
   * @return the last of them stands for the block's end; none where nothing has to be there
   */
  List<Node> behind(double share) {
    if (behind == null || share == 0) {
      return List.of();
    }
    String name = end.name();
    FeatureShape shape = end.output();
    if (share == 1) {
      return List.of(new Node.Activate(name + BEHIND, List.of(name), shape, behind));
    }
    return List.of(
        new Node.Activate(name + ":bent", List.of(name), shape, behind),
        new Node.Scale(name + ":share", List.of(name + ":bent"), shape, share),
        new Node.Scale(name + ":rest", List.of(name), shape, 1 - share),
        new Node.Add(name + BEHIND, List.of(name + ":share", name + ":rest"), shape));
  }

  /** A row holds convolutions, batch norms and activations only. */
  private static Activation function(Node node) {
    return ((Node.Activate) node).function();
  }

  /** {@code y = a_c x} in the place of an activation, with its name: a depthwise convolution. */
  private static Node slope(Node activation) {
    return new Convolution(
        activation.name(),
        activation.inputs(),
        activation.output(),
        activation.output(),
        POINT,
        true,
        false,
        new WeightInitConstant(SLOPE),
        0);
  }

  static boolean bends(Node node) {
    return node instanceof Node.Activate activate && activate.function() != Activation.IDENTITY;
  }

  /** Whether a node is a convolution, and not one that only scales each channel by itself. */
  static boolean mixes(Node node) {
    return node instanceof Convolution c
        && !(c.depthwise() && c.multiplier() == 1 && c.window().equals(POINT));
  }
}
