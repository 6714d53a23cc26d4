package org.lightnas.data;

import java.awt.image.DataBuffer;
import java.awt.image.SampleModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;

/**
 * Decodes image files into one shape, on as many threads as there is memory for: a file of some
 * kilobytes can unpack to hundreds of megabytes. Thread-safe.
 */
final class PhotoReader {

  /** More than cameras make; a header can claim anything. */
  private static final long MOST_PIXELS = 50_000_000;

  /** Four bytes for each of them. */
  private static final long MOST_BYTES = 4 * MOST_PIXELS;

  private static final int MEGABYTE = 1 << 20;

  private final FeatureShape shape;

  /** Megabytes that images may take at once. */
  private final int room;

  private final Semaphore left;

  /** What became of a file: one of the two is there. */
  record Decoded(byte @Nullable [] image, @Nullable ImageFormatException damage) {}

  /** Into a shape of 1 or 3 channels; half of the heap is for decoding. */
  PhotoReader(FeatureShape shape) {
    this(shape, (int) Math.max(1, Runtime.getRuntime().maxMemory() / MEGABYTE / 2));
  }

  PhotoReader(FeatureShape shape, int room) {
    this.shape = shape;
    this.room = room;
    this.left = new Semaphore(room);
  }

  /**
   * Decodes a file.
   *
   * @throws UncheckedIOException if the disk does not give it
   */
  Decoded read(Path file) {
    byte[] bytes;
    try {
      long size = Files.size(file);
      if (size > MOST_BYTES) {
        return damaged(
            file,
            String.format(
                Locale.ROOT,
                "it has %,d bytes, more than the %,d that are read.",
                size,
                MOST_BYTES),
            null);
      }
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot read image '" + file + "': " + e + ".\nMaybe check who may read it.", e);
    }
    try {
      return decoded(file, bytes, 0);
    } catch (OutOfMemoryError e) {
      // Others took it, or the file claims it: alone it is seen which.
      try {
        return decoded(file, bytes, room);
      } catch (OutOfMemoryError again) {
        return damaged(file, "it claims more memory than there is (" + again + ").", again);
      }
    }
  }

  /**
   * Decodes what a file holds.
   *
   * @param least megabytes that nobody else has meanwhile
   */
  private Decoded decoded(Path file, byte[] bytes, int least) {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        return damaged(file, "this is no image that ImageIO can read.", null);
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MOST_PIXELS) {
          return damaged(
              file,
              String.format(
                  Locale.ROOT,
                  "it says that it is %dx%d pixels, more than the %,d that are read.",
                  reader.getWidth(0),
                  reader.getHeight(0),
                  MOST_PIXELS),
              null);
        }
        long needed = (pixels * bytesPerPixel(reader) + bytes.length) / MEGABYTE + 1;
        if (needed > room) {
          return damaged(
              file,
              String.format(
                  Locale.ROOT,
                  "it takes %d MB to decode, more than the %d MB of half the heap (-Xmx).",
                  needed,
                  room),
              null);
        }
        int taken = Math.max(least, (int) needed);
        left.acquireUninterruptibly(taken);
        try {
          return new Decoded(new Photo(reader.read(0), shape.channels()).covering(shape), null);
        } finally {
          left.release(taken);
        }
      } finally {
        reader.dispose();
      }
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Decoders meet damage with whatever their arithmetic ends in.
      return damaged(file, "it cannot be decoded (" + e + ").", e);
    }
  }

  private static long bytesPerPixel(ImageReader reader) throws IOException {
    Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
    if (!types.hasNext()) {
      throw new IOException("no form of its pixels is known");
    }
    SampleModel samples = types.next().getSampleModel();
    return Math.max(
        1, samples.getNumDataElements() * DataBuffer.getDataTypeSize(samples.getDataType()) / 8);
  }

  private static Decoded damaged(Path file, String problem, @Nullable Throwable cause) {
    return new Decoded(
        null,
        ImageFormatException.inFile(
            file,
            0,
            problem + "\nMaybe the file is damaged; skipping(…) leaves such files out.",
            cause));
  }
}
