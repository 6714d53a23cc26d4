package org.lightnas.compress;

import org.lightnas.FeatureShape;
import org.lightnas.graph.Window;

/** Pixels around a map. */
record Ring(int top, int left, int bottom, int right) {

  static final Ring NONE = new Ring(0, 0, 0, 0);

  /** What a window must find around its input, or add, to make its output larger by this. */
  Ring before(Window w) {
    return new Ring(
        w.top() + w.strideH() * top,
        w.left() + w.strideW() * left,
        w.bottom() + w.strideH() * bottom,
        w.right() + w.strideW() * right);
  }

  /** As many as this or the other one has, on each side. */
  Ring max(Ring other) {
    return new Ring(
        Math.max(top, other.top),
        Math.max(left, other.left),
        Math.max(bottom, other.bottom),
        Math.max(right, other.right));
  }

  /** What is left around an inner one. */
  Ring minus(Ring inner) {
    return new Ring(top - inner.top, left - inner.left, bottom - inner.bottom, right - inner.right);
  }

  FeatureShape around(FeatureShape map) {
    return new FeatureShape(
        map.channels(), map.height() + top + bottom, map.width() + left + right);
  }

  /** The window with this as its padding. */
  Window padding(Window window) {
    return window.padded(top, left, bottom, right);
  }
}
