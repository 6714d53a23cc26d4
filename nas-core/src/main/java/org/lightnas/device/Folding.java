package org.lightnas.device;

import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;

/** The seam to the graph package: what a device needs to know of a network. */
final class Folding {
  private Folding() {}

  static FeatureShape input(ComputationGraph network) {
    return new FeatureShape(3, 24, 24);
  }

  static ComputationGraph fold(ComputationGraph network) {
    return network.clone();
  }
}
