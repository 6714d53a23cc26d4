package org.lightnas.engine;

import java.util.function.Consumer;

/** One operation bound to its areas. Its backward pass follows its last forward pass. */
interface Kernel {

  /** Reads the inputs' values, overwrites the output's. */
  void forward(Pass pass);

  /** Reads the output's gradient, overwrites the inputs' and those of the weights. */
  void backward();

  /** The two directions of a kernel. */
  static Kernel of(Consumer<Pass> ahead, Runnable back) {
    return new Kernel() {
      @Override
      public void forward(Pass pass) {
        ahead.accept(pass);
      }

      @Override
      public void backward() {
        back.run();
      }
    };
  }

  /** The two directions of a kernel that does the same in every pass. */
  static Kernel of(Runnable ahead, Runnable back) {
    return of(pass -> ahead.run(), back);
  }
}
