package org.lightnas.search;

/**
 * One pick changed by the projection onto the bound.
 *
 * @param choice name of the choice
 * @param from id of the most probable candidate
 * @param to id of the candidate taken instead
 * @since 0.1.0
 */
public record Swap(String choice, String from, String to) {

  /** {@code block2: k7e6 → k5e3}. */
  @Override
  public String toString() {
    return choice + ": " + from + " → " + to;
  }
}
