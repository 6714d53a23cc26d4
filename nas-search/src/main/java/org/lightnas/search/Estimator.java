package org.lightnas.search;

/**
 * Where the loss's gradient by the logits comes from.
 *
 * @since 0.1.0
 */
public enum Estimator {

  /**
   * Several sampled paths see the same images; candidates on paths that did better than their
   * fellows gain. Unbiased for the expected loss: {@code 1/(M-1) sum_m (L_m - mean L) (onehot_m -
   * p)} (REINFORCE with the mean of the others as baseline; Kool et al. 2019). Only forward passes
   * are needed. The default.
   */
  PATHS,

  /**
   * The straight-through Gumbel gates of LightNAS: {@code <dL/dy, y>} behind each picked candidate,
   * nothing for the others. Where the result is read only by a convolution with batch norm, this
   * derivative is zero by construction, because batch norm cancels any factor: such choices learn
   * from latency alone. Of a choice that stands in several places, as an edge does in every cell,
   * the derivatives are added.
   */
  GATES,

  /**
   * As LightNAS's code does: {@link #GATES}, and the gates of candidates that were not picked get
   * {@code sum dL/dy}, as if these had put out 1 everywhere. That of {@link LightNas#faithful}.
   */
  ALL_GATES
}
