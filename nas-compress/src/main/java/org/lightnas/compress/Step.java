package org.lightnas.compress;

import java.util.List;
import java.util.Locale;

/**
 * One thing a compressor did, or found that it could not do.
 *
 * @param action which
 * @param vertices the vertices of the given network it is about, in the order of the data; one at
 *     least
 * @param text for people: what went where, or why not
 * @since 0.1.0
 */
public record Step(Action action, List<String> vertices, String text) {

  /**
   * Kinds of steps; more may come.
   *
   * @since 0.1.0
   */
  public enum Action {
    /** The first of the vertices took over the work of the others, which are gone. */
    FOLDED,
    /** The last of the vertices does the work of all; the others are gone. */
    MERGED,
    /** The vertices did nothing and are gone. */
    DROPPED,
    /** The vertices stay though their kind is one the compressor removes; the text says why. */
    KEPT
  }

  /** Copies the list. */
  public Step {
    vertices = List.copyOf(vertices);
  }

  /** {@code folded: batch norm 'bn' into convolution 'conv'}. */
  @Override
  public String toString() {
    return action.name().toLowerCase(Locale.ROOT) + ": " + text;
  }
}
