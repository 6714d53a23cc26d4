package org.lightnas.examples.tables;

import java.nio.file.Path;
import org.lightnas.NasException;

/** A published table that does not hold what it should. */
public final class TableFileException extends NasException {

  private static final long serialVersionUID = 1L;

  private final int line;

  TableFileException(Path file, int line, String problem, String remedy) {
    super("File '" + file + "', line " + line + ": " + problem + "\nMaybe " + remedy);
    this.line = line;
  }

  /** The offending line, counted from 1. */
  public int line() {
    return line;
  }
}
