package org.lightnas.examples.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A reader of the library with files that it reads.
 *
 * @param name in tables
 * @param valid contents by their paths in a folder; must be accepted as they are
 * @param forger makes hostile ones of them
 * @param reading reads the folder
 * @param named whether messages have to name a file: not where a text is read
 * @param share of all files, relative to the others: less where reading means running
 */
public record HostileReader(
    String name,
    Map<String, byte[]> valid,
    Forger forger,
    Reading reading,
    boolean named,
    double share) {

  /** Copies the map. */
  public HostileReader {
    valid = Map.copyOf(valid);
  }

  /** Changes files. */
  interface Forger {

    /** Those that are changed, by their paths. */
    Map<String, byte[]> forge(Map<String, byte[]> valid, SplittableRandom random);
  }

  /** Reads files. */
  public interface Reading {

    /**
     * Reads and uses what was read.
     *
     * @throws IllegalStateException if what was accepted is not valid by its own rules
     */
    void read(Path folder) throws IOException;
  }

  /** What was accepted has to be so. */
  static void require(boolean valid, Object value) {
    if (!valid) {
      throw new IllegalStateException("accepted, but not valid: " + value);
    }
  }
}
