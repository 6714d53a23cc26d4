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
 * @param millisAfter as it is now
 * @param millisLinear in its fastest linear form, whether or not that was chosen
 */
public record BlockForm(
    String block,
    String choice,
    Kind kind,
    double millisBefore,
    double millisAfter,
    double millisLinear)
    implements Serializable {

  private static final long serialVersionUID = 1L;

  /** Kinds of forms. */
  public enum Kind {
    /** As it was. */
    KEPT,
    /** Its activations are linear, but it is faster as several convolutions than as one. */
    LINEAR,
    /** Convolutions of it became one. */
    MERGED
  }

  /** {@code block3: merged, 0.120 -> 0.045 ms}. */
  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT);
    return kind == Kind.KEPT
        ? String.format(
            Locale.ROOT, "%s: kept, %.3f ms (linear %.3f ms)", block, millisBefore, millisLinear)
        : String.format(
            Locale.ROOT, "%s: %s, %.3f -> %.3f ms", block, name, millisBefore, millisAfter);
  }
}
