package org.lightnas;

/**
 * No architecture of the space meets the bound. Searches throw it before anything is trained.
 *
 * @since 0.1.0
 */
public final class InfeasibleConstraintException extends NasException {

  private static final long serialVersionUID = 1L;

  private final double bound;
  private final double least;

  /**
   * A bound below what is reachable.
   *
   * @param bound the bound asked for, in the metric's unit
   * @param least the least value found in the space, in the same unit; NaN for several bounds at
   *     once
   */
  public InfeasibleConstraintException(String message, double bound, double least) {
    super(message);
    this.bound = bound;
    this.least = least;
  }

  /** The bound asked for, in the metric's unit; the first of several. */
  public double bound() {
    return bound;
  }

  /**
   * The least value found in the space, in the metric's unit: a bound from here on can be met. NaN
   * if several bounds cannot be met at once, though each can alone.
   */
  public double least() {
    return least;
  }
}
