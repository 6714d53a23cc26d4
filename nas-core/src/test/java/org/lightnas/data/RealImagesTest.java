package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.lightnas.FeatureShape;

/** Reads the published files below the folder that the system property {@code nas.data} names. */
@EnabledIfSystemProperty(named = "nas.data", matches = ".+")
final class RealImagesTest {

  private static Path folder(String name) {
    return Path.of(System.getProperty("nas.data"), "images", name);
  }

  private static int[] counts(ImageSet images) {
    int[] counts = new int[images.classes()];
    for (int i = 0; i < images.size(); i++) {
      counts[images.label(i)]++;
    }
    return counts;
  }

  private static double[] means(ImageSet images) {
    int channels = images.shape().channels();
    float[] pixels = new float[(int) images.shape().size()];
    double[] sums = new double[channels];
    for (int i = 0; i < images.size(); i++) {
      images.copyNhwc(i, pixels, 0);
      for (int k = 0; k < pixels.length; k++) {
        sums[k % channels] += pixels[k];
      }
    }
    for (int c = 0; c < channels; c++) {
      sums[c] /= (double) images.size() * pixels.length / channels;
    }
    return sums;
  }

  /** The mean is the one that recipes for this data set normalise with. */
  @Test
  void readsFashionMnist() {
    ImageData data = ImageData.open(folder("fashion-mnist"));
    assertThat(data.shape()).isEqualTo(new FeatureShape(1, 28, 28));
    assertThat(counts(data.train())).hasSize(10).containsOnly(6000);
    assertThat(counts(data.test())).hasSize(10).containsOnly(1000);
    assertThat(means(data.train())[0]).isEqualTo(0.2860, within(0.0005));
  }

  /** Any large part of CIFAR-10 has these means. */
  @Test
  void readsCifar10() {
    ImageData data = ImageData.open(folder("cifar10"));
    assertThat(data.shape()).isEqualTo(new FeatureShape(3, 32, 32));
    assertThat(data.train().size()).isGreaterThanOrEqualTo(10_000);
    double[] means = means(data.train());
    assertThat(means[0]).isEqualTo(0.49, within(0.01));
    assertThat(means[1]).isEqualTo(0.48, within(0.01));
    assertThat(means[2]).isEqualTo(0.45, within(0.01));
    assertThat(counts(data.train())).hasSize(10);
    for (int count : counts(data.train())) {
      assertThat((double) count / data.train().size()).isBetween(0.08, 0.12);
    }
  }
}
