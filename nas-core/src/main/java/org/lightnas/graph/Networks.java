package org.lightnas.graph;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/** Makes DL4J networks of architectures. */
public final class Networks {

  private Networks() {}

  /** An untrained network of an architecture whose configuration says its input size. */
  public static ComputationGraph create(SearchSpace space, Architecture architecture, long seed) {
    ComputationGraph network = new ComputationGraph(space.toConfiguration(architecture));
    network.init();
    return network;
  }
}
