package org.lightnas.examples.bench;

import java.nio.file.Path;
import org.lightnas.NasException;

/** A file of results that does not hold what it should. */
public final class ResultsFileException extends NasException {

  private static final long serialVersionUID = 1L;

  private final int line;

  ResultsFileException(Path file, int line, String problem, String remedy) {
    super("File '" + file + "', line " + line + ": " + problem + "\nMaybe " + remedy);
    this.line = line;
  }

  /** The offending line, counted from 1. */
  public int line() {
    return line;
  }
}
