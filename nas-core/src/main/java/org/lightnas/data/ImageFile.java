package org.lightnas.data;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file read front to back. Whether it is compressed is told by its first two bytes and not by its
 * name, because browsers unpack a download and keep its {@code .gz}.
 */
final class ImageFile implements Closeable {

  /** What is allocated on the word of a header alone; more only as bytes really arrive. */
  private static final int FIRST_PIECE = 1 << 20;

  private final Path path;
  private final InputStream in;
  private long offset;

  private ImageFile(Path path, InputStream raw) {
    this.path = path;
    try {
      raw.mark(2);
      boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
      raw.reset();
      this.in = gzip ? new GZIPInputStream(raw, 1 << 16) : raw;
    } catch (IOException e) {
      throw damagedArchive(e);
    }
  }

  /**
   * Opens a file.
   *
   * @throws UncheckedIOException if it cannot be read
   * @throws ImageFormatException if it starts as a gzip file does, but is none
   */
  static ImageFile open(Path path) {
    InputStream raw;
    try {
      raw = new DiskStream(path, Files.newInputStream(path));
    } catch (IOException e) {
      throw diskTrouble(path, e);
    }
    try {
      return new ImageFile(path, raw);
    } catch (RuntimeException e) {
      closeAfter(e, raw);
      throw e;
    }
  }

  private static void closeAfter(RuntimeException trouble, InputStream raw) {
    try {
      raw.close();
    } catch (IOException e) {
      trouble.addSuppressed(e);
    }
  }

  Path path() {
    return path;
  }

  /** The position in the unpacked content. */
  long offset() {
    return offset;
  }

  /** Fills the target as far as the file reaches and returns the number of bytes. */
  int readUpTo(byte[] target, int from, int to) {
    int at = from;
    try {
      while (at < to) {
        int n = in.read(target, at, to - at);
        if (n < 0) {
          break;
        }
        at += n;
        offset += n;
      }
    } catch (IOException | StackOverflowError e) {
      // Java's reader goes one call deeper for each archive that holds nothing.
      throw damagedArchive(e);
    }
    return at - from;
  }

  /** Reads exactly {@code length} bytes; memory grows with the bytes read, not with the length. */
  byte[] read(int length, String what) {
    byte[] bytes = new byte[Math.min(length, FIRST_PIECE)];
    int have = 0;
    while (true) {
      have += readUpTo(bytes, have, bytes.length);
      if (have < bytes.length) {
        throw error(
            offset,
            String.format(
                Locale.ROOT,
                "expected %d bytes of %s, but the file ends after %d of them.",
                length,
                what,
                have),
            "the download was cut off; fetch the file again");
      }
      if (have == length) {
        return bytes;
      }
      bytes = sized(bytes, (int) Math.min(length, 2L * bytes.length));
    }
  }

  /**
   * A copy of another length. Little disk space can unpack to a lot of memory, and how much there
   * is only the VM knows.
   */
  byte[] sized(byte[] bytes, int length) {
    try {
      return Arrays.copyOf(bytes, length);
    } catch (OutOfMemoryError e) {
      throw error(
          offset,
          String.format(
              Locale.ROOT,
              "what is read so far and what comes do not fit into memory (%d bytes are asked for).",
              length),
          "Java needs a larger heap (-Xmx), or the file is not what it seems",
          e);
    }
  }

  /** Reads a big-endian int. */
  int readInt(String what) {
    byte[] b = read(Integer.BYTES, what);
    return (b[0] & 0xFF) << 24 | (b[1] & 0xFF) << 16 | (b[2] & 0xFF) << 8 | (b[3] & 0xFF);
  }

  /** Refuses bytes beyond what the header announced. */
  void expectEnd(String after) {
    long end = offset;
    if (readUpTo(new byte[1], 0, 1) > 0) {
      throw error(
          end,
          "expected the end of the file after " + after + ", but more bytes follow.",
          "the header was changed or two files were joined; fetch the file again");
    }
  }

  ImageFormatException error(long at, String problem, String remedy) {
    return error(at, problem, remedy, null);
  }

  private ImageFormatException error(
      long at, String problem, String remedy, @Nullable Throwable cause) {
    return ImageFormatException.inFile(path, at, problem + "\nMaybe " + remedy + ".", cause);
  }

  /** The disk's own trouble never gets here (see {@link DiskStream}): the bytes are wrong. */
  private ImageFormatException damagedArchive(Throwable e) {
    return error(
        offset,
        "the file starts as gzip does, but cannot be unpacked further ("
            + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
            + ").",
        "the download was cut off or damaged; fetch the file again",
        e);
  }

  private static UncheckedIOException diskTrouble(Path path, IOException e) {
    String message =
        "Cannot read image file '" + path + "': " + e + ".\nMaybe check its permissions.";
    return new UncheckedIOException(message, e);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw diskTrouble(path, e);
    }
  }

  /** Names the file in every trouble of the disk, and so tells it from trouble in unpacking. */
  private static final class DiskStream extends FilterInputStream {

    private final Path path;

    DiskStream(Path path, InputStream in) {
      super(new BufferedInputStream(in, 1 << 16));
      this.path = path;
    }

    @Override
    public int read() {
      try {
        return super.read();
      } catch (IOException e) {
        throw diskTrouble(path, e);
      }
    }

    @Override
    public int read(byte[] target, int from, int length) {
      try {
        return super.read(target, from, length);
      } catch (IOException e) {
        throw diskTrouble(path, e);
      }
    }
  }
}
