package org.lightnas.metric;

/**
 * A predictor that is defined between architectures too: where a choice takes a mixture of its
 * candidates. Differentiable searches follow its gradient.
 *
 * @since 0.1.0
 */
public interface GradientPredictor extends Predictor {

  /**
   * The prediction at relaxed choices; at one-hot rows that of the architecture.
   *
   * @param relaxed weights of the candidates, {@code [choice][candidate]}; need not add up to 1
   * @return in the metric's unit
   * @throws IllegalArgumentException if the rows do not have the space's shape
   */
  double predict(double[][] relaxed);

  /**
   * The derivative of {@link #predict(double[][])} by every weight.
   *
   * @param relaxed as there; not modified
   * @return {@code [choice][candidate]}, a new array, in the metric's unit
   * @throws IllegalArgumentException if the rows do not have the space's shape
   */
  double[][] gradient(double[][] relaxed);
}
