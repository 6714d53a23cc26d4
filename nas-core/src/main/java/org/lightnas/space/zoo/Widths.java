package org.lightnas.space.zoo;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.FeatureShape;

/**
 * Channels of networks that come in several widths.
 *
 * @param network whose, for messages
 * @param factor multiplies all channels
 */
record Widths(String network, double factor) {

  private static final int MULTIPLE = 8;
  private static final int SMALL_PIXELS = 64;

  Widths {
    checkArgument(
        factor > 0 && factor <= 8,
        "The width of %s must be above 0 and at most 8, but is %s.\n"
            + "Maybe give 1 for the published network.",
        network,
        factor);
  }

  /**
   * The nearest multiple of 8, at least 8, and the next one where that would take more than a tenth
   * away: the rule of the authors' code for MobileNetV2.
   */
  int of(int channels) {
    double wanted = factor * channels;
    int rounded = Math.max(MULTIPLE, (int) (wanted + MULTIPLE / 2) / MULTIPLE * MULTIPLE);
    return rounded < 0.9 * wanted ? rounded + MULTIPLE : rounded;
  }

  /** Whether images are so small that networks should not begin by making them smaller. */
  static boolean small(FeatureShape input) {
    return input.height() <= SMALL_PIXELS;
  }

  /** The factor, as part of a name. */
  @Override
  public String toString() {
    return Double.toString(factor);
  }
}
