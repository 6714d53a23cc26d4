package org.lightnas.internal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files that are either whole or absent: written aside, then moved. */
public final class AtomicFile {

  private AtomicFile() {}

  /** What is to be in a file. */
  public interface Content {

    /** Writes it all; need not flush or close. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes UTF-8 text as {@link #write(Path, Content)}. */
  public static void write(Path file, String text) throws IOException {
    write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Writes a file, creating parent folders and replacing an older file in one move.
   *
   * @throws IOException naming the file, if it cannot be written; an older file is then untouched
   */
  public static void write(Path file, Content content) throws IOException {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null) {
      throw new IOException("Cannot write to '" + file + "': it is no file name.");
    }
    Path aside = null;
    try {
      Files.createDirectories(folder);
      // Not createTempFile: that makes files only their owner may read.
      String own = ProcessHandle.current().pid() + "-" + Thread.currentThread().getId();
      aside = folder.resolve("." + target.getFileName() + "." + own + ".tmp");
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(aside))) {
        content.writeTo(out);
      }
      Files.move(
          aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      if (aside != null) {
        Files.deleteIfExists(aside);
      }
      throw new IOException(
          "Cannot write '" + target + "': " + e.getMessage() + "\nMaybe choose another folder.", e);
    }
  }
}
