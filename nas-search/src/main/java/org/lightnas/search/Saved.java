package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

/** Numbers of a checkpoint on their way back: a file can hold anything, in any shape. */
final class Saved {

  private Saved() {}

  /**
   * Copies numbers.
   *
   * @param what for messages: "logits"
   * @throws IllegalArgumentException if they are more or fewer, or one is not finite
   */
  static void copy(double[] from, double[] to, String what) {
    checkArgument(
        from.length == to.length, "there are %s %s instead of %s", from.length, what, to.length);
    for (double value : from) {
      checkArgument(Double.isFinite(value), "one of the %s is %s", what, value);
    }
    System.arraycopy(from, 0, to, 0, to.length);
  }

  /**
   * Copies rows of numbers.
   *
   * @throws IllegalArgumentException as {@link #copy(double[], double[], String)}
   */
  static void copy(double[][] from, double[][] to, String what) {
    checkArgument(
        from.length == to.length,
        "there are %s rows of %s instead of %s",
        from.length,
        what,
        to.length);
    for (int i = 0; i < to.length; i++) {
      copy(from[i], to[i], what + " in row " + (i + 1));
    }
  }
}
