package org.lightnas.train;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.lightnas.Progress;

/**
 * Hears how a training goes, on the thread that trains. It can neither change nor break the run:
 * what it throws is logged and dropped.
 *
 * @since 0.1.0
 */
public interface TrainingListener {

  /** After every step; be quick. */
  default void onStep(Progress progress, double loss) {}

  /** After every epoch. */
  default void onEpoch(Epoch epoch) {}

  /**
   * One pass over the training images.
   *
   * @param number counted from 1
   * @param loss mean of what was minimised, in nats
   * @param trainAccuracy share of augmented training images classified right as they came by, in
   *     percent
   * @param validation what the network of this epoch does on the images held out; null without such
   * @param reading time it took to read and augment this epoch's images
   * @param progress of the whole training
   * @since 0.1.0
   */
  record Epoch(
      int number,
      double loss,
      double trainAccuracy,
      @Nullable Validation validation,
      Duration reading,
      Progress progress) {}

  /**
   * How a network does on images it was not trained on, as deployed.
   *
   * @param loss mean cross-entropy, in nats
   * @param accuracy share of images classified right, in percent
   * @since 0.1.0
   */
  record Validation(double loss, double accuracy) {}
}
