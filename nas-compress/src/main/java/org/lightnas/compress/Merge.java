package org.lightnas.compress;

import java.util.List;
import java.util.Map;
import org.lightnas.graph.Node;

/**
 * Some nodes and the one convolution that computes the same, which takes the name of the last.
 *
 * @param source what the first of them read
 * @param nodes in the order of the data, two at least, one of them with weights
 * @param form as DL4J can say it
 */
record Merge(Node source, List<Node> nodes, AffineConvolution form) {

  Merge {
    nodes = List.copyOf(nodes);
  }

  Node last() {
    return nodes.get(nodes.size() - 1);
  }

  List<String> names() {
    return nodes.stream().map(Node::name).toList();
  }

  long macsBefore() {
    return nodes.stream().mapToLong(Node::macs).sum();
  }

  long macsAfter() {
    return form.geometry().macs();
  }

  /** The layer that takes their place. */
  Node layer() {
    List<String> inputs = List.of(source.name());
    Node like = nodes.stream().filter(LinearNodes::hasWeights).findFirst().orElseThrow();
    if (like instanceof Node.Dense dense) {
      return new Node.Dense(
          last().name(),
          inputs,
          source.output().channels(),
          last().output(),
          true,
          dense.init(),
          dense.biasInit());
    }
    Node.Convolution convolution = (Node.Convolution) like;
    return new Node.Convolution(
        last().name(),
        inputs,
        source.output(),
        last().output(),
        form.geometry().window(),
        form.geometry().depthwise(),
        true,
        convolution.init(),
        convolution.biasInit());
  }

  void putValues(Map<String, double[]> values) {
    values.put(last().name() + "/W", form.kernel());
    values.put(last().name() + "/b", form.bias());
  }
}
