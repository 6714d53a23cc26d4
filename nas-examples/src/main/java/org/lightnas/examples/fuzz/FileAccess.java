package org.lightnas.examples.fuzz;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Which files this VM reads and writes, as its flight recorder sees it. */
final class FileAccess implements Closeable {

  private static final String READ = "jdk.FileRead";
  private static final String WRITE = "jdk.FileWrite";

  private final Recording recording = new Recording();

  private FileAccess() {}

  /** From now on. */
  static FileAccess watch() {
    FileAccess access = new FileAccess();
    for (String event : List.of(READ, WRITE)) {
      access.recording.enable(event).withThreshold(Duration.ZERO).withoutStackTrace();
    }
    access.recording.setMaxSize(1L << 28);
    access.recording.start();
    return access;
  }

  /**
   * Stops and tells what was done outside a folder: everything that was written there, and of what
   * was read what hostile names lead to.
   *
   * @param canary the file beside the folder
   */
  List<String> outside(Path folder, Path canary) throws IOException {
    recording.stop();
    Path dump = Files.createTempFile("access", ".jfr");
    try {
      recording.dump(dump);
      Set<String> outside = new TreeSet<>();
      Path inside = folder.toAbsolutePath().normalize();
      try (RecordingFile events = new RecordingFile(dump)) {
        while (events.hasMoreEvents()) {
          RecordedEvent event = events.readEvent();
          String name = event.hasField("path") ? event.getString("path") : null;
          if (name == null) {
            continue;
          }
          Path path = Path.of(name).toAbsolutePath().normalize();
          boolean read = event.getEventType().getName().equals(READ);
          if (!path.startsWith(inside) && (!read || path.equals(canary.normalize()))) {
            outside.add("ESCAPE " + (read ? "reads " : "writes ") + path);
          }
        }
      }
      return new ArrayList<>(outside);
    } finally {
      Files.delete(dump);
    }
  }

  @Override
  public void close() {
    recording.close();
  }
}
