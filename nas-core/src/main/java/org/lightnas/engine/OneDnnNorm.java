package org.lightnas.engine;

/** The sweeps of batch norms of one size over their maps, in training; all places are addresses. */
interface OneDnnNorm {

  /**
   * What one layer has beside its maps: float32 vectors over the channels, and bits.
   *
   * @param mean of the last batch, as the variance
   * @param dScale the gradient of the scale
   * @param dShift the gradient of the shift
   * @param bits where ReLU let through; unused without ReLU
   */
  record Places(
      long scale, long shift, long mean, long variance, long dScale, long dShift, long bits) {}

  /** Bytes that remember where ReLU let through; 0 without ReLU. */
  long bits();

  /** Finds mean and variance of the batch, and normalises from x to y, which is another map. */
  void forward(long x, long y, Places layer);

  /** The gradients, from dy to dx, which may be the same map. */
  void backward(long x, long dy, long dx, Places layer);
}
