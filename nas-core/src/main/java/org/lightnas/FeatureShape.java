package org.lightnas;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * The shape of one image or feature map, without the batch axis: {@code [C, H, W]}. A vector of
 * {@code n} features is {@code [n, 1, 1]}.
 *
 * @param channels C, at least 1
 * @param height H in pixels, at least 1
 * @param width W in pixels, at least 1
 * @since 0.1.0
 */
public record FeatureShape(int channels, int height, int width) {

  /**
   * Checks that all axes are positive.
   *
   * @throws IllegalArgumentException if an axis is below 1
   */
  public FeatureShape {
    checkArgument(
        channels >= 1 && height >= 1 && width >= 1,
        "A feature shape needs positive axes, but is %s x %s x %s (channels x height x width).",
        channels,
        height,
        width);
  }

  /** A vector of {@code features} values. */
  public static FeatureShape vector(int features) {
    return new FeatureShape(features, 1, 1);
  }

  /** The number of values, C·H·W. */
  public long size() {
    return (long) channels * height * width;
  }

  /** The same map with another number of channels. */
  public FeatureShape withChannels(int newChannels) {
    return new FeatureShape(newChannels, height, width);
  }

  /**
   * The same map after a symmetric-padded window of the given stride whose padding is half the
   * kernel: {@code ceil(H / stride) x ceil(W / stride)}.
   */
  public FeatureShape strided(int stride) {
    checkArgument(stride >= 1, "A stride must be at least 1, but is %s.", stride);
    return new FeatureShape(channels, (height - 1) / stride + 1, (width - 1) / stride + 1);
  }

  /** {@code 3x32x32}. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
