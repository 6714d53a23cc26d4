package org.lightnas.search;

/**
 * What a pass of a search does.
 *
 * @since 0.1.0
 */
public enum Phase {

  /** Weights learn, of all candidates equally often; logits rest. */
  WARM_UP,

  /** Weights learn, of paths drawn by the logits. */
  WEIGHTS,

  /** Logits and multipliers learn, on images that weights do not see. */
  LOGITS,

  /** Weights of all candidates learn, and logits and multipliers, all from the same images. */
  TOGETHER;

  boolean ofLogits() {
    return this == LOGITS || this == TOGETHER;
  }
}
