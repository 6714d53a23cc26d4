package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;

final class GeneratedImagesTest {

  @Test
  @Tag("slow")
  void drawsBalancedSetsOfTenClasses() {
    ImageData data = ImageData.generated();
    assertThat(data.name()).isEqualTo("generated");
    assertThat(data.shape()).isEqualTo(new FeatureShape(3, 24, 24));
    assertThat(data.classes()).isEqualTo(10);
    assertThat(counts(data.train())).containsOnly(600);
    assertThat(counts(data.test())).containsOnly(200);
  }

  private static int[] counts(ImageSet images) {
    int[] counts = new int[images.classes()];
    for (int i = 0; i < images.size(); i++) {
      counts[images.label(i)]++;
    }
    return counts;
  }

  /** Published results refer to these images: a change of the drawing is a change of the data. */
  @Test
  @Tag("slow")
  void drawsTheSameBytesOnEveryMachine() {
    ImageData data = ImageData.generated();
    assertThat(data.train().fingerprint()).isEqualTo("2c414f5200eff7aa");
    assertThat(data.test().fingerprint()).isEqualTo("de5ef81131bf283f");
  }

  @Test
  void dependsOnSeedPartAndPlaceOnly() {
    ImageData small = ImageData.generated(20, 20, 5);
    ImageData large = ImageData.generated(50, 20, 5);
    assertThat(large.train().take(20).fingerprint()).isEqualTo(small.train().fingerprint());
    assertThat(small.test().fingerprint()).isNotEqualTo(small.train().fingerprint());
    assertThat(ImageData.generated(20, 20, 6).train().fingerprint())
        .isNotEqualTo(small.train().fingerprint());
  }

  @Test
  void rejectsEmptySets() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageData.generated(10, 0, 1))
        .withMessage(
            "The number of generated test images must lie between 1 and 1242756, but is 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageData.generated(1_242_757, 1, 1))
        .withMessageContaining("generated train images must lie between 1 and 1242756");
  }

  /** The point of the set: whoever wants more than this has to recognise what is drawn. */
  @Test
  @Tag("slow")
  void defeatsALinearClassifierThoughItLearnsSomething() {
    ImageData data = ImageData.generated();
    double accuracy = softmaxRegression(data, 15, 0.02f);
    assertThat(accuracy).isStrictlyBetween(0.12, 0.60);
  }

  /** Plain stochastic gradient descent on pixels moved to [-0.5, 0.5]; one image per step. */
  private static double softmaxRegression(ImageData data, int epochs, float learningRate) {
    int features = (int) data.shape().size();
    float[][] weights = new float[data.classes()][features + 1];
    Batches batches = new Batches(data.train(), 1, Augmentation.none(), 1);
    float[] pixels = new float[features];
    long steps = (long) epochs * batches.perEpoch();
    for (long step = 0; step < steps; step++) {
      Batches.Batch batch = batches.read(step);
      for (int k = 0; k < features; k++) {
        pixels[k] = batch.nhwc().at(k);
      }
      double[] p = probabilities(weights, pixels);
      float rate = learningRate * (1 - (float) step / steps);
      for (int c = 0; c < weights.length; c++) {
        float gradient = (float) p[c] - (c == batch.labels()[0] ? 1 : 0);
        for (int k = 0; k < features; k++) {
          weights[c][k] -= rate * gradient * (pixels[k] - 0.5f);
        }
        weights[c][features] -= rate * gradient;
      }
    }
    int hits = 0;
    for (int i = 0; i < data.test().size(); i++) {
      data.test().copyNhwc(i, pixels, 0);
      double[] p = probabilities(weights, pixels);
      int best = 0;
      for (int c = 1; c < p.length; c++) {
        best = p[c] > p[best] ? c : best;
      }
      hits += best == data.test().label(i) ? 1 : 0;
    }
    return (double) hits / data.test().size();
  }

  private static double[] probabilities(float[][] weights, float[] pixels) {
    double[] p = new double[weights.length];
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < p.length; c++) {
      float score = weights[c][pixels.length];
      for (int k = 0; k < pixels.length; k++) {
        score += weights[c][k] * (pixels[k] - 0.5f);
      }
      p[c] = score;
      largest = Math.max(largest, score);
    }
    double sum = 0;
    for (int c = 0; c < p.length; c++) {
      p[c] = Math.exp(p[c] - largest);
      sum += p[c];
    }
    for (int c = 0; c < p.length; c++) {
      p[c] /= sum;
    }
    return p;
  }
}
