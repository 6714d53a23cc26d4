package org.lightnas.testing;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Data sets that nobody collects on purpose. */
public final class OddImages {

  private OddImages() {}

  /** Coloured noise of a fixed seed. */
  public static double noise(int pixel) {
    return Math.floorMod(pixel * 7919L * 104729L, 1009) / 1009.0;
  }

  /**
   * Labels go round.
   *
   * @param labels how many are used
   * @param pixel of image after image
   */
  public static ImageData of(
      FeatureShape shape, int count, int classes, int labels, IntToDoubleFunction pixel) {
    return ImageData.of(
        "odd", part(shape, count, classes, labels, pixel), part(shape, 4, classes, labels, pixel));
  }

  /** One of the training images has no label. */
  public static ImageData unlabelled(FeatureShape shape, int count, int classes, int image) {
    DataSet images = part(shape, count, classes, classes, OddImages::noise).next();
    images.getLabels().getRow(image).assign(0);
    return ImageData.of(
        "odd",
        new ListDataSetIterator<>(List.of(images), count),
        part(shape, 4, classes, classes, OddImages::noise));
  }

  private static ListDataSetIterator<DataSet> part(
      FeatureShape shape, int count, int classes, int labels, IntToDoubleFunction pixel) {
    float[] values = new float[(int) (count * shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) pixel.applyAsDouble(i);
    }
    INDArray oneHot = Nd4j.zeros(DataType.FLOAT, count, classes);
    for (int i = 0; i < count; i++) {
      oneHot.putScalar(i, i % labels, 1);
    }
    long[] axes = {count, shape.channels(), shape.height(), shape.width()};
    return new ListDataSetIterator<>(
        List.of(new DataSet(Nd4j.create(values, axes, 'c'), oneHot)), count);
  }
}
