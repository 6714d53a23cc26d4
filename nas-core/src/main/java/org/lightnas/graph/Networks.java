package org.lightnas.graph;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.internal.Backends;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/** Makes DL4J networks of architectures. */
public final class Networks {

  private Networks() {}

  /** An untrained network of an architecture whose configuration says its input size. */
  public static ComputationGraph create(SearchSpace space, Architecture architecture, long seed) {
    architecture.requireSpace(space);
    ComputationGraphConfiguration configuration = space.toConfiguration(architecture);
    InputSize.mark(configuration, space.input(architecture));
    return initialise(configuration, seed);
  }

  static ComputationGraph initialise(ComputationGraphConfiguration configuration, long seed) {
    Backends.require();
    // GraphBuilder.seed(long) would do this, but also loads ND4J and seeds its global generator
    // while a network is merely described.
    configuration.getDefaultConfiguration().setSeed(seed);
    for (GraphVertex vertex : configuration.getVertices().values()) {
      if (vertex instanceof LayerVertex layer) {
        layer.getLayerConf().setSeed(seed);
      }
    }
    ComputationGraph network = new ComputationGraph(configuration);
    network.init();
    return network;
  }
}
