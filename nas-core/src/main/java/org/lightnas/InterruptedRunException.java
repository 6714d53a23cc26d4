package org.lightnas;

/**
 * Long work was stopped between two steps because its thread was interrupted. The thread's
 * interrupt status is still set.
 *
 * @since 0.1.0
 */
public final class InterruptedRunException extends NasException {

  private static final long serialVersionUID = 1L;

  /** With a message that names the step and how to go on. */
  public InterruptedRunException(String message) {
    super(message);
  }
}
