package org.lightnas.engine;

import net.jqwik.api.Tag;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;

/** The kernels made of ND4J operations keep the contract. */
@Tag("slow")
class Nd4jKernelsProperties extends KernelsContract {

  @Override
  Kernels provider() {
    return new Nd4jKernels();
  }

  /**
   * The derivative of a depthwise convolution of a single value takes its two vectors for a dot
   * product in ND4J 1.0.0-M2.1 ("Z array must be scalar"). And its convolutions run on the oneDNN
   * that is wrong where a dilated kernel, written out with zeros, spans more than the map.
   */
  @Override
  boolean runs(Node.Convolution node) {
    Window w = node.window();
    boolean spans =
        SpreadKernel.needed(w)
            && ((w.kernelH() - 1) * w.dilationH() >= node.in().height()
                || (w.kernelW() - 1) * w.dilationW() >= node.in().width());
    return !spans && (!node.depthwise() || node.in().size() > 1);
  }
}
