package org.lightnas.data;

import java.nio.file.Path;
import java.util.Locale;
import org.lightnas.FeatureShape;

/**
 * The IDX format of MNIST and its relatives: a big-endian magic number (0, 0, type 8 = unsigned
 * byte, number of axes), the length of every axis as a big-endian int, the values.
 *
 * @see <a href="http://yann.lecun.com/exdb/mnist/">the description of the format</a>
 */
final class IdxReader {

  private static final int IMAGES = 0x00000803;
  private static final int LABELS = 0x00000801;
  private static final int COUNT_AT = 4;
  private static final int HEIGHT_AT = 8;
  private static final int LABELS_AT = 8;

  private IdxReader() {}

  /**
   * Reads images {@code [N, H, W]} as {@code [N, 1, H, W]} and their labels {@code [N]}.
   *
   * @throws ImageFormatException if a file is damaged or both do not belong together
   */
  static ImageSet read(Path imageFile, Path labelFile, int classes) {
    FeatureShape shape;
    int count;
    byte[] pixels;
    try (ImageFile file = ImageFile.open(imageFile)) {
      magic(file, IMAGES, "images");
      count = positive(file, "number of images");
      int height = positive(file, "height");
      int width = positive(file, "width");
      shape = new FeatureShape(1, height, width);
      pixels = file.read(total(file, count, height, width), "pixels");
      file.expectEnd(count + " images of " + height + " x " + width);
    }
    try (ImageFile file = ImageFile.open(labelFile)) {
      magic(file, LABELS, "labels");
      int labels = positive(file, "number of labels");
      if (labels != count) {
        throw file.error(
            COUNT_AT,
            String.format(
                Locale.ROOT,
                "expected %d labels, one for each image of '%s', but found %d.",
                count,
                imageFile,
                labels),
            "the files come from different data sets");
      }
      byte[] bytes = file.read(labels, "labels");
      file.expectEnd(labels + " labels");
      return new ImageSet(shape, classes, pixels, labels(file, bytes, classes));
    }
  }

  /** Refuses a second set of images unless they look like the first. */
  static ImageSet read(Path imageFile, Path labelFile, ImageSet like) {
    ImageSet images = read(imageFile, labelFile, like.classes());
    if (!images.shape().equals(like.shape())) {
      String problem =
          "expected images of "
              + like.shape()
              + " as in the training part, but found "
              + images.shape()
              + ".\nMaybe the files come from different data sets.";
      throw ImageFormatException.inFile(imageFile, HEIGHT_AT, problem, null);
    }
    return images;
  }

  private static void magic(ImageFile file, int expected, String what) {
    int found = file.readInt("magic number");
    if (found != expected) {
      throw file.error(
          0,
          String.format(
              Locale.ROOT,
              "expected the magic number 0x%08x of IDX %s, but found 0x%08x.",
              expected,
              what,
              found),
          "it is a file of another kind; images and labels are two files");
    }
  }

  private static int positive(ImageFile file, String what) {
    long at = file.offset();
    int value = file.readInt(what);
    if (value < 1) {
      throw file.error(
          at,
          String.format(Locale.ROOT, "expected a positive %s, but found %d.", what, value),
          "the header is damaged; fetch the file again");
    }
    return value;
  }

  private static int total(ImageFile file, int count, int height, int width) {
    try {
      return Math.toIntExact(
          Math.multiplyExact(Math.multiplyExact((long) count, height), (long) width));
    } catch (ArithmeticException e) {
      throw file.error(
          COUNT_AT,
          String.format(
              Locale.ROOT,
              "expected at most %d pixels in all, but the header announces %d images of %d x %d.",
              Integer.MAX_VALUE,
              count,
              height,
              width),
          "the header is damaged; fetch the file again");
    }
  }

  private static int[] labels(ImageFile file, byte[] bytes, int classes) {
    int[] labels = new int[bytes.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = bytes[i] & 0xFF;
      if (labels[i] >= classes) {
        throw file.error(
            LABELS_AT + i,
            String.format(
                Locale.ROOT,
                "expected a label from 0 to %d for image %d, but found %d.",
                classes - 1,
                i,
                labels[i]),
            "the file belongs to a data set with more classes");
      }
    }
    return labels;
  }
}
