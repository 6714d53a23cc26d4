package org.lightnas.engine;

/** One operation bound to its arrays. Keeps no state between a forward and its backward. */
interface Kernel {

  /** Reads the inputs' values, overwrites the output's. */
  void forward(Pass pass);

  /** Reads the output's gradient, overwrites the inputs' and those of the weights. */
  void backward();
}
