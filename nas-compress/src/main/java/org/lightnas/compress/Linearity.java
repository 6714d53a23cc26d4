package org.lightnas.compress;

import java.util.List;
import java.util.Locale;
import org.lightnas.space.Candidate;

/** Which convolutions of a block are to become one, so that what stands between must be linear. */
enum Linearity implements Candidate {
  /** None: the block stays as it is. */
  NONE,
  /** The last two of three. */
  LAST_TWO,
  /** The first two of three. */
  FIRST_TWO,
  /** All. */
  ALL,
  /** All, and those of the next block with them. */
  JOINED;

  /** Whether nothing bends inside the block. */
  boolean isWhole() {
    return this == ALL || this == JOINED;
  }

  @Override
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Those of a row; for none the first one, which is one already. */
  <T> List<T> of(List<T> convolutions) {
    int n = convolutions.size();
    return switch (this) {
      case NONE -> convolutions.subList(0, 1);
      case LAST_TWO -> convolutions.subList(n - 2, n);
      case FIRST_TWO -> convolutions.subList(0, 2);
      case ALL, JOINED -> convolutions;
    };
  }
}
