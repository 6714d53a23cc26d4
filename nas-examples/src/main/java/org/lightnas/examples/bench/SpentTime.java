package org.lightnas.examples.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lightnas.internal.AtomicFile;
import org.lightnas.search.SearchListener;

/**
 * How long a search takes that may be ended and gone on with: a file beside its checkpoints says
 * what the passes before the last one took. What was lost with a process is not counted.
 */
final class SpentTime implements SearchListener {

  private final Path file;
  private final double before;
  private final long start = System.nanoTime();

  private SpentTime(Path file, double before) {
    this.file = file;
    this.before = before;
  }

  /**
   * Begins to count, after what was spent on the search with checkpoints in this folder.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if it holds something else
   */
  static SpentTime in(Path folder) throws IOException {
    Path file = folder.resolve("seconds.txt");
    return new SpentTime(file, Files.exists(file) ? read(file) : 0);
  }

  private static double read(Path file) throws IOException {
    String text = Files.readString(file).strip();
    double seconds;
    try {
      seconds = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      seconds = Double.NaN;
    }
    if (!(seconds >= 0 && Double.isFinite(seconds))) {
      throw new IllegalArgumentException(
          "'"
              + file
              + "' must hold the seconds that a search took so far, but holds '"
              + text
              + "'.\nMaybe delete it: that time is then not counted.");
    }
    return seconds;
  }

  double seconds() {
    return before + (System.nanoTime() - start) / 1e9;
  }

  @Override
  public void onCheckpoint(Path checkpoint) {
    try {
      AtomicFile.write(file, Double.toString(seconds()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
