package org.lightnas.data;

/**
 * Training batches as a function of the step: each epoch visits the images once in a new order, the
 * incomplete last batch of an epoch is left out. Not thread-safe.
 */
public final class Batches {

  /**
   * Batches of one set.
   *
   * @param images what to read
   * @param batchSize images per batch
   * @param augmentation changes made to every image as it is read
   * @param seed with the step it determines everything drawn here
   */
  public Batches(ImageSet images, int batchSize, Augmentation augmentation, long seed) {}

  /** The number of full batches in an epoch. */
  public int perEpoch() {
    return 0;
  }

  /**
   * Reads the batch of a step; the same step gives the same batch.
   *
   * @param step counted from 0; step / perEpoch() is the epoch
   * @param nhwc receives {@code [batchSize, H, W, C]}
   * @param labels receives batchSize classes
   */
  public void read(long step, float[] nhwc, int[] labels) {}
}
