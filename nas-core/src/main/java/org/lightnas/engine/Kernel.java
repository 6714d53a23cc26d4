package org.lightnas.engine;

/** One operation bound to its areas. Its backward pass follows its last forward pass. */
interface Kernel {

  /** Reads the inputs' values, overwrites the output's. */
  void forward(Pass pass);

  /** Reads the output's gradient, overwrites the inputs' and those of the weights. */
  void backward();
}
