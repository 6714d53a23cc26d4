package org.lightnas.search.proxy;

import java.util.List;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.lightnas.data.ImageData;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Images and networks that train in milliseconds. */
final class Few {

  static final ImageData IMAGES = ImageData.generated(160, 20, 1);

  /** 3 x 3 x 2 architectures. */
  static final LayeredSpace SPACE =
      LayeredSpace.named("few", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 8, 4))
          .choice("one", new MbConv(3, 2, 8, 1), new MbConv(5, 2, 8, 1), new SkipConnect(8, 1))
          .choice("two", new MbConv(3, 2, 16, 2), new MbConv(5, 3, 16, 2), new SkipConnect(16, 2))
          .choice("three", new MbConv(3, 1, 16, 1), new SkipConnect(16, 1))
          .build();

  /** All within 5 % of 10 ms, but for skips at the second choice. */
  static final LatencyTable TABLE =
      LatencyTable.of(SPACE, 9.8, new double[][] {{0, 0.1, 0.05}, {0, 0.2, 5}, {0.1, 0}});

  private Few() {}

  /** A short estimate on small batches. */
  static BatchwiseTrainingEstimation.Builder estimate() {
    return BatchwiseTrainingEstimation.builder(SPACE.on(IMAGES))
        .batches(8)
        .batchSize(16)
        .warmup(2)
        .learningRate(0.05)
        .seed(5);
  }

  /** Images of one channel, {@code [image][row][column]}, of as many classes as there are. */
  static ImageData exactly(double[][][] images) {
    INDArray pixels =
        Nd4j.zeros(DataType.FLOAT, images.length, 1, images[0].length, images[0][0].length);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, images.length, images.length);
    for (int i = 0; i < images.length; i++) {
      labels.putScalar(i, i, 1);
      for (int y = 0; y < images[i].length; y++) {
        for (int x = 0; x < images[i][y].length; x++) {
          pixels.putScalar(new int[] {i, 0, y, x}, images[i][y][x]);
        }
      }
    }
    DataSet all = new DataSet(pixels, labels);
    return ImageData.of(
        "exact",
        new ListDataSetIterator<>(List.of(all), images.length),
        new ListDataSetIterator<>(List.of(all), images.length));
  }
}
