package org.lightnas.space.widths;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.space.Candidate;

/**
 * The number of channels of layers in several blocks that must have equally many, because shortcuts
 * add them up or one hands them to the next: of a stage, the stem or the head. A {@link
 * ChannelSpace} interprets it.
 *
 * @param channels at least 1
 * @since 0.1.0
 */
public record StageWidth(int channels) implements Candidate {

  /**
   * Checks the number.
   *
   * @throws IllegalArgumentException if it is below 1
   */
  public StageWidth {
    checkArgument(channels >= 1, "A stage cannot have %s channels.", channels);
  }

  /** {@code c48}. */
  @Override
  public String id() {
    return "c" + channels;
  }
}
