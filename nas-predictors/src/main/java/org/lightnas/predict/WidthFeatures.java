package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.List;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.SpaceReader;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * What the layers of a network have to do, for networks that differ in the widths of the same
 * layers. Columns: operations of all dense convolutions, operations of all depthwise ones, values
 * that all of them read and write; then operations of each layer, then values of each layer.
 */
final class WidthFeatures {

  static final int SHARED = 3;

  private final SearchSpace space;
  private final SpaceReader reader;
  private final List<String> layers;

  /** Of one layer of a mean network, so that one grid of penalties fits every space. */
  private final double unitMacs;

  private final double unitValues;

  WidthFeatures(SearchSpace space) {
    this.space = space;
    this.reader = new SpaceReader(space);
    Architecture first = space.uniform(0);
    List<Node> nodes = layers(reader.read(first));
    this.layers = nodes.stream().map(Node::name).toList();
    checkArgument(
        !nodes.isEmpty(),
        "Networks of space '%s' have no convolution and no dense layer whose width could count.",
        space.name());
    this.unitMacs = nodes.stream().mapToLong(Node::macs).average().orElseThrow();
    this.unitValues = nodes.stream().mapToLong(WidthFeatures::values).average().orElseThrow();
  }

  int columns() {
    return SHARED + 2 * layers.size();
  }

  /**
   * Of one network.
   *
   * @throws IllegalArgumentException if it has other layers than others of the space
   */
  double[] of(Architecture architecture) {
    List<Node> nodes = layers(reader.read(architecture));
    checkArgument(
        nodes.stream().map(Node::name).toList().equals(layers),
        "Networks of space '%s' differ in more than widths: %s has the layers %s, others have %s.\n"
            + "Maybe fit a LatencyTable.",
        space.name(),
        architecture.id(),
        nodes.stream().map(Node::name).toList(),
        layers);
    double[] row = new double[columns()];
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      double macs = node.macs() / unitMacs;
      double values = values(node) / unitValues;
      boolean depthwise = node instanceof Node.Convolution convolution && convolution.depthwise();
      row[depthwise ? 1 : 0] += macs;
      row[2] += values;
      row[SHARED + i] = macs;
      row[SHARED + layers.size() + i] = values;
    }
    return row;
  }

  private static List<Node> layers(LayerGraph graph) {
    List<Node> layers = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Convolution || node instanceof Node.Dense) {
        layers.add(node);
      }
    }
    return layers;
  }

  private static long values(Node node) {
    long read =
        node instanceof Node.Convolution convolution
            ? convolution.in().size()
            : ((Node.Dense) node).in();
    return read + node.output().size();
  }
}
