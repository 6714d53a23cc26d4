package org.lightnas.search;

import java.util.function.IntToDoubleFunction;

/**
 * How logits and multipliers move: everything in which the published LightNAS and ours differ once
 * the losses are known.
 *
 * @param temperature of the Gumbel softmax at a logit pass
 * @param rate of the logits' Adam at a logit pass
 * @param decay pull of the logits towards 0
 * @param noise standard deviation of the initial logits
 * @param multiplierRate by how much a multiplier rises in a pass at twice the bound
 * @param quadratic rho, the weight of {@code rho/2 (cost/bound - 1)^2}
 * @param relaxed whether the cost is that expected under the probabilities; otherwise that of the
 *     drawn architecture, whose gradient goes straight through, and multipliers follow the most
 *     probable one
 * @param clamped whether a multiplier that pushes the wrong way is set to 0 (LightNAS)
 * @param endGame the logit pass from which the logits slow down as soon as the most probable
 *     architecture is on target (LightNAS); {@code Integer.MAX_VALUE} for never
 */
record Dynamics(
    IntToDoubleFunction temperature,
    IntToDoubleFunction rate,
    double decay,
    double noise,
    double multiplierRate,
    double quadratic,
    boolean relaxed,
    boolean clamped,
    int endGame) {

  /** LightNAS: on target is less than 0.15 ms away, where bounds are 20 to 30 ms. */
  static final double ON_TARGET = 0.15 / 20;

  private static final double TAU_START = 5;

  /** Of ours; the published one ends near 0.002, where the gradient is noise. */
  private static final double TAU_END = 0.3;

  /** Of ours: how far Adam can move a logit in a whole search. */
  private static final double TRAVEL = 15;

  /** Of ours: a multiplier after all passes at twice the bound. */
  private static final double TOTAL_MULTIPLIER_RATE = 50;

  private static final double RHO = 5;

  /** Epochs of LightNAS in which logits learn, of 90. */
  private static final int EPOCHS = 80;

  private static final int END_GAME_EPOCHS = 10;
  private static final int HALVING_EPOCHS = 20;

  /** Ours: relative to the number of passes, so that any number will do. */
  static Dynamics robust(int passes) {
    return new Dynamics(
        k -> TAU_START * Math.pow(TAU_END / TAU_START, k / (double) passes),
        k -> TRAVEL / passes,
        0,
        0,
        TOTAL_MULTIPLIER_RATE / passes,
        RHO,
        true,
        false,
        Integer.MAX_VALUE);
  }

  /**
   * As published (LightNAS's code), with its 80 epochs stretched over the passes: {@code tau = 5
   * exp(-0.1 epoch)}, Adam at 1e-3 halved every 20 epochs, multiplier at 5e-4 per pass.
   */
  static Dynamics faithful(int passes) {
    return new Dynamics(
        k -> TAU_START * Math.exp(-0.1 * epoch(k, passes)),
        k -> 1e-3 * Math.pow(0.5, epoch(k, passes) / HALVING_EPOCHS),
        1e-3,
        1e-3,
        5e-4,
        0,
        false,
        true,
        (int) ((long) passes * (EPOCHS - END_GAME_EPOCHS) / EPOCHS));
  }

  private static int epoch(int pass, int passes) {
    return (int) ((long) pass * EPOCHS / passes);
  }
}
