package org.lightnas.engine;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * What is minimised: cross-entropy with smoothed labels, mixed with distillation from a teacher
 * (Hinton, Vinyals and Dean 2015).
 *
 * <pre>
 * (1 - w) CE(t, softmax(z)) + w T^2 KL(softmax(u / T) || softmax(z / T))
 * t = (1 - s) onehot + s / classes        z logits, u the teacher's logits
 * </pre>
 *
 * @param smoothing s in [0, 1)
 * @param weight w of the teacher, in [0, 1]; 0 for none
 * @param temperature T, positive
 */
public record Objective(double smoothing, double weight, double temperature) {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if one is violated
   */
  public Objective {
    checkArgument(
        smoothing >= 0 && smoothing < 1,
        "Label smoothing must be in [0, 1), but is %s.",
        smoothing);
    checkArgument(
        weight >= 0 && weight <= 1, "The teacher's weight must be in [0, 1], but is %s.", weight);
    checkArgument(
        temperature > 0 && Double.isFinite(temperature),
        "The teacher's temperature must be positive, but is %s.",
        temperature);
  }

  /** Labels only. */
  public static Objective labels(double smoothing) {
    return new Objective(smoothing, 0, 1);
  }
}
