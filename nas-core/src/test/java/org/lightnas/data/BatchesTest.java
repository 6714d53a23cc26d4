package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lightnas.FeatureShape;

final class BatchesTest {

  /** Single pixels 0 to 49, which are their labels too. */
  private static final ImageSet FIFTY = fifty();

  private static ImageSet fifty() {
    byte[] pixels = new byte[50];
    int[] labels = new int[50];
    for (int i = 0; i < 50; i++) {
      pixels[i] = (byte) i;
      labels[i] = i;
    }
    return new ImageSet(new FeatureShape(1, 1, 1), 50, pixels, labels);
  }

  private static List<Integer> epoch(Batches batches, long epoch, int batchSize) {
    List<Integer> seen = new ArrayList<>();
    for (int b = 0; b < batches.perEpoch(); b++) {
      Batches.Batch batch = batches.read(epoch * batches.perEpoch() + b);
      for (int i = 0; i < batchSize; i++) {
        assertThat(batch.nhwc().at(i)).isEqualTo(batch.labels()[i] / 255f);
        seen.add(batch.labels()[i]);
      }
    }
    return seen;
  }

  @Test
  void visitsEveryImageOncePerEpochInChangingOrder() {
    Batches batches = new Batches(FIFTY, 10, Augmentation.none(), 7);
    Set<List<Integer>> orders = new HashSet<>();
    for (long epoch : new long[] {0, 1, 2, 5_000_000_000L}) {
      List<Integer> order = epoch(batches, epoch, 10);
      assertThat(order).hasSize(50).doesNotHaveDuplicates();
      orders.add(order);
    }
    orders.add(epoch(new Batches(FIFTY, 10, Augmentation.none(), 8), 0, 10));
    assertThat(orders).hasSize(5);
  }

  @Test
  void leavesOutTheIncompleteLastBatch() {
    Batches batches = new Batches(FIFTY, 12, Augmentation.none(), 7);
    assertThat(batches.perEpoch()).isEqualTo(4);
    assertThat(epoch(batches, 0, 12)).hasSize(48).doesNotHaveDuplicates();
    assertThat(new Batches(FIFTY, 50, Augmentation.none(), 7).perEpoch()).isEqualTo(1);
  }

  @Test
  void readsTheSameBatchAgainAfterOthers() {
    ImageSet images = ImageData.generated(40, 1, 3).train();
    Batches batches = new Batches(images, 8, Augmentation.cropAndFlip(), 7);
    List<Float> before = values(batches.read(13));
    int[] labels = batches.read(13).labels().clone();
    assertThat(values(batches.read(14))).isNotEqualTo(before);
    batches.read(1);
    assertThat(values(batches.read(13))).isEqualTo(before);
    assertThat(batches.read(13).labels()).isEqualTo(labels);
    Batches others = new Batches(images, 8, Augmentation.cropAndFlip(), 7);
    assertThat(values(others.read(13))).isEqualTo(before);
  }

  private static List<Float> values(Batches.Batch batch) {
    return IntStream.range(0, batch.nhwc().length()).mapToObj(batch.nhwc()::at).toList();
  }

