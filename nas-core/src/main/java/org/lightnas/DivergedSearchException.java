package org.lightnas;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A loss left the finite numbers, in a search or in a training.
 *
 * @since 0.1.0
 */
public final class DivergedSearchException extends NasException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Path checkpoint;

  /** With a message that names the step, the learning rate and a remedy. */
  public DivergedSearchException(String message) {
    this(message, null);
  }

  /**
   * With a message that names the step, the learning rate and a remedy.
   *
   * @param checkpoint the last state that was written; null if there is none
   */
  public DivergedSearchException(String message, @Nullable Path checkpoint) {
    super(message);
    this.checkpoint = checkpoint;
  }

  /** The last state that was written; null if there is none, and after serialization. */
  public @Nullable Path checkpoint() {
    return checkpoint;
  }
}
