package org.lightnas.predict;

import java.nio.file.Path;
import org.lightnas.NasException;

/**
 * A file of a profile or a predictor that does not hold what it should.
 *
 * @since 0.1.0
 */
public final class PredictorFileException extends NasException {

  private static final long serialVersionUID = 1L;

  private final String file;
  private final int line;

  PredictorFileException(Path file, int line, String problem, String remedy) {
    super("File '" + file + "', line " + line + ": " + problem + "\nMaybe " + remedy);
    this.file = file.toString();
    this.line = line;
  }

  /** The file as it was named to the reader. */
  public Path file() {
    return Path.of(file);
  }

  /** The offending line, counted from 1. */
  public int line() {
    return line;
  }
}
