package org.lightnas.compress;

import org.lightnas.NasException;

/**
 * A compressed network does not compute what it should, so it was thrown away.
 *
 * @since 0.1.0
 */
public final class EquivalenceException extends NasException {

  private static final long serialVersionUID = 1L;

  private final Equivalence equivalence;

  EquivalenceException(String message, Equivalence equivalence) {
    super(message);
    this.equivalence = equivalence;
  }

  /** The comparison that failed. */
  public Equivalence equivalence() {
    return equivalence;
  }
}
