package org.lightnas.graph;

import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;

/**
 * A network as nodes and numbers, in plain Java: what rewrites work on.
 *
 * @param graph the nodes
 * @param values every tensor of the graph by name, row-major in its {@link Parameter} layout; not
 *     copied, not to be changed
 */
public record TrainedGraph(LayerGraph graph, Map<String, double[]> values) {

  /** Copies the map. */
  public TrainedGraph {
    values = Map.copyOf(values);
  }

  /**
   * Reads a network that says its input size.
   *
   * @throws org.lightnas.NasException as {@link LayerGraph#read}
   */
  public static TrainedGraph of(ComputationGraph network) {
    return of(network, InputSize.of(network.getConfiguration()));
  }

  /**
   * Reads a network for images of a given shape.
   *
   * @throws org.lightnas.NasException as {@link LayerGraph#read}
   */
  public static TrainedGraph of(ComputationGraph network, FeatureShape input) {
    LayerGraph graph = LayerGraph.read(network.getConfiguration(), input);
    return new TrainedGraph(graph, NetworkValues.read(network, graph));
  }

  /** Makes a fresh plain DL4J network of the nodes; it says its input size. Owned by the caller. */
  public ComputationGraph toNetwork() {
    ComputationGraph network = Networks.blank(graph.toConfiguration());
    writeTo(network);
    return network;
  }

  /** Copies the values into an initialised network of these nodes. */
  public void writeTo(ComputationGraph network) {
    NetworkValues.write(network, graph, values);
  }

  /**
   * The values of one tensor; not to be changed.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public double[] value(String name) {
    return NetworkValues.find(values, name);
  }
}
