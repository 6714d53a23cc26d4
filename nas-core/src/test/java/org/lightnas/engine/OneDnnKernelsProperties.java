package org.lightnas.engine;

/** The kernels on oneDNN keep the contract. */
class OneDnnKernelsProperties extends KernelsContract {

  @Override
  Kernels provider() {
    return new OneDnnKernels();
  }
}
