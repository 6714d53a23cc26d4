package org.lightnas.engine;

import org.lightnas.graph.Node;

/** The kernels made of ND4J operations keep the contract. */
class Nd4jKernelsProperties extends KernelsContract {

  @Override
  Kernels provider() {
    return new Nd4jKernels();
  }

  /**
   * ND4J 1.0.0-M2.1 with oneDNN leaves the dilation out where it works out the padding below and
   * right, so that oneDNN refuses every dilated convolution ("could not create a descriptor").
   */
  @Override
  boolean runs(Node.Convolution node) {
    return node.window().dilationH() == 1 && node.window().dilationW() == 1;
  }
}
