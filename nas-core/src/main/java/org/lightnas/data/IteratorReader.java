package org.lightnas.data;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Foreign;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** Copies everything a DL4J iterator delivers, and checks it once so that nobody else has to. */
final class IteratorReader {

  private final String source;
  private @Nullable FeatureShape shape;
  private int classes;
  private float[] values = new float[0];
  private int[] labels = new int[0];
  private int size;

  private IteratorReader(String source) {
    this.source = source;
  }

  /**
   * Reads an iterator from its start to its end and leaves it at the start again, where it can be
   * reset.
   *
   * @param source where the images come from, for messages
   * @throws ImageFormatException naming the batch and the image, if something does not fit
   */
  static ImageSet read(String source, DataSetIterator iterator) {
    IteratorReader reader = new IteratorReader(source);
    rewind(source, iterator);
    DataSet data = next(source, 0, iterator);
    for (int batch = 0; data != null; data = next(source, ++batch, iterator)) {
      reader.append(batch, data);
    }
    rewind(source, iterator);
    FeatureShape shape = reader.shape;
    if (shape == null) {
      throw ImageFormatException.inIterator(
          source, "expected images, but the iterator holds none.\nMaybe it needs a reset.");
    }
    return new ImageSet(
        shape,
        reader.classes,
        new Pixels.Floats(Arrays.copyOf(reader.values, reader.size * (int) shape.size())),
        Arrays.copyOf(reader.labels, reader.size));
  }

  private static @Nullable DataSet next(String source, int batch, DataSetIterator iterator) {
    try {
      return iterator.hasNext() ? iterator.next() : null;
    } catch (RuntimeException e) {
      throw failure(source + ", batch " + batch, iterator, e);
    }
  }

  private static void rewind(String source, DataSetIterator iterator) {
    try {
      if (iterator.resetSupported()) {
        iterator.reset();
      }
    } catch (RuntimeException e) {
      throw failure(source + ", reset", iterator, e);
    }
  }

  private static RuntimeException failure(
      String where, DataSetIterator iterator, RuntimeException thrown) {
    return Foreign.failure(
        where + ": the iterator (" + iterator.getClass().getName() + ") failed", thrown);
  }

  private void append(int batch, DataSet data) {
    INDArray features = data.getFeatures();
    INDArray oneHot = data.getLabels();
    if (features == null || oneHot == null) {
      throw error(batch, "expected features and labels, but one of them is missing.");
    }
    if (features.rank() != 4) {
      throw error(
          batch,
          "expected features [N, C, H, W], but found "
              + Arrays.toString(features.shape())
              + ".\nMaybe the iterator flattens its images.");
    }
    if (oneHot.rank() != 2 || oneHot.size(0) != features.size(0)) {
      throw error(
          batch,
          String.format(
              Locale.ROOT,
              "expected one-hot labels [%d, classes], but found %s.",
              features.size(0),
              Arrays.toString(oneHot.shape())));
    }
    FeatureShape found =
        new FeatureShape((int) features.size(1), (int) features.size(2), (int) features.size(3));
    if (shape == null) {
      shape = found;
      classes = (int) oneHot.size(1);
    }
    if (!found.equals(shape) || oneHot.size(1) != classes) {
      throw error(
          batch,
          String.format(
              Locale.ROOT,
              "expected images of %s in %d classes as in batch 0, but found %s in %d.",
              shape,
              classes,
              found,
              oneHot.size(1)));
    }
    int n = (int) features.size(0);
    ensureRoom(batch, n, (int) found.size());
    copyFeatures(batch, dense(features), n, (int) found.size());
    copyLabels(batch, dense(oneHot), n);
    size += n;
  }

  /** Float32 values in the order of the axes, whatever the array's own type, order or strides. */
  private static float[] dense(INDArray array) {
    INDArray floats = array.dataType() == DataType.FLOAT ? array : array.castTo(DataType.FLOAT);
    INDArray copy = floats.dup('c');
    float[] values = copy.data().asFloat();
    copy.close();
    if (floats.dataType() != array.dataType()) {
      floats.close();
    }
    return values;
  }

  private void copyFeatures(int batch, float[] found, int n, int imageSize) {
    for (int k = 0; k < n * imageSize; k++) {
      if (!Float.isFinite(found[k])) {
        throw error(
            batch,
            k / imageSize,
            "expected finite values, but found "
                + found[k]
                + ".\nMaybe a normalizer divided by a deviation of zero.");
      }
    }
    System.arraycopy(found, 0, values, size * imageSize, n * imageSize);
  }

  private void copyLabels(int batch, float[] found, int n) {
    for (int i = 0; i < n; i++) {
      int label = -1;
      for (int c = 0; c < classes; c++) {
        float value = found[i * classes + c];
        if (value == 1 && label < 0) {
          label = c;
        } else if (value != 0) {
          label = classes;
        }
      }
      if (label < 0 || label >= classes) {
        throw error(
            batch,
            i,
            "expected a one-hot label (one 1, otherwise 0), but found "
                + Arrays.toString(
                    Arrays.copyOfRange(found, i * classes, i * classes + Math.min(classes, 20)))
                + ".\nMaybe the labels are smoothed, or values to regress on.");
      }
      labels[size + i] = label;
    }
  }

  private void ensureRoom(int batch, int n, int imageSize) {
    long needed = (long) size + n;
    if (needed > labels.length) {
      int most = (Integer.MAX_VALUE - 8) / imageSize;
      if (needed > most) {
        throw error(
            batch,
            "expected at most "
                + most
                + " images of "
                + shape
                + ", but found more.\nMaybe the iterator never ends.");
      }
      int room = (int) Math.min(most, Math.max(needed, size + (long) (size >> 1)));
      labels = Arrays.copyOf(labels, room);
      values = Arrays.copyOf(values, room * imageSize);
    }
  }

  private ImageFormatException error(int batch, String problem) {
    return ImageFormatException.inIterator(source + ", batch " + batch, problem);
  }

  private ImageFormatException error(int batch, int image, String problem) {
    return ImageFormatException.inIterator(
        source + ", batch " + batch + ", image " + image + " of it", problem);
  }
}
