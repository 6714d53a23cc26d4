package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Learning rate over the steps of a training: a linear rise to the peak, then a schedule.
 *
 * @param peak the largest rate
 * @param schedule what comes after the rise
 * @param warmup steps of the rise; may be 0
 * @param total steps in all
 * @param perEpoch steps of an epoch
 * @since 0.1.0
 */
public record LearningRate(double peak, Schedule schedule, long warmup, long total, long perEpoch) {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the peak is not positive, the rise is not shorter than the
   *     whole, or epochs have no steps
   */
  public LearningRate {
    checkArgument(
        peak > 0 && Double.isFinite(peak), "The peak learning rate must be positive: %s.", peak);
    checkArgument(
        warmup >= 0 && warmup < total,
        "A warm-up of %s steps does not fit into %s steps.",
        warmup,
        total);
    checkArgument(perEpoch >= 1, "An epoch needs at least one step, but has %s.", perEpoch);
  }

  /** The rate of a step, counted from 0. */
  public double at(long step) {
    if (step < warmup) {
      return peak * (step + 1) / (warmup + 1);
    }
    return peak * schedule.share((step - warmup) / (double) (total - warmup), step / perEpoch);
  }
}
