package org.lightnas.train;

import org.lightnas.Progress;

/**
 * Hears how a training goes, on the thread that trains. It can neither change nor break the run:
 * what it throws is logged and dropped.
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
   * @param loss mean training loss, in nats
   * @param trainAccuracy share of augmented training images classified right as they came by, in
   *     percent
   * @param progress of the whole training
   */
  record Epoch(int number, double loss, double trainAccuracy, Progress progress) {}
}
