package org.lightnas.engine;

/** The sweeps of batch norms of one size over their maps, in training. Arguments are addresses. */
interface OneDnnNorm {

  /** Bytes that remember where ReLU let through; 0 without ReLU. */
  long bits();

  /** Finds mean and variance of the batch, and normalises. */
  void forward(long x, long y, long scale, long shift, long mean, long variance, long bits);

  /** The gradient, from dy to dx, which may be the same. */
  void backward(
      long x,
      long dy,
      long dx,
      long scale,
      long shift,
      long mean,
      long variance,
      long dScale,
      long dShift,
      long bits);
}
