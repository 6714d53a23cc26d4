package org.lightnas;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything this library throws that is not a caller's plain mistake (those are {@link
 * IllegalArgumentException}s). The message names the value, the place and, on a line that starts
 * with "Maybe", a remedy.
 *
 * @since 0.1.0
 */
public class NasException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** With a message in the form described above. */
  public NasException(String message) {
    super(message);
  }

  /** With a message in the form described above and what led to it, if anything did. */
  public NasException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
