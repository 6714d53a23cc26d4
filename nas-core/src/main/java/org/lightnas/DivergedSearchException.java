package org.lightnas;

/** A loss left the finite numbers, in a search or in a training. */
public final class DivergedSearchException extends NasException {

  private static final long serialVersionUID = 1L;

  /** With a message that names the step, the learning rate and a remedy. */
  public DivergedSearchException(String message) {
    super(message);
  }
}
