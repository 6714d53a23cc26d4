package org.lightnas.graph;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * A network as a list of {@link Node}s in an order in which they can be computed. Immutable, equal
 * by value. This is the only place where DL4J configurations are interpreted: what counts, runs,
 * rewrites or exports networks walks these nodes.
 */
public final class LayerGraph {

  private final List<Node> nodes;
  private final Map<String, Entry> byName;
  private final Node output;

  /** A node and the names of those that read it. */
  private record Entry(Node node, List<String> readers) {}

  /**
   * Makes a graph of nodes.
   *
   * @param nodes inputs before readers; the first is the {@link Node.Input}
   * @param outputName the node that holds the network's answer
   * @throws IllegalArgumentException if a name is given twice, or a node or the output is not among
   *     the nodes before its reader
   */
  public LayerGraph(List<Node> nodes, String outputName) {
    this.nodes = List.copyOf(nodes);
    this.byName = new HashMap<>(2 * nodes.size());
    for (Node node : this.nodes) {
      for (String input : node.inputs()) {
        Entry read = byName.get(input);
        checkArgument(read != null, "There is no node '%s' before its readers.", input);
        read.readers().add(node.name());
      }
      Entry entry = new Entry(node, new ArrayList<>(2));
      checkArgument(
          byName.putIfAbsent(node.name(), entry) == null,
          "Two nodes are called '%s'.",
          node.name());
    }
    this.output = node(outputName);
  }

  /**
   * Reads the network of an architecture.
   *
   * @throws org.lightnas.NasException if it holds something that cannot be read, by vertex name
   */
  public static LayerGraph of(SearchSpace space, Architecture architecture) {
    return space instanceof NodeSpace nodes
        ? nodes.graph(architecture)
        : read(space.toConfiguration(architecture), space.input(architecture));
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

  /**
   * Writes the network as a DL4J configuration that says its input size, one vertex per node (three
   * for a shuffle). Shapes of maps are not written: reading finds them anew.
   */
  public ComputationGraphConfiguration toConfiguration() {
    return NetworkWriter.write(this);
  }

  /** All nodes, inputs before readers. */
  public List<Node> nodes() {
    return nodes;
  }

  /** The name of the node that holds the network's answer. */
  public String outputName() {
    return output.name();
  }

  /** The shape of one image. */
  public FeatureShape input() {
    return nodes.get(0).output();
  }

  /**
   * The node with this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Node node(String name) {
    return entry(name).node();
  }

  /** The node that holds the network's answer. */
  public Node output() {
    return output;
  }

  /** All tensors, in the order of the nodes. */
  public List<Parameter> parameters() {
    return nodes.stream().flatMap(node -> node.parameters().stream()).toList();
  }

  /**
   * The names of the nodes that read this one; one that reads it twice counts twice.
   *
   * @throws IllegalArgumentException if there is no such node
   */
  public List<String> readers(String name) {
    return Collections.unmodifiableList(entry(name).readers());
  }

  private Entry entry(String name) {
    Entry entry = byName.get(name);
    checkArgument(entry != null, "There is no node '%s'.", name);
    return entry;
  }

  /** The same network with batch norms that only normalise: no trained scale and shift. */
  public LayerGraph withPlainBatchNorms() {
    return new LayerGraph(
        nodes.stream()
            .map(node -> node instanceof Node.BatchNorm norm ? norm.plain() : node)
            .toList(),
        outputName());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LayerGraph that
        && nodes.equals(that.nodes)
        && outputName().equals(that.outputName());
  }

  @Override
  public int hashCode() {
    return 31 * nodes.hashCode() + outputName().hashCode();
  }

  /** The nodes and the output's name. */
  @Override
  public String toString() {
    return nodes + " -> " + outputName();
  }
}
