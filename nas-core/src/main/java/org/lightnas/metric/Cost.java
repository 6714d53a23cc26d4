package org.lightnas.metric;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * What a network costs, counted from its configuration; no backend is needed. Layers that only DL4J
 * understands count with their parameters but without operations.
 *
 * @param macs multiply-accumulate operations of convolutions and dense layers for one image
 * @param parameters trainable numbers; running statistics of batch norms do not count
 * @since 0.1.0
 */
public record Cost(long macs, long parameters) {

  /**
   * Counts the network of an architecture.
   *
   * @throws IllegalArgumentException if its space is no {@link SearchSpace}
   * @throws org.lightnas.NasException if the network cannot be read
   */
  public static Cost of(Architecture architecture) {
    checkArgument(
        architecture.space() instanceof SearchSpace,
        "Space '%s' describes choices only, so its architectures have no network to count.",
        architecture.space().name());
    return of(LayerGraph.of((SearchSpace) architecture.space(), architecture));
  }

  /**
   * Counts a network whose configuration says its input size.
   *
   * @throws org.lightnas.NasException if it does not, or the network cannot be read
   */
  public static Cost of(ComputationGraphConfiguration configuration) {
    return of(LayerGraph.read(configuration));
  }

  static Cost of(LayerGraph graph) {
    return new Cost(
        graph.nodes().stream().mapToLong(Node::macs).sum(),
        graph.parameters().stream().filter(Parameter::trained).mapToLong(Parameter::size).sum());
  }
}
