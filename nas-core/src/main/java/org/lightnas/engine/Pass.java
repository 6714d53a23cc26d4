package org.lightnas.engine;

/**
 * How to run a network forward.
 *
 * @param training batch norms use the batch's statistics and dropout drops; otherwise running
 *     statistics and nothing dropped
 * @param statisticsKept the share of the running statistics kept in training; negative: each batch
 *     norm's own; 1: they stay as they are
 * @param seed decides what dropout drops
 */
public record Pass(boolean training, double statisticsKept, long seed) {

  /** As deployed. */
  public static Pass inference() {
    return new Pass(false, 1, 0);
  }

  /** A training step that also moves the running statistics. */
  public static Pass training(long seed) {
    return new Pass(true, -1, seed);
  }

  /** Batch statistics without a trace: how networks of a supernet run. */
  public static Pass shared(long seed) {
    return new Pass(true, 1, seed);
  }

  /**
   * The i-th of several passes (from 0) whose batch statistics are averaged into the running ones.
   */
  public static Pass estimating(int i) {
    return new Pass(true, i / (i + 1.0), 0);
  }

  double kept(double own) {
    return statisticsKept < 0 ? own : statisticsKept;
  }
}
