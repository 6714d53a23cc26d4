package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Seeds;

/**
 * Training batches as a function of the step: each epoch visits the images once in a new order, the
 * incomplete last batch of an epoch is left out. Nothing is allocated after the first step. Not
 * thread-safe.
 *
 * <p>Read by the thread that trains, between two steps: rows of bytes are copied in a tenth of a
 * millisecond, and handing them over from another thread takes longer where a step keeps every core
 * busy.
 *
 * @since 0.1.0
 */
public final class Batches {

  private final ImageSet images;
  private final int batchSize;
  private final Augmentation augmentation;
  private final long seed;

  /** The order of {@link #orderedEpoch}, kept because neighbouring steps share it. */
  private final int[] order;

  private long orderedEpoch = -1;
  private final Batch batch;
  private long taken;

  /**
   * A batch, as its images are stored.
   *
   * @param nhwc images, {@code [N, H, W, C]}
   * @param labels the classes of the first ones; fewer than N only at the end of a set
   * @since 0.1.0
   */
  public record Batch(Pixels nhwc, int[] labels) {}

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
    this.batch = new Batch(images.room(batchSize), new int[batchSize]);
  }

  /** The number of full batches in an epoch. */
  public int perEpoch() {
    return images.size() / batchSize;
  }

  /** How long reading has taken so far. */
  public Duration taken() {
    return Duration.ofNanos(taken);
  }

  /**
   * Reads the batch of a step; the same step gives the same batch. Draws, image by image: the row
   * and the column of the window if there is padding, then the flip if there are flips.
   *
   * @param step counted from 0; step / perEpoch() is the epoch
   * @return valid until the next call, which overwrites it
   * @throws IllegalArgumentException if the step is negative
   */
  public Batch read(long step) {
    long start = System.nanoTime();
    checkArgument(step >= 0, "Steps are counted from 0, but this one is %s.", step);
    int imageSize = (int) images.shape().size();
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
        images.pixels().copy(images.base(image), imageSize, batch.nhwc(), i * imageSize);
      } else {
        window(image, down, right, flip, batch.nhwc(), i * imageSize);
      }
      batch.labels()[i] = images.label(image);
    }
    taken += System.nanoTime() - start;
    return batch;
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
