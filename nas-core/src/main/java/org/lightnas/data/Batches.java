package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Seeds;

/**
 * Training batches as a function of the step: each epoch visits the images once in a new order, the
 * incomplete last batch of an epoch is left out. Not thread-safe.
 */
public final class Batches {

  private final ImageSet images;
  private final int batchSize;
  private final Augmentation augmentation;
  private final long seed;

  /** The order of {@link #orderedEpoch}, kept because neighbouring steps share it. */
  private final int[] order;

  private long orderedEpoch = -1;

  /**
   * Batches of one set.
   *
   * @param images what to read
   * @param batchSize images per batch, at least 1 and at most the size of the set
   * @param augmentation changes made to every image as it is read
   * @param seed with the step it determines everything drawn here
   * @throws IllegalArgumentException if the batch size is out of range
   */
  public Batches(ImageSet images, int batchSize, Augmentation augmentation, long seed) {
    checkArgument(
        batchSize >= 1, "A batch needs at least one image, but %s were asked.", batchSize);
    checkArgument(
        batchSize <= images.size(),
        "A batch of %s images cannot be filled from a set of %s images.\nMaybe lower the batch"
            + " size.",
        batchSize,
        images.size());
    this.images = images;
    this.batchSize = batchSize;
    this.augmentation = augmentation;
    this.seed = seed;
    this.order = new int[images.size()];
  }

  /** The number of full batches in an epoch. */
  public int perEpoch() {
    return images.size() / batchSize;
  }

  /** Room for one batch. */
  public Prefetch.Batch room() {
    return new Prefetch.Batch(images.room(batchSize), new int[batchSize]);
  }

  /**
   * Reads the batch of a step; the same step gives the same batch. Draws, image by image: the row
   * and the column of the window if there is padding, then the flip if there are flips.
   *
   * @param step counted from 0; step / perEpoch() is the epoch
   * @param batch {@link #room}, overwritten
   * @throws IllegalArgumentException if the step is negative or there is too little room
   */
  public void read(long step, Prefetch.Batch batch) {
    Pixels nhwc = batch.nhwc();
    int[] labels = batch.labels();
    int imageSize = (int) images.shape().size();
    checkArgument(step >= 0, "Steps are counted from 0, but this one is %s.", step);
    checkArgument(
        nhwc.length() >= (long) batchSize * imageSize && labels.length >= batchSize,
        "A batch of %s images of %s needs room for %s values and %s labels, but got %s and %s.",
        batchSize,
        images.shape(),
        (long) batchSize * imageSize,
        batchSize,
        nhwc.length(),
        labels.length);
    arrange(step / perEpoch());
    int first = (int) (step % perEpoch()) * batchSize;
    RandomGenerator random = Seeds.random(seed, "augment", step);
    int padding = augmentation.padding();
    for (int i = 0; i < batchSize; i++) {
      int image = order[first + i];
      int down = padding > 0 ? random.nextInt(2 * padding + 1) - padding : 0;
      int right = padding > 0 ? random.nextInt(2 * padding + 1) - padding : 0;
      boolean flip = augmentation.flip() && random.nextBoolean();
      if (down == 0 && right == 0 && !flip) {
        images.copy(image, nhwc, i * imageSize);
      } else {
        window(image, down, right, flip, nhwc, i * imageSize);
      }
      labels[i] = images.label(image);
    }
  }

  private void arrange(long epoch) {
    if (epoch != orderedEpoch) {
      Arrays.setAll(order, i -> i);
      ImageSet.shuffle(order, Seeds.random(seed, "epoch", epoch));
      orderedEpoch = epoch;
    }
  }

  /**
   * Copies the window whose corner lies {@code down} rows and {@code right} columns from the
   * image's own corner, mirrored after the cut if so wanted; zeros outside the image.
   */
  private void window(int image, int down, int right, boolean flip, Pixels target, int offset) {
    FeatureShape shape = images.shape();
    int channels = shape.channels();
    int height = shape.height();
    int width = shape.width();
    if (down != 0 || right != 0) {
      target.clear(offset, (int) shape.size());
    }
    int fromColumn = Math.max(0, right);
    int columns = Math.min(width, width + right) - fromColumn;
    if (columns <= 0) {
      return;
    }
    int firstColumn = flip ? width - (fromColumn - right) - columns : fromColumn - right;
    Pixels pixels = images.pixels();
    for (int y = Math.max(0, -down); y < Math.min(height, height - down); y++) {
      int from = images.base(image) + ((y + down) * width + fromColumn) * channels;
      int to = offset + (y * width + firstColumn) * channels;
      if (flip) {
        pixels.copyMirrored(from, columns, channels, target, to);
      } else {
        pixels.copy(from, columns * channels, target, to);
      }
    }
  }
}
