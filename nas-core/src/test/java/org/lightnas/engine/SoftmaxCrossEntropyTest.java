package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.lightnas.internal.Seeds;

class SoftmaxCrossEntropyTest {

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    RandomGenerator random = Seeds.random(1, "logits", 0);
    for (double smoothing : new double[] {0, 0.1, 0.9}) {
      for (int classes = 2; classes <= 11; classes += 3) {
        int batch = 4;
        double[] z = random.doubles(4L * classes, -4, 4).toArray();
        int[] labels = random.ints(batch, 0, classes).toArray();
        double[] gradient = new double[z.length];
        evaluate(z, labels, batch, smoothing, gradient);
        requireDerivative(
            gradient, z, () -> evaluate(z, labels, batch, smoothing, null).mean(), 1e-8);
      }
    }
  }

  private static Loss evaluate(
      double[] z, int[] labels, int batch, double smoothing, double @Nullable [] gradient) {
    return SoftmaxCrossEntropy.evaluate(
        z, batch, labels, Objective.labels(smoothing), null, gradient, null);
  }

  /** Central differences. */
  private static void requireDerivative(
      double[] gradient, double[] z, DoubleSupplier loss, double tolerance) {
    double h = 1e-6;
    for (int i = 0; i < z.length; i++) {
      double kept = z[i];
      z[i] = kept + h;
      double above = loss.getAsDouble();
      z[i] = kept - h;
      double below = loss.getAsDouble();
      z[i] = kept;
      assertThat(gradient[i]).isCloseTo((above - below) / (2 * h), within(tolerance));
    }
  }

  @Test
  void gradientsWithATeacherAgreeWithFiniteDifferences() {
    RandomGenerator random = Seeds.random(2, "logits", 0);
    int batch = 3;
    int classes = 5;
    for (double weight : new double[] {0.3, 1}) {
      for (double temperature : new double[] {0.5, 1, 4}) {
        Objective objective = new Objective(0.1, weight, temperature);
        double[] z = random.doubles((long) batch * classes, -4, 4).toArray();
        double[] teacher = random.doubles((long) batch * classes, -4, 4).toArray();
        int[] labels = random.ints(batch, 0, classes).toArray();
        double[] gradient = new double[z.length];
        SoftmaxCrossEntropy.evaluate(z, batch, labels, objective, teacher, gradient, null);
        requireDerivative(
            gradient,
            z,
            () ->
                SoftmaxCrossEntropy.evaluate(z, batch, labels, objective, teacher, null, null)
                    .mean(),
            1e-7);
      }
    }
  }

  /** The definition, term by term, of one image in two classes. */
  @Test
  void distillationIsTheSoftenedDivergenceTimesTheSquaredTemperature() {
    double[] z = {1, 3};
    double[] teacher = {2, -2};
    double q = 1 / (1 + Math.exp(-2));
    double p = 1 / (1 + Math.exp(1));
    double divergence = q * Math.log(q / p) + (1 - q) * Math.log((1 - q) / (1 - p));
    double entropy = Math.log(1 + Math.exp(2));
    Objective objective = new Objective(0, 0.25, 2);
    Loss loss = SoftmaxCrossEntropy.evaluate(z, 1, new int[] {0}, objective, teacher, null, null);
    assertThat(loss.mean()).isCloseTo(0.75 * entropy + 0.25 * 4 * divergence, within(1e-12));
    // Who agrees with the teacher loses nothing by it, and has nothing to learn.
    double[] gradient = new double[2];
    Objective teacherOnly = new Objective(0, 1, 2);
    Loss agreeing =
        SoftmaxCrossEntropy.evaluate(
            teacher, 1, new int[] {0}, teacherOnly, teacher, gradient, null);
    assertThat(agreeing.mean()).isCloseTo(0, within(1e-12));
    assertThat(gradient).containsExactly(new double[] {0, 0}, within(1e-12));
  }

  @Test
  void aTeacherWhoIsSureOverflowsNothing() {
    double[] z = {-2000, 3000};
    double[] teacher = {4000, -4000};
    double[] gradient = new double[2];
    Loss loss =
        SoftmaxCrossEntropy.evaluate(
            z, 1, new int[] {0}, new Objective(0, 1, 2), teacher, gradient, null);
    assertThat(loss.mean()).isEqualTo(4 * 2500);
    assertThat(gradient).containsExactly(-2, 2);
  }

  @Test
  void imagesWithoutALabelDoNotCount() {
    RandomGenerator random = Seeds.random(3, "logits", 0);
    double[] z = random.doubles(4 * 3, -2, 2).toArray();
    double[] teacher = random.doubles(4 * 3, -2, 2).toArray();
    int[] labels = {2, 0};
    Objective objective = new Objective(0.1, 0.5, 3);
    double[] gradient = random.doubles(4 * 3).toArray();
    double[] perImage = {7, 7, 7, 7};
    Loss part = SoftmaxCrossEntropy.evaluate(z, 4, labels, objective, teacher, gradient, perImage);
    double[] alone = new double[2 * 3];
    Loss whole =
        SoftmaxCrossEntropy.evaluate(
            Arrays.copyOf(z, 6), 2, labels, objective, Arrays.copyOf(teacher, 6), alone, null);
    assertThat(part).isEqualTo(whole);
    assertThat(gradient).isEqualTo(Arrays.copyOf(alone, 12));
    assertThat((perImage[0] + perImage[1]) / 2).isEqualTo(part.mean());
    assertThat(perImage).endsWith(7, 7);
    for (int n = 0; n < 2; n++) {
      double one =
          SoftmaxCrossEntropy.evaluate(
                  Arrays.copyOfRange(z, 3 * n, 3 * n + 3),
                  1,
                  new int[] {labels[n]},
                  objective,
                  Arrays.copyOfRange(teacher, 3 * n, 3 * n + 3),
                  null,
                  null)
              .mean();
      assertThat(perImage[n]).isEqualTo(one);
    }
  }

  @Test
  void refusesArraysThatDoNotFit() {
    double[] z = new double[6];
    Objective objective = new Objective(0, 0.5, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate(z, new int[3], 2, 0, null))
        .withMessage("A batch of 2 images cannot have 3 labels.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate(z, new int[0], 2, 0, null))
        .withMessage("A batch of 2 images cannot have 0 labels.");
    for (double[] teacher : new double[][] {null, new double[5]}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> SoftmaxCrossEntropy.evaluate(z, 2, new int[2], objective, teacher, null, null))
          .withMessage("A loss with a teacher needs its logits, as many as there are: 6.");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                SoftmaxCrossEntropy.evaluate(
                    z, 2, new int[2], Objective.labels(0), null, null, new double[1]))
        .withMessage("The losses of 2 images need more room than for 1.");
  }

  @Test
  void objectivesCheckTheirRanges() {
    for (double bad : new double[] {-0.1, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Objective.labels(bad))
          .withMessage("Label smoothing must be in [0, 1), but is %s.", bad);
    }
    for (double bad : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Objective(0, bad, 1))
          .withMessage("The teacher's weight must be in [0, 1], but is %s.", bad);
    }
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Objective(0, 0, bad))
          .withMessage("The teacher's temperature must be positive, but is %s.", bad);
    }
  }

  @Test
  void ofEqualLogitsIsTheLogarithmOfTheClasses() {
    Loss loss = evaluate(new double[8], new int[] {1, 3}, 2, 0.1, new double[8]);
    assertThat(loss.mean()).isCloseTo(Math.log(4), within(1e-12));
  }

  @Test
  void countsTheImagesWhoseClassHasTheLargestLogit() {
    double[] z = {1, 2, 3, 3, 2, 1, 0, 5, 0};
    assertThat(evaluate(z, new int[] {2, 0, 0}, 3, 0, new double[9]).correct()).isEqualTo(2);
  }

  @Test
  void largeLogitsDoNotOverflow() {
    double[] gradient = new double[2];
    Loss loss = evaluate(new double[] {-2000, 3000}, new int[] {0}, 1, 0, gradient);
    assertThat(loss.mean()).isEqualTo(5000);
    assertThat(gradient).containsExactly(-1, 1);
  }

  @Test
  void whatIsNoNumberMakesALossThatIsNone() {
    double[] z = {1, Double.NaN};
    assertThat(evaluate(z, new int[] {0}, 1, 0.1, new double[2]).mean()).isNaN();
  }
}
