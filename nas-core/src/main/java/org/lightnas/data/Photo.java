package org.lightnas.data;

import com.google.common.primitives.Doubles;
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
    Resampling rows = middle(height, shape.height(), scale);
    Resampling columns = middle(width, shape.width(), scale);
    double[] resized =
        rows.apply(narrowed(rows, columns), 1, rows.needed(), shape.width() * channels);
    byte[] planes = new byte[(int) shape.size()];
    int area = planes.length / channels;
    for (int k = 0; k < planes.length; k++) {
      planes[k] = (byte) Math.round(resized[k % area * channels + k / area]);
    }
    return planes;
  }

  /** Only what is kept is made: of a line a million times as long as wide that is next to none. */
  private static Resampling middle(int before, int kept, double scale) {
    long after = Math.max(kept, Math.round(before * scale));
    return new Resampling(before, after, (after - kept) / 2, kept);
  }

  /** As wide as asked for, row by row: as numbers a whole photograph would be a gigabyte. */
  private double[] narrowed(Resampling rows, Resampling columns) {
    double[][] narrow = new double[rows.needed()][];
    int[] row = new int[columns.needed()];
    boolean grey = isGrey();
    for (int y = 0; y < narrow.length; y++) {
      if (grey) {
        greys(columns.begin(), rows.begin() + y, row);
      } else {
        image.getRGB(columns.begin(), rows.begin() + y, row.length, 1, row, 0, row.length);
      }
      narrow[y] = columns.apply(values(row), 1, row.length, channels);
    }
    return Doubles.concat(narrow);
  }

  /** {@code getRGB} takes grey values for linear light and brightens them. */
  private boolean isGrey() {
    return image.getColorModel() instanceof ComponentColorModel model
        && model.getNumColorComponents() == 1;
  }

  private void greys(int left, int y, int[] row) {
    Raster raster = image.getRaster();
    int surplus = Math.max(0, raster.getSampleModel().getSampleSize(0) - 8);
    for (int x = 0; x < row.length; x++) {
      int value = raster.getSample(left + x, y, 0) >>> surplus;
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
