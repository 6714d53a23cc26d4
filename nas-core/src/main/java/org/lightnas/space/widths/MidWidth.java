package org.lightnas.space.widths;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.space.Candidate;

/**
 * The number of channels within a block, which nothing outside of it sees: the expansion of an
 * inverted residual. A {@link ChannelSpace} interprets it.
 *
 * @param channels at least 1
 * @since 0.1.0
 */
public record MidWidth(int channels) implements Candidate {

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public MidWidth {
    checkArgument(channels >= 1, "A block cannot have %s channels within.", channels);
  }

  /** {@code c96}. */
  @Override
  public String id() {
    return "c" + channels;
  }
}
