package org.lightnas.data;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;

/**
 * Images that are not what their format promises: a damaged file, a file of another kind, or a
 * batch of an iterator that does not fit. The message names the place, what was expected and what
 * was found there. Trouble of the disk itself is a {@link java.io.UncheckedIOException} instead.
 *
 * @since 0.1.0
 */
public final class ImageFormatException extends NasException {

  private static final long serialVersionUID = 1L;

  private final transient @Nullable Path file;
  private final long offset;

  private ImageFormatException(
      String message, @Nullable Path file, long offset, @Nullable Throwable cause) {
    super(message, cause);
    this.file = file;
    this.offset = offset;
  }

  static ImageFormatException inFile(
      Path file, long offset, String problem, @Nullable Throwable cause) {
    return new ImageFormatException(
        "Image file '" + file + "', byte " + offset + ": " + problem, file, offset, cause);
  }

  static ImageFormatException inIterator(String place, String problem) {
    return new ImageFormatException(place + ": " + problem, null, -1, null);
  }

  /** The file at fault; null for images that came from an iterator, and after serialization. */
  public @Nullable Path file() {
    return file;
  }

  /**
   * The byte of the file's content (of the unpacked content, if the file is compressed) at which
   * the trouble was noticed, counted from 0; -1 without a file.
   */
  public long offset() {
    return offset;
  }
}
