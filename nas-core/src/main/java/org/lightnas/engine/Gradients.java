package org.lightnas.engine;

import java.util.List;
import org.lightnas.graph.Parameter;

/** What happens to all gradients of a step together. */
public final class Gradients {

  private Gradients() {}

  /** The Euclidean norm of all gradients as one vector. */
  public static double norm(List<Weight> weights) {
    double squares = 0;
    for (Weight weight : weights) {
      double norm = weight.gradient().norm2Number().doubleValue();
      squares += norm * norm;
    }
    return Math.sqrt(squares);
  }

  /**
   * Clips to a norm and updates every weight.
   *
   * @param clip the largest norm let through; infinite for no clipping
   * @param decay weight decay, for kernels only: not for biases and batch norms
   */
  public static void apply(
      List<Weight> weights, Optimizer optimizer, double rate, double decay, double clip) {
    double norm = Double.isInfinite(clip) ? 0 : norm(weights);
    for (Weight weight : weights) {
      if (norm > clip) {
        weight.gradient().muli(clip / norm);
      }
      boolean kernel = weight.parameter().role() == Parameter.Role.WEIGHT;
      optimizer.update(weight, rate, kernel ? decay : 0);
    }
  }
}
