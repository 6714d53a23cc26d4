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
    Prefetch.Batch batch = batches.room();
    for (int b = 0; b < batches.perEpoch(); b++) {
      batches.read(epoch * batches.perEpoch() + b, batch);
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
    Prefetch.Batch before = batches.room();
    Prefetch.Batch after = batches.room();
    batches.read(13, before);
    batches.read(14, after);
    assertThat(values(after)).isNotEqualTo(values(before));
    batches.read(1, after);
    batches.read(13, after);
    assertThat(values(after)).isEqualTo(values(before));
    assertThat(after.labels()).isEqualTo(before.labels());
    new Batches(images, 8, Augmentation.cropAndFlip(), 7).read(13, after);
    assertThat(values(after)).isEqualTo(values(before));
  }

  private static List<Float> values(Prefetch.Batch batch) {
    return IntStream.range(0, batch.nhwc().length()).mapToObj(batch.nhwc()::at).toList();
  }

  /**
   * Every batch is one of the windows that the definition allows, and all of them appear. The image
   * is of 2 channels, 2 rows, 3 columns and without zeros, so that windows differ.
   */
  @Test
  void cutsEveryWindowOfThePaddedImageAndMirrorsHalf() {
    FeatureShape shape = new FeatureShape(2, 2, 3);
    byte[] pixels = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16};
    ImageSet one = new ImageSet(shape, 1, pixels.clone(), new int[1]);
    Set<List<Float>> expected = new HashSet<>();
    for (int down = 0; down <= 2; down++) {
      for (int right = 0; right <= 2; right++) {
        for (boolean flip : new boolean[] {false, true}) {
          expected.add(windowByDefinition(pixels, 1, down, right, flip));
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
        expected.add(windowByDefinition(pixels, 4, down, right, false));
      }
    }
    ImageSet one = new ImageSet(shape, 1, pixels.clone(), new int[1]);
    assertThat(seen(one, new Augmentation(4, false), 2000)).isEqualTo(expected);
  }

  private static Set<List<Float>> seen(ImageSet one, Augmentation augmentation, int steps) {
    Batches batches = new Batches(one, 1, augmentation, 7);
    Set<List<Float>> seen = new HashSet<>();
    Prefetch.Batch batch = batches.room();
    for (int step = 0; step < steps; step++) {
      batches.read(step, batch);
      seen.add(values(batch));
    }
    return seen;
  }

  /** Pads, cuts and mirrors a 2x2x3 image one after the other, as the definition says it. */
  private static List<Float> windowByDefinition(
      byte[] pixels, int padding, int down, int right, boolean flip) {
    float[][][] padded = new float[2][2 + 2 * padding][3 + 2 * padding];
    for (int c = 0; c < 2; c++) {
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < 3; x++) {
          padded[c][y + padding][x + padding] = pixels[(c * 2 + y) * 3 + x] / 255f;
        }
      }
    }
    float[] window = new float[12];
    for (int c = 0; c < 2; c++) {
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < 3; x++) {
          int from = flip ? 2 - x : x;
          window[(y * 3 + x) * 2 + c] = padded[c][y + down][from + right];
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
    Prefetch.Batch batch = batches.room();
    for (int step = 0; step < 10_000; step++) {
      batches.read(step, batch);
      mirrored += batch.nhwc().at(0) > 0 ? 1 : 0;
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
    Prefetch.Batch batch = batches.room();
    for (int step = 0; step < 50; step++) {
      batches.read(step, batch);
      seen.add(values(batch));
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
  void rejectsNegativeStepsAndShortArrays() {
    Batches batches = new Batches(FIFTY, 5, Augmentation.none(), 7);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batches.read(-1, batches.room()))
        .withMessage("Steps are counted from 0, but this one is -1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batches.read(0, new Prefetch.Batch(FIFTY.room(4), new int[6])))
        .withMessage(
            "A batch of 5 images of 1x1x1 needs room for 5 values and 5 labels, but got 4 and 6.");
  }

  @Test
  void rejectsNegativePadding() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Augmentation(-1, false))
        .withMessage("Padding must not be negative, but is -1.");
  }
}
