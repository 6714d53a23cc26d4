package org.lightnas.engine;

import org.nd4j.linalg.api.blas.Level1;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;

/** How a gradient changes a weight. Keeps its state in the weight. */
public sealed interface Optimizer {

  /**
   * One update.
   *
   * @param rate learning rate
   * @param decay weight decay, added to the gradient as {@code decay * w}
   */
  void update(Weight weight, double rate, double decay);

  /**
   * Stochastic gradient descent with classical momentum: {@code v = momentum v + g}, {@code w = w -
   * rate v}. (ND4J's own momentum is Nesterov's.)
   *
   * @param momentum in [0, 1)
   */
  record Sgd(double momentum) implements Optimizer {
    @Override
    public void update(Weight weight, double rate, double decay) {
      INDArray w = weight.value();
      INDArray v = weight.state(0);
      v.muli(momentum).addi(weight.gradient());
      Level1 blas = Nd4j.getBlasWrapper().level1();
      if (decay != 0) {
        blas.axpy(w.length(), decay, w, v);
      }
      blas.axpy(w.length(), -rate, v, w);
      weight.countUpdate();
    }
  }

  /**
   * Adam (Kingma and Ba 2015), with ND4J's own kernel.
   *
   * @param beta1 decay of the mean, in [0, 1)
   * @param beta2 decay of the square, in [0, 1)
   */
  record Adam(double beta1, double beta2) implements Optimizer {

    private static final double EPSILON = 1e-8;

    @Override
    public void update(Weight weight, double rate, double decay) {
      INDArray w = weight.value();
      INDArray step = weight.gradient();
      if (decay != 0) {
        Nd4j.getBlasWrapper().level1().axpy(w.length(), decay, w, step);
      }
      Nd4j.exec(
          new AdamUpdater(
              step,
              weight.state(1),
              weight.state(0),
              rate,
              beta1,
              beta2,
              EPSILON,
              (int) weight.updates()));
      w.subi(step);
      weight.countUpdate();
    }
  }
}
