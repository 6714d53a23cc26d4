package org.lightnas.graph;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * A space that makes its networks of other networks' nodes, so that whoever counts or runs one need
 * not write a configuration and read it again.
 */
public interface NodeSpace extends SearchSpace {

  /**
   * The network of an architecture.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  LayerGraph graph(Architecture architecture);

  @Override
  default ComputationGraphConfiguration toConfiguration(Architecture architecture) {
    return graph(architecture).toConfiguration();
  }
}
