package org.lightnas.engine;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.blas.Level1;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater;
import org.nd4j.linalg.factory.Nd4j;

/**
 * How a gradient changes a weight. Keeps its state in the weight. Where the memory is the host's, a
 * weight is updated in one loop in plain Java: dozens of small weights would spend more time on
 * calls of native operations than on their values.
 */
public sealed interface Optimizer {

  /**
   * One update.
   *
   * @param rate learning rate
   * @param decay weight decay, added to the gradient as {@code decay * w}
   */
  default void update(Weight weight, double rate, double decay) {
    update(weight, 1, rate, decay);
  }

  /**
   * One update by a multiple of the gradient.
   *
   * @param factor what the gradient is multiplied by first, as for clipping
   * @param rate learning rate
   * @param decay weight decay, added to the gradient as {@code decay * w}
   */
  void update(Weight weight, double factor, double rate, double decay);

  /**
   * Stochastic gradient descent with classical momentum: {@code v = momentum v + g}, {@code w = w -
   * rate v}. (ND4J's own momentum is Nesterov's.)
   *
   * @param momentum in [0, 1)
   */
  record Sgd(double momentum) implements Optimizer {
    @Override
    public void update(Weight weight, double factor, double rate, double decay) {
      if (Host.visible(weight.value())) {
        HostWeight host = HostWeight.of(weight);
        descend(
            host.value(),
            host.state(0),
            host.gradient(),
            (float) momentum,
            (float) factor,
            (float) rate,
            (float) decay);
      } else {
        INDArray w = weight.value();
        INDArray v = weight.state(0);
        Level1 blas = Nd4j.getBlasWrapper().level1();
        v.muli(momentum);
        blas.axpy(w.length(), factor, weight.gradient(), v);
        if (decay != 0) {
          blas.axpy(w.length(), decay, w, v);
        }
        blas.axpy(w.length(), -rate, v, w);
      }
      weight.countUpdate();
    }

    private static void descend(
        FloatBuffer w,
        FloatBuffer v,
        FloatBuffer g,
        float momentum,
        float factor,
        float rate,
        float decay) {
      int n = w.limit();
      for (int i = 0; i < n; i++) {
        float value = w.get(i);
        float velocity = momentum * v.get(i) + factor * g.get(i) + decay * value;
        v.put(i, velocity);
        w.put(i, value - rate * velocity);
      }
    }
  }

  /**
   * Adam (Kingma and Ba 2015).
   *
   * @param beta1 decay of the mean, in [0, 1)
   * @param beta2 decay of the square, in [0, 1)
   */
  record Adam(double beta1, double beta2) implements Optimizer {

    private static final double EPSILON = 1e-8;

    @Override
    public void update(Weight weight, double factor, double rate, double decay) {
      if (Host.visible(weight.value())) {
        descend(HostWeight.of(weight), weight.updates() + 1.0, factor, rate, decay);
      } else {
        INDArray w = weight.value();
        INDArray step = weight.gradient().muli(factor);
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
      }
      weight.countUpdate();
    }

    /** Algorithm 1 with the corrections of bias drawn into the rate and epsilon. */
    private void descend(HostWeight weight, double t, double factor, double rate, double decay) {
      FloatBuffer w = weight.value();
      FloatBuffer g = weight.gradient();
      FloatBuffer mean = weight.state(0);
      FloatBuffer square = weight.state(1);
      double ofSquare = Math.sqrt(1 - Math.pow(beta2, t));
      float step = (float) (rate * ofSquare / (1 - Math.pow(beta1, t)));
      float epsilon = (float) (EPSILON * ofSquare);
      float b1 = (float) beta1;
      float b2 = (float) beta2;
      int n = w.limit();
      for (int i = 0; i < n; i++) {
        float gradient = (float) factor * g.get(i) + (float) decay * w.get(i);
        float m = b1 * mean.get(i) + (1 - b1) * gradient;
        float v = b2 * square.get(i) + (1 - b2) * gradient * gradient;
        mean.put(i, m);
        square.put(i, v);
        w.put(i, w.get(i) - step * m / ((float) Math.sqrt(v) + epsilon));
      }
    }
  }
}
