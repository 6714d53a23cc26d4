package org.lightnas.engine;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a kernel finds a map and leaves, or finds, its gradient; both {@code [N, H, W, C]}. Where
 * no gradient is wanted, as in a plan for inference, the two are the same area and no gradient is
 * ever written.
 *
 * @param own whether the gradient belongs to this map alone, so that the kernel whose result the
 *     map is may overwrite it in its backward pass
 */
record Slot(Area map, Area slope, boolean own) {

  /** A map whose gradient may belong to others too. */
  Slot(Area map, Area slope) {
    this(map, slope, false);
  }

  /** A map without a gradient. */
  static Slot constant(Area map) {
    return new Slot(map, map);
  }

  /** A map and its gradient in two arrays. */
  static Slot of(INDArray value, INDArray gradient) {
    return new Slot(Area.of(value), Area.of(gradient));
  }

  /** Whether the gradient is wanted. */
  boolean differentiated() {
    return map != slope;
  }

  /** The map, {@code [N, H, W, C]}. */
  INDArray value() {
    return map.array();
  }

  /** The gradient, {@code [N, H, W, C]}. */
  INDArray gradient() {
    return slope.array();
  }

  /** The map as {@code [N H W, C]}. */
  INDArray rows() {
    return rows(value());
  }

  /** The gradient as {@code [N H W, C]}. */
  INDArray gradientRows() {
    return rows(gradient());
  }

  private static INDArray rows(INDArray map) {
    long channels = map.size(3);
    return map.reshape('c', map.length() / channels, channels);
  }
}
