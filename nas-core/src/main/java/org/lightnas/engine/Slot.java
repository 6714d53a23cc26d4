package org.lightnas.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a kernel finds a map and leaves, or finds, its gradient; both {@code [N, H, W, C]}, views
 * into the engine's arena. In a plan for inference the two are the same array and no gradient is
 * ever written.
 */
record Slot(INDArray value, INDArray gradient) {

  /** The value as {@code [N H W, C]}. */
  INDArray rows() {
    return rows(value);
  }

  /** The gradient as {@code [N H W, C]}. */
  INDArray gradientRows() {
    return rows(gradient);
  }

  private static INDArray rows(INDArray map) {
    long channels = map.size(3);
    return map.reshape('c', map.length() / channels, channels);
  }
}
