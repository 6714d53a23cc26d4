package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * Random changes to training images.
 *
 * @param padding zero pixels added on every side before a random window of the original size is cut
 *     out; 0 leaves the image in place
 * @param flip whether half of the images are mirrored left to right
 * @since 0.1.0
 */
public record Augmentation(int padding, boolean flip) {

  /**
   * Checks the padding.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public Augmentation {
    checkArgument(padding >= 0, "Padding must not be negative, but is %s.", padding);
  }

  /** Images as they are. */
  public static Augmentation none() {
    return new Augmentation(0, false);
  }

  /** What most small-image recipes use: crops after padding by 4 pixels, and flips. */
  public static Augmentation cropAndFlip() {
    return new Augmentation(4, true);
  }
}
