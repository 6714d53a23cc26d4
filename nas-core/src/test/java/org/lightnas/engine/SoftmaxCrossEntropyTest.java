package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.random.RandomGenerator;
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
        SoftmaxCrossEntropy.evaluate(z, labels, batch, smoothing, gradient);
        double[] ignored = new double[z.length];
        double h = 1e-6;
        for (int i = 0; i < z.length; i++) {
          double kept = z[i];
          z[i] = kept + h;
          double above = SoftmaxCrossEntropy.evaluate(z, labels, batch, smoothing, ignored).mean();
          z[i] = kept - h;
          double below = SoftmaxCrossEntropy.evaluate(z, labels, batch, smoothing, ignored).mean();
          z[i] = kept;
          assertThat(gradient[i]).isCloseTo((above - below) / (2 * h), within(1e-8));
        }
      }
    }
  }

  @Test
  void ofEqualLogitsIsTheLogarithmOfTheClasses() {
    Loss loss =
        SoftmaxCrossEntropy.evaluate(new double[8], new int[] {1, 3}, 2, 0.1, new double[8]);
    assertThat(loss.mean()).isCloseTo(Math.log(4), within(1e-12));
  }

  @Test
  void countsTheImagesWhoseClassHasTheLargestLogit() {
    double[] z = {1, 2, 3, 3, 2, 1, 0, 5, 0};
    assertThat(SoftmaxCrossEntropy.evaluate(z, new int[] {2, 0, 0}, 3, 0, new double[9]).correct())
        .isEqualTo(2);
  }

  @Test
  void largeLogitsDoNotOverflow() {
    double[] gradient = new double[2];
    Loss loss =
        SoftmaxCrossEntropy.evaluate(new double[] {-2000, 3000}, new int[] {0}, 1, 0, gradient);
    assertThat(loss.mean()).isEqualTo(5000);
    assertThat(gradient).containsExactly(-1, 1);
  }

  @Test
  void whatIsNoNumberMakesALossThatIsNone() {
    double[] z = {1, Double.NaN};
    assertThat(SoftmaxCrossEntropy.evaluate(z, new int[] {0}, 1, 0.1, new double[2]).mean())
        .isNaN();
  }
}
