package org.lightnas;

/**
 * A predictor or a proxy is known to be too poor for what it is asked to decide.
 *
 * @since 0.1.0
 */
public final class PoorPredictorException extends NasException {

  private static final long serialVersionUID = 1L;

  /** With a message that names its figures and those asked for. */
  public PoorPredictorException(String message) {
    super(message);
  }
}
