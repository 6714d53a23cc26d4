package org.lightnas.space.widths;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.FeatureShape;
import org.lightnas.space.Candidate;

/**
 * The edge length of the square images that a network takes. A {@link ChannelSpace} interprets it:
 * it is what {@link ChannelSpace#input(org.lightnas.space.Architecture)} says, and whoever trains
 * or judges an architecture resizes the images to that.
 *
 * @param pixels at least 1
 * @since 0.1.0
 */
public record Resolution(int pixels) implements Candidate {

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public Resolution {
    checkArgument(pixels >= 1, "An image cannot have edges of %s pixels.", pixels);
  }

  /** {@code r32}. */
  @Override
  public String id() {
    return "r" + pixels;
  }

  /** Images of so many channels. */
  FeatureShape of(int channels) {
    return new FeatureShape(channels, pixels, pixels);
  }
}
