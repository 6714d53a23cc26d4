package org.lightnas.internal;

import java.io.BufferedOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;

/** Files that are either whole or absent: written aside, then moved. */
public final class AtomicFile {

  /** No file takes so long to write: who began it was killed. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private static final String ASIDE = ".tmp";

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
   * Writes a file, creating parent folders and replacing an older file in one move; also in an
   * interrupted thread. What is no regular file (a pipe, a terminal, {@code /dev/null}) is written
   * to, not replaced.
   *
   * @throws IOException naming the file, if it cannot be written; an older file is then untouched
   */
  public static void write(Path file, Content content) throws IOException {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null) {
      throw new IOException("Cannot write to '" + file + "': it is no file name.");
    }
    try {
      if (Files.exists(target) && !Files.isRegularFile(target) && !Files.isDirectory(target)) {
        writeInto(target, content);
        return;
      }
      Files.createDirectories(folder);
      String prefix = "." + target.getFileName() + ".";
      sweep(folder, prefix);
      // Not createTempFile: that makes files only their owner may read.
      String own = ProcessHandle.current().pid() + "-" + Thread.currentThread().getId();
      Path aside = folder.resolve(prefix + own + ASIDE);
      try {
        writeInto(aside, content);
        Files.move(
            aside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(aside);
      }
    } catch (IOException e) {
      throw new IOException(
          "Cannot write '" + target + "': " + reason(e) + "\nMaybe choose another folder.", e);
    }
  }

  /**
   * Adds UTF-8 text to the end of a file, which is made where there is none; also in an interrupted
   * thread. Other than {@link #write}, it may be cut short.
   */
  public static void append(Path file, String text) throws IOException {
    try (OutputStream out =
        isLocal(file)
            ? new FileOutputStream(file.toFile(), true)
            : Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * All bytes of a file; also in an interrupted thread.
   *
   * @throws IOException if it cannot be read, or is no regular file: a device may never end
   */
  public static byte[] read(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (!Files.isRegularFile(file)) {
      throw new FileSystemException(file.toString(), null, "it is no regular file");
    }
    try (InputStream in =
        isLocal(file) ? new FileInputStream(file.toFile()) : Files.newInputStream(file)) {
      return in.readAllBytes();
    }
  }

  private static void writeInto(Path file, Content content) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(
            isLocal(file) ? new FileOutputStream(file.toFile()) : Files.newOutputStream(file))) {
      content.writeTo(out);
    }
  }

  /** Whether it can be reached without a channel: those refuse to work in interrupted threads. */
  private static boolean isLocal(Path file) {
    return file.getFileSystem().equals(FileSystems.getDefault());
  }

  /** Deletes what processes that were killed have left, as far as that is possible. */
  private static void sweep(Path folder, String prefix) {
    Instant limit = Instant.now().minus(ABANDONED);
    try (DirectoryStream<Path> left =
        Files.newDirectoryStream(
            folder,
            file -> {
              String name = String.valueOf(file.getFileName());
              return name.startsWith(prefix)
                  && name.endsWith(ASIDE)
                  && Files.getLastModifiedTime(file).toInstant().isBefore(limit);
            })) {
      for (Path file : left) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Another process swept, or the folder cannot be listed: writing will tell.
    }
  }

  /** The message of some exceptions is a path and nothing else. */
  private static String reason(IOException e) {
    return e instanceof FileSystemException known && known.getReason() == null
        ? e.getClass().getSimpleName() + ": " + e.getMessage()
        : String.valueOf(e.getMessage());
  }
}
