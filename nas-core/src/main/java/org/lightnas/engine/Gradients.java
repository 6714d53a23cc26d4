package org.lightnas.engine;

import java.nio.FloatBuffer;
import java.util.List;
import org.lightnas.graph.Parameter;

/** What happens to all gradients of a step together. */
public final class Gradients {

  private Gradients() {}

  /** The Euclidean norm of all gradients as one vector. */
  public static double norm(List<Weight> weights) {
    double squares = 0;
    for (Weight weight : weights) {
      squares += squares(weight);
    }
    return Math.sqrt(squares);
  }

  private static double squares(Weight weight) {
    if (!Host.visible(weight.value())) {
      double norm = weight.gradient().norm2Number().doubleValue();
      return norm * norm;
    }
    FloatBuffer gradient = HostWeight.of(weight).gradient();
    // Four sums at a time: one would wait for itself.
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int n = gradient.limit();
    int i = 0;
    for (; i + 3 < n; i += 4) {
      a += square(gradient.get(i));
      b += square(gradient.get(i + 1));
      c += square(gradient.get(i + 2));
      d += square(gradient.get(i + 3));
    }
    for (; i < n; i++) {
      a += square(gradient.get(i));
    }
    return (a + b) + (c + d);
  }

  private static double square(double value) {
    return value * value;
  }

  /**
   * Updates every weight, by gradients clipped to a norm; if it is not finite, to no number.
   *
   * @param clip the largest norm let through; infinite for no clipping
   * @param decay weight decay, for kernels only: not for biases and batch norms
   */
  public static void apply(
      List<Weight> weights, Optimizer optimizer, double rate, double decay, double clip) {
    double norm = Double.isInfinite(clip) ? 0 : norm(weights);
    // A gradient that is no number takes all weights with it, so that the next loss says so: behind
    // a ReLU it would be zeros.
    double factor = !Double.isFinite(norm) ? Double.NaN : norm > clip ? clip / norm : 1;
    for (Weight weight : weights) {
      boolean kernel = weight.parameter().role() == Parameter.Role.WEIGHT;
      weight.beginUpdate();
      optimizer.update(weight, factor, rate, kernel ? decay : 0);
      weight.endUpdate();
    }
  }
}
