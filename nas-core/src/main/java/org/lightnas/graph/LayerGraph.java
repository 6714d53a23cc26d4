package org.lightnas.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.lightnas.FeatureShape;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * A network as a list of {@link Node}s in an order in which they can be computed. Immutable. This
 * is the only place where DL4J configurations are interpreted: what counts, runs, rewrites or
 * exports networks walks these nodes.
 *
 * @param nodes inputs before readers; the first is the {@link Node.Input}
 * @param outputName the node that holds the network's answer
 */
public record LayerGraph(List<Node> nodes, String outputName) {

  /** Copies the list. */
  public LayerGraph {
    nodes = List.copyOf(nodes);
  }

  /**
   * Reads the network of an architecture.
   *
   * @throws org.lightnas.NasException if it holds something that cannot be read, by vertex name
   */
  public static LayerGraph of(SearchSpace space, Architecture architecture) {
    return read(space.toConfiguration(architecture), space.input());
  }

  /**
   * Reads a configuration that says its own input size, by DL4J's {@code
   * FeedForwardToCnnPreProcessor} behind the input: networks made by this library do, and those
   * built with {@code InputType.convolutionalFlat}.
   *
   * @throws org.lightnas.NasException if it does not, or as {@link #read(
   *     ComputationGraphConfiguration, FeatureShape)}
   */
  public static LayerGraph read(ComputationGraphConfiguration configuration) {
    return read(configuration, InputSize.of(configuration));
  }

  /**
   * Reads a configuration for images of a given shape.
   *
   * @throws org.lightnas.NasException if it has several inputs or outputs, or a vertex that cannot
   *     be represented; the message names it
   */
  public static LayerGraph read(ComputationGraphConfiguration configuration, FeatureShape input) {
    return new GraphReader(configuration, input).read();
  }

  /** The shape of one image. */
  public FeatureShape input() {
    return nodes.get(0).output();
  }

  /** The node with this name. */
  public Node node(String name) {
    return nodes.stream().filter(node -> node.name().equals(name)).findFirst().orElseThrow();
  }

  /** The node that holds the network's answer. */
  public Node output() {
    return node(outputName);
  }

  /** All tensors, in the order of the nodes. */
  public List<Parameter> parameters() {
    return nodes.stream().flatMap(node -> node.parameters().stream()).toList();
  }

  /**
   * For each node the names of those that read it; a node that reads another twice counts twice.
   */
  public Map<String, List<String>> readers() {
    Map<String, List<String>> readers = new LinkedHashMap<>();
    for (Node node : nodes) {
      readers.put(node.name(), new ArrayList<>());
      for (String input : node.inputs()) {
        readers.get(input).add(node.name());
      }
    }
    return readers;
  }
}
