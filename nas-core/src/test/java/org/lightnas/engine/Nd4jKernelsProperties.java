package org.lightnas.engine;

import net.jqwik.api.Tag;
import org.lightnas.graph.Node;

/** The kernels made of ND4J operations keep the contract. */
@Tag("slow")
class Nd4jKernelsProperties extends KernelsContract {

  @Override
  Kernels provider() {
    return new Nd4jKernels();
  }

  /**
   * The derivative of a depthwise convolution of a single value takes its two vectors for a dot
   * product in ND4J 1.0.0-M2.1 ("Z array must be scalar").
   */
  @Override
  boolean runs(Node.Convolution node) {
    return !node.depthwise() || node.in().size() > 1;
  }
}
