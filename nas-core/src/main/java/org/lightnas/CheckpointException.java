package org.lightnas;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that cannot be used or written: damaged, of a newer format, of another run, or on a
 * disk that does not take it. The message names the file, what is wrong and a remedy.
 *
 * @since 0.1.0
 */
public final class CheckpointException extends NasException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Path file;

  /**
   * Of a file.
   *
   * @param problem continues "Checkpoint 'file' …"
   * @param remedy continues "Maybe …"
   */
  public CheckpointException(Path file, String problem, String remedy, @Nullable Throwable cause) {
    super("Checkpoint '" + file + "' " + problem + "\nMaybe " + remedy, cause);
    this.file = file;
  }

  /** The file at fault; null after serialization. */
  public @Nullable Path file() {
    return file;
  }
}
