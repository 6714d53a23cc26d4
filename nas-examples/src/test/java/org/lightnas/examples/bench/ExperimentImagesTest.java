package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;

class ExperimentImagesTest {

  private static final ImageData DATA = ImageData.generated(300, 100, 1);

  /** Other tests need it. */
  private final @Nullable String folder = System.getProperty("nas.data");

  @AfterEach
  void clear() {
    System.clearProperty("dataset");
    if (folder != null) {
      System.setProperty("nas.data", folder);
    }
  }

  private static Set<List<Float>> pixels(ImageSet images) {
    Set<List<Float>> all = new HashSet<>();
    for (int i = 0; i < images.size(); i++) {
      float[] values = new float[(int) images.shape().size()];
      images.copyNhwc(i, values, 0);
      Float[] boxed = new Float[values.length];
      Arrays.setAll(boxed, p -> values[p]);
      all.add(List.of(boxed));
    }
    return all;
  }

  @Test
  void aTenthValidatesAThirdAsManyTestAndNoImageIsInTwoParts() {
    ExperimentImages images = ExperimentImages.of(DATA, 200);
    assertThat(images.train().size()).isEqualTo(180);
    assertThat(images.validation().size()).isEqualTo(20);
    assertThat(images.test().size()).isEqualTo(66);
    Set<List<Float>> together = pixels(images.train());
    together.addAll(pixels(images.validation()));
    assertThat(together).hasSize(200);
    assertThat(pixels(DATA.train())).containsAll(together);
    assertThat(pixels(DATA.test())).containsAll(pixels(images.test()));
    for (int label = 0; label < 10; label++) {
      int c = label;
      ImageSet validation = images.validation();
      long count =
          IntStream.range(0, validation.size()).filter(i -> validation.label(i) == c).count();
      assertThat(count).as("validation images of class %s", c).isEqualTo(2);
    }
  }

  @Test
  void theOneDivisionIsFixed() {
    String fingerprint = ExperimentImages.of(DATA, 200).fingerprint();
    assertThat(fingerprint).matches("generated [0-9a-f]{16}");
    assertThat(ExperimentImages.of(DATA, 200).fingerprint()).isEqualTo(fingerprint);
    assertThat(ExperimentImages.of(DATA, 199).fingerprint()).isNotEqualTo(fingerprint);
    ImageData otherTest = ImageData.of("generated", DATA.train(), DATA.test().take(90));
    assertThat(ExperimentImages.of(otherTest, 200).fingerprint()).isNotEqualTo(fingerprint);
  }

  @Test
  void smallerFilesAreTakenWhole() {
    ExperimentImages images = ExperimentImages.of(DATA, 12_000);
    assertThat(images.train().size() + images.validation().size()).isEqualTo(300);
    assertThat(images.test()).isSameAs(DATA.test());
  }

  @Test
  void searchersAndTrainersDoNotGetTheTestImages() {
    ExperimentImages images = ExperimentImages.of(DATA, 200);
    assertThat(images.withoutTest().train()).isSameAs(images.train());
    assertThat(images.withoutTest().test()).isSameAs(images.validation());
  }

  @Test
  void refusesUnknownDataSetsAndMissingFolders() {
    System.setProperty("dataset", "imagenet");
    assertThatThrownBy(ExperimentImages::ofProperties)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "There is no dataset 'imagenet'.\n"
                + "Maybe give -Ddataset=cifar10 or -Ddataset=fashion-mnist.");
    System.setProperty("dataset", "fashion-mnist");
    System.clearProperty("nas.data");
    assertThatThrownBy(ExperimentImages::ofProperties)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Images or published tables are needed, and there is no -Dnas.data.\n"
                + "Maybe give -Dnas.data=DIR; the files are looked for in"
                + " DIR/images/fashion-mnist.");
  }
}
