package org.lightnas.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.lightnas.FeatureShape;

/**
 * The binary version of CIFAR-10: records of one label byte and {@code [3, 32, 32]} pixel bytes,
 * without a header. A file cut off between two records therefore reads as a smaller data set.
 *
 * @see <a href="https://www.cs.toronto.edu/~kriz/cifar.html">the description of the format</a>
 */
final class CifarReader {

  private static final FeatureShape SHAPE = new FeatureShape(3, 32, 32);
  private static final int IMAGE = (int) SHAPE.size();
  private static final int RECORD = 1 + IMAGE;
  private static final int CLASSES = 10;
  private static final int MOST_IMAGES = Integer.MAX_VALUE / IMAGE;

  private byte[] pixels = new byte[0];
  private int[] labels = new int[0];
  private int size;

  private CifarReader() {}

  /**
   * Reads the files, one after the other, into one set.
   *
   * @throws ImageFormatException if a file is damaged
   */
  static ImageSet read(List<Path> files) {
    CifarReader reader = new CifarReader();
    for (int i = 0; i < files.size(); i++) {
      try (ImageFile file = ImageFile.open(files.get(i))) {
        reader.append(file);
        if (i == files.size() - 1) {
          reader.setRoom(file, reader.size);
        }
      }
    }
    return new ImageSet(SHAPE, CLASSES, reader.pixels, reader.labels);
  }

  private void append(ImageFile file) {
    byte[] record = new byte[RECORD];
    int before = size;
    while (true) {
      long at = file.offset();
      int length = file.readUpTo(record, 0, RECORD);
      if (length == 0 && size > before) {
        return;
      }
      if (length < RECORD) {
        throw file.error(
            at,
            String.format(
                Locale.ROOT,
                "expected %d bytes of record %d, but the file ends after %d of them.",
                RECORD,
                size - before,
                length),
            "the download was cut off, or this is not the binary version of CIFAR-10");
      }
      int label = record[0] & 0xFF;
      if (label >= CLASSES) {
        throw file.error(
            at,
            String.format(
                Locale.ROOT,
                "expected a label from 0 to %d in record %d, but found %d.",
                CLASSES - 1,
                size - before,
                label),
            "the file is damaged, or not the binary version of CIFAR-10");
      }
      if (size == MOST_IMAGES) {
        throw file.error(
            at,
            "expected at most " + MOST_IMAGES + " images in all, but found more.",
            "remove files from the folder");
      }
      ensureRoom(file);
      labels[size] = label;
      System.arraycopy(record, 1, pixels, size * IMAGE, IMAGE);
      size++;
    }
  }

  /** Room grows with the records read, whatever the file claims to be. */
  private void ensureRoom(ImageFile file) {
    if (size == labels.length) {
      int room = (int) Math.min(MOST_IMAGES, Math.max(256L, size + (size >> 1)));
      setRoom(file, room);
    }
  }

  private void setRoom(ImageFile file, int images) {
    pixels = file.sized(pixels, images * IMAGE);
    labels = Arrays.copyOf(labels, images);
  }
}