  /**
   * Every batch is one of the windows that the definition allows, and all of them appear. The image
   * has 2 rows and no zeros, so that windows differ.
   */
  @ParameterizedTest
  @CsvSource({"1, 3", "2, 3", "3, 3", "3, 4", "3, 5", "3, 8", "4, 3"})
  void cutsEveryWindowOfThePaddedImageAndMirrorsHalf(int channels, int width) {
    FeatureShape shape = new FeatureShape(channels, 2, width);
    byte[] pixels = new byte[2 * width * channels];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i + 1);
    }
    ImageSet one = new ImageSet(shape, 1, pixels.clone(), new int[1]);
    Set<List<Float>> expected = new HashSet<>();
    for (int down = 0; down <= 2; down++) {
      for (int right = 0; right <= 2; right++) {
        for (boolean flip : new boolean[] {false, true}) {
          expected.add(windowByDefinition(pixels, width, 1, down, right, flip));
        }
      }
    }
    assertThat(expected).hasSize(18);
    assertThat(seen(one, new Augmentation(1, true), 400)).isEqualTo(expected);
  }

  @Test
  void paddingWiderThanTheImageCanEmptyTheWindow() {
    FeatureShape shape = new FeatureShape(2, 2, 3);
    byte[] pixels = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
    Set<List<Float>> expected = new HashSet<>();
    for (int down = 0; down <= 8; down++) {
      for (int right = 0; right <= 8; right++) {
        expected.add(windowByDefinition(pixels, 3, 4, down, right, false));
      }
    }
    ImageSet one = new ImageSet(shape, 1, pixels.clone(), new int[1]);
    assertThat(seen(one, new Augmentation(4, false), 2000)).isEqualTo(expected);
  }

  private static Set<List<Float>> seen(ImageSet one, Augmentation augmentation, int steps) {
    Batches batches = new Batches(one, 1, augmentation, 7);
    Set<List<Float>> seen = new HashSet<>();
    for (int step = 0; step < steps; step++) {
      seen.add(values(batches.read(step)));
    }
    return seen;
  }

  /** Pads, cuts and mirrors an image of two rows one after the other, as the definition says it. */
  private static List<Float> windowByDefinition(
      byte[] pixels, int width, int padding, int down, int right, boolean flip) {
    int channels = pixels.length / (2 * width);
    float[][][] padded = new float[channels][2 + 2 * padding][width + 2 * padding];
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < width; x++) {
          padded[c][y + padding][x + padding] = pixels[(c * 2 + y) * width + x] / 255f;
        }
      }
    }
    float[] window = new float[pixels.length];
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < width; x++) {
          int from = flip ? width - 1 - x : x;
          window[(y * width + x) * channels + c] = padded[c][y + down][from + right];
        }
      }
    }
    return boxed(window);
  }

  private static List<Float> boxed(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  @Test
  void mirrorsHalfOfTheImages() {
    ImageSet one = new ImageSet(new FeatureShape(1, 1, 2), 1, new byte[] {0, 1}, new int[1]);
    Batches batches = new Batches(one, 1, new Augmentation(0, true), 7);
    int mirrored = 0;
    for (int step = 0; step < 10_000; step++) {
      mirrored += batches.read(step).nhwc().at(0) > 0 ? 1 : 0;
    }
    // Four standard deviations of a fair coin thrown 10,000 times.
    assertThat(mirrored).isCloseTo(5000, within(200));
  }

  @Test
  void changesValuesOfFloatImagesAlike() {
    ImageSet one =
        new ImageSet(
            new FeatureShape(1, 1, 2), 1, new Pixels.Floats(new float[] {-5, 7}), new int[1]);
    Set<List<Float>> seen = new HashSet<>();
    Batches batches = new Batches(one, 1, new Augmentation(0, true), 7);
    for (int step = 0; step < 50; step++) {
      seen.add(values(batches.read(step)));
    }
    assertThat(seen).containsExactlyInAnyOrder(List.of(-5f, 7f), List.of(7f, -5f));
  }

  @Test
  void rejectsABatchLargerThanTheSetAndNamesBoth() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Batches(FIFTY, 51, Augmentation.none(), 7))
        .withMessage(
            "A batch of 51 images cannot be filled from a set of 50 images.\nMaybe lower the batch"
                + " size.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Batches(FIFTY, 0, Augmentation.none(), 7))
        .withMessage("A batch needs at least one image, but 0 were asked.");
  }

  @Test
  void rejectsNegativeSteps() {
    Batches batches = new Batches(FIFTY, 5, Augmentation.none(), 7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batches.read(-1))
        .withMessage("Steps are counted from 0, but this one is -1.");
  }

  @Test
  void rejectsNegativePadding() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Augmentation(-1, false))
        .withMessage("Padding must not be negative, but is -1.");
  }
}
