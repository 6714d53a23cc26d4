package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Learning rate over the steps of a training: a linear rise, then half a cosine to zero (Loshchilov
 * and Hutter 2017).
 *
 * @param peak the largest rate
 * @param warmup steps of the rise; may be 0
 * @param total steps in all
 */
public record Schedule(double peak, long warmup, long total) {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the peak is not positive or the rise is not shorter than
   *     the whole
   */
  public Schedule {
    checkArgument(
        peak > 0 && Double.isFinite(peak), "The peak learning rate must be positive: %s.", peak);
    checkArgument(
        warmup >= 0 && warmup < total,
        "A warm-up of %s steps does not fit into %s steps.",
        warmup,
        total);
  }

  /** The rate of a step, counted from 0; zero would be that of step {@code total}. */
  public double rate(long step) {
    if (step < warmup) {
      return peak * (step + 1) / (warmup + 1);
    }
    double share = (step - warmup) / (double) (total - warmup);
    return peak * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, share)));
  }
}
