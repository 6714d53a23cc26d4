package org.lightnas.compress;

import java.util.Arrays;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Slopes for activations that become linear: those of the line that is nearest to the activation
 * {@code f} in the mean of squares, over the values it is given.
 *
 * <pre>
 * a_c = Cov(f(x), x) / Var(x)      x ~ N(beta_c, gamma_c^2)
 * </pre>
 *
 * <p>Batch norm makes every channel's mean beta and its deviation gamma; that the values are normal
 * is assumed. For ReLU6 it is {@code P(0 < x < 6)}, by Stein's lemma {@code E[f'(x)]}. By a sum
 * over a grid, so for any activation; without batch norm before it, over standard normal values.
 */
final class Slopes {

  /** Where the deviation is smaller, float32 could not tell a slope. */
  private static final double LEAST_DEVIATION = 0.01;

  /** Between points of the grid, and where it ends, in deviations. */
  private static final double STEP = 0.02;

  private static final int POINTS = 501;

  private Slopes() {}

  /** For each channel of the activation. */
  static double[] of(Node.Activate activation, TrainedGraph network) {
    int channels = activation.output().channels();
    double[] mean = new double[channels];
    double[] deviation = new double[channels];
    Arrays.fill(deviation, 1);
    if (network.graph().node(activation.inputs().get(0)) instanceof Node.BatchNorm norm) {
      for (int c = 0; c < channels; c++) {
        mean[c] = norm.affine() ? network.value(norm.name() + "/beta")[c] : norm.beta();
        double gamma = norm.affine() ? network.value(norm.name() + "/gamma")[c] : norm.gamma();
        deviation[c] = Math.max(Math.abs(gamma), LEAST_DEVIATION);
      }
    }
    double[] values = new double[channels * POINTS];
    for (int i = 0; i < values.length; i++) {
      values[i] = mean[i / POINTS] + deviation[i / POINTS] * z(i % POINTS);
    }
    INDArray x = Nd4j.create(values, new long[] {channels, POINTS}, 'c');
    INDArray f = activation.function().getActivationFunction().getActivation(x, false);
    double[] y = f.dup('c').data().asDouble();
    double[] slopes = new double[channels];
    double variance = 0;
    for (int p = 0; p < POINTS; p++) {
      double weight = Math.exp(-z(p) * z(p) / 2);
      variance += weight * z(p) * z(p);
      for (int c = 0; c < channels; c++) {
        slopes[c] += weight * z(p) * y[c * POINTS + p];
      }
    }
    for (int c = 0; c < channels; c++) {
      slopes[c] /= variance * deviation[c];
    }
    return slopes;
  }

  /** The points of the grid, symmetric about 0. */
  private static double z(int point) {
    return STEP * (point - POINTS / 2);
  }
}
