package org.lightnas.data;

import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.Raster;
import org.lightnas.FeatureShape;

/** A decoded image of any size, and how it becomes one of a data set. */
final class Photo {

  private static final double[] LUMA = {0.299, 0.587, 0.114};

  private final BufferedImage image;
  private final int height;
  private final int width;
  private final int channels;

  /**
   * Looks at an image.
   *
   * @param channels 1 or 3
   */
  Photo(BufferedImage image, int channels) {
    this.image = image;
    this.height = image.getHeight();
    this.width = image.getWidth();
    this.channels = channels;
  }

  /**
   * The middle of this image when it is just large enough to cover a shape.
   *
   * @return {@code [C, H, W]}
   */
  byte[] covering(FeatureShape shape) {
    double scale = Math.max((double) shape.height() / height, (double) shape.width() / width);
    int tall = Math.max(shape.height(), (int) Math.round(height * scale));
    int wide = Math.max(shape.width(), (int) Math.round(width * scale));
    double[] resized =
        new Resampling(height, tall).apply(narrowed(wide), 1, height, wide * channels);
    int top = (tall - shape.height()) / 2;
    int left = (wide - shape.width()) / 2;
    byte[] planes = new byte[(int) shape.size()];
    int at = 0;
    for (int c = 0; c < channels; c++) {
      for (int y = top; y < top + shape.height(); y++) {
        for (int x = left; x < left + shape.width(); x++) {
          planes[at++] = (byte) Math.round(resized[(y * wide + x) * channels + c]);
        }
      }
    }
    return planes;
  }

  /** As wide as asked for, row by row: as numbers a whole photograph would be a gigabyte. */
  private double[] narrowed(int wide) {
    Resampling columns = new Resampling(width, wide);
    double[] narrow = new double[height * wide * channels];
    int[] row = new int[width];
    boolean grey = isGrey();
    for (int y = 0; y < height; y++) {
      if (grey) {
        greys(y, row);
      } else {
        image.getRGB(0, y, width, 1, row, 0, width);
      }
      double[] resized = columns.apply(values(row), 1, width, channels);
      System.arraycopy(resized, 0, narrow, y * resized.length, resized.length);
    }
    return narrow;
  }

  /** {@code getRGB} takes grey values for linear light and brightens them. */
  private boolean isGrey() {
    return image.getColorModel() instanceof ComponentColorModel model
        && model.getNumColorComponents() == 1;
  }

  private void greys(int y, int[] row) {
    Raster raster = image.getRaster();
    int surplus = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    for (int x = 0; x < row.length; x++) {
      int value = raster.getSample(x, y, 0) >>> surplus;
      row[x] = value << 16 | value << 8 | value;
    }
  }

  /** {@code [W, C]}, 0 to 255. */
  private double[] values(int[] row) {
    double[] values = new double[row.length * channels];
    for (int x = 0; x < row.length; x++) {
      double luma = 0;
      for (int c = 0; c < 3; c++) {
        int value = (row[x] >> (16 - 8 * c)) & 0xFF;
        luma += LUMA[c] * value;
        if (channels == 3) {
          values[3 * x + c] = value;
        }
      }
      if (channels == 1) {
        values[x] = luma;
      }
    }
    return values;
  }
}
