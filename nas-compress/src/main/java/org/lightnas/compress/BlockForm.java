package org.lightnas.compress;

import java.io.Serializable;
import java.util.Locale;

/**
 * What became of a block. Times are of the block by itself, one batch, in ms: they say which form
 * is faster, but do not add up to the latency of the network.
 *
 * @param block its name in the {@link GraftingSpace}
 * @param choice what was picked for it there: {@code none}, {@code all}, or a part
 * @param kind what that came to
 * @param millisBefore as it was
 * @param millisAfter as it is now; of blocks that are joined its share of what they take together
 * @param millisLinear in its fastest linear form by itself, whether or not that was chosen
 * @param round of the training that it became so in, from 1 on; 0 where it was kept
 * @since 0.1.0
 */
public record BlockForm(
    String block,
    String choice,
    Kind kind,
    double millisBefore,
    double millisAfter,
    double millisLinear,
    int round)
    implements Serializable {

  private static final long serialVersionUID = 2L;

  /**
   * Kinds of forms.
   *
   * @since 0.1.0
   */
  public enum Kind {
    /** As it was. */
    KEPT,
    /** Its activations are linear, but it is faster as several convolutions than as one. */
    LINEAR,
    /** Convolutions of it became one. */
    MERGED,
    /** It became one convolution with blocks next to it. */
    JOINED
  }

  /** {@code block3: merged, 0.120 -> 0.045 ms}. */
  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT);
    return kind == Kind.KEPT
        ? String.format(
            Locale.ROOT, "%s: kept, %.3f ms (linear %.3f ms)", block, millisBefore, millisLinear)
        : String.format(
            Locale.ROOT,
            "%s: %s%s, %.3f -> %.3f ms",
            block,
            name,
            round > 1 ? " in round " + round : "",
            millisBefore,
            millisAfter);
  }
}
