package org.lightnas.engine;

import net.jqwik.api.Tag;

/** The kernels on oneDNN keep the contract. */
@Tag("slow")
class OneDnnKernelsProperties extends KernelsContract {

  @Override
  Kernels provider() {
    return new OneDnnKernels();
  }
}
