package org.lightnas.examples.fuzz;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All readers of the library: whatever takes a path or a text from outside, or goes on from what an
 * earlier run left. Networks are written as ONNX and never read; DL4J's zips are written only.
 */
public final class HostileReaders {

  private HostileReaders() {}

  /**
   * Makes their valid files.
   *
   * @param scratch a folder to make them in
   * @param outer as {@link Fuzzing} is given it
   */
  public static List<HostileReader> all(Path scratch, Path outer) throws IOException {
    Forgers forgers = new Forgers(Fuzzing.canary(outer).toString());
    List<HostileReader> readers = new ArrayList<>();
    readers.addAll(ImageReaders.all(forgers));
    readers.addAll(TextReaders.all(forgers, scratch));
    readers.addAll(RunReaders.all(forgers, scratch));
    return readers;
  }
}
