package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.Parameter.Role;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

class OptimizerTest {

  private static final float[] START = {1, -2, 0.5f, 0, 3, -1};
  private static final float[][] GRADIENTS = {
    {0.5f, -1, 0.25f, 2, 0, -0.1f}, {-0.5f, -2, 0.75f, 1, 0, 0.3f}, {0.1f, 0, -0.5f, 1, 4, 0.2f}
  };

  private static Weight weight(Role role) {
    Parameter parameter = new Parameter("layer/W", role, List.of(2L, 3L));
    return new Weight(parameter, Nd4j.create(START.clone(), new long[] {2, 3}, 'c'));
  }

  private static void setGradient(Weight weight, float[] gradient) {
    weight.gradient().assign(Nd4j.create(gradient.clone(), new long[] {2, 3}, 'c'));
  }

  private static double[] values(Weight weight) {
    return weight.value().dup('c').data().asDouble();
  }

  @Test
  void sgdIsClassicalMomentum() {
    double momentum = 0.9;
    double rate = 0.1;
    double decay = 0.01;
    Weight weight = weight(Role.WEIGHT);
    double[] w = toDouble(START);
    double[] v = new double[w.length];
    for (float[] gradient : GRADIENTS) {
      setGradient(weight, gradient);
      new Optimizer.Sgd(momentum).update(weight, rate, decay);
      for (int i = 0; i < w.length; i++) {
        v[i] = momentum * v[i] + gradient[i] + decay * w[i];
        w[i] -= rate * v[i];
      }
      assertThat(values(weight)).containsExactly(w, within(1e-6));
    }
    assertThat(weight.updates()).isEqualTo(3);
  }

  /** Algorithm 1 of Kingma and Ba 2015, with the decay added to the gradient. */
  @Test
  void adamIsThePublishedOne() {
    double beta1 = 0.9;
    double beta2 = 0.99;
    double rate = 0.05;
    double decay = 0.01;
    Weight weight = weight(Role.WEIGHT);
    double[] w = toDouble(START);
    double[] m = new double[w.length];
    double[] v = new double[w.length];
    for (int t = 1; t <= GRADIENTS.length; t++) {
      setGradient(weight, GRADIENTS[t - 1]);
      new Optimizer.Adam(beta1, beta2).update(weight, rate, decay);
      for (int i = 0; i < w.length; i++) {
        double g = GRADIENTS[t - 1][i] + decay * w[i];
        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        double mean = m[i] / (1 - Math.pow(beta1, t));
        double square = v[i] / (1 - Math.pow(beta2, t));
        w[i] -= rate * mean / (Math.sqrt(square) + 1e-8);
      }
      assertThat(values(weight)).containsExactly(w, within(1e-6));
    }
  }

  @Test
  void theNormIsThatOfAllGradientsAsOneVector() {
    Weight a = weight(Role.WEIGHT);
    Weight b = weight(Role.OFFSET);
    setGradient(a, new float[] {3, 0, 0, 0, 0, 0});
    setGradient(b, new float[] {0, 0, 4, 0, 0, -12});
    assertThat(Gradients.norm(List.of(a, b))).isCloseTo(13, within(1e-6));
  }

  @Test
  void clippingLeavesTheDirectionAndBoundsTheStep() {
    Weight a = weight(Role.WEIGHT);
    Weight b = weight(Role.OFFSET);
    setGradient(a, new float[] {3, 0, 0, 0, 0, 0});
    setGradient(b, new float[] {0, 0, 4, 0, 0, -12});
    Gradients.apply(List.of(a, b), new Optimizer.Sgd(0), 1, 0, 6.5);
    assertThat(values(a)).containsExactly(new double[] {-0.5, -2, 0.5, 0, 3, -1}, within(1e-6));
    assertThat(values(b)).containsExactly(new double[] {1, -2, -1.5, 0, 3, 5}, within(1e-6));
  }

  @Test
  void whatIsWithinTheBoundIsNotClipped() {
    for (double clip : new double[] {13.01, Double.POSITIVE_INFINITY}) {
      Weight a = weight(Role.WEIGHT);
      setGradient(a, new float[] {3, 0, 4, 0, 0, -12});
      Gradients.apply(List.of(a), new Optimizer.Sgd(0), 1, 0, clip);
      assertThat(values(a)).containsExactly(new double[] {-2, -2, -3.5, 0, 3, 11}, within(1e-6));
    }
  }

  @Test
  void onlyKernelsDecay() {
    for (Role role : List.of(Role.WEIGHT, Role.OFFSET, Role.OPAQUE)) {
      Weight weight = weight(role);
      setGradient(weight, new float[6]);
      Gradients.apply(List.of(weight), new Optimizer.Sgd(0.9), 0.5, 0.2, 5);
      double kept = role == Role.WEIGHT ? 0.9 : 1;
      double[] expected = toDouble(START);
      for (int i = 0; i < expected.length; i++) {
        expected[i] *= kept;
      }
      assertThat(values(weight)).as(role.name()).containsExactly(expected, within(1e-6));
    }
  }

  @Test
  void clippedAdamIsAdamOfClippedGradients() {
    Weight clipped = weight(Role.WEIGHT);
    Weight scaled = weight(Role.WEIGHT);
    for (float[] gradient : GRADIENTS) {
      setGradient(clipped, gradient);
      setGradient(scaled, gradient);
      double norm = Gradients.norm(List.of(scaled));
      scaled.gradient().muli(0.5 / norm);
      Optimizer adam = new Optimizer.Adam(0.9, 0.99);
      Gradients.apply(List.of(clipped), adam, 0.05, 0.01, 0.5);
      adam.update(scaled, 0.05, 0.01);
      assertThat(values(clipped)).containsExactly(values(scaled), within(1e-6));
    }
  }

  /** Where memory is not the host's float32, ND4J's operations do the same. */
  @Test
  void theLoopsInJavaDoWhatNd4jDoes() {
    for (Optimizer optimizer : List.of(new Optimizer.Sgd(0.9), new Optimizer.Adam(0.9, 0.99))) {
      Weight host = weight(Role.WEIGHT);
      Weight other = new Weight(host.parameter(), host.value().castTo(DataType.DOUBLE));
      for (float[] gradient : GRADIENTS) {
        setGradient(host, gradient);
        other.gradient().assign(host.gradient());
        assertThat(Gradients.norm(List.of(host)))
            .isCloseTo(Gradients.norm(List.of(other)), within(1e-6));
        Gradients.apply(List.of(host), optimizer, 0.1, 0.01, 0.7);
        Gradients.apply(List.of(other), optimizer, 0.1, 0.01, 0.7);
        assertThat(values(host)).containsExactly(values(other), within(1e-6));
      }
    }
  }

  private static double[] toDouble(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i];
    }
    return result;
  }
}
