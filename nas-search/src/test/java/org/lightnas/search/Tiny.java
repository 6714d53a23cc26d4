package org.lightnas.search;

import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.lightnas.FeatureShape;
import org.lightnas.data.Augmentation;
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

/** Spaces and images on which a search takes a second. */
final class Tiny {

  static final FeatureShape INPUT = new FeatureShape(3, 12, 12);
  static final int CLASSES = 3;

  /** Three choices: 3 x 3 x 2 architectures. */
  static final LayeredSpace SPACE =
      LayeredSpace.named("tiny", INPUT, CLASSES)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("one", new MbConv(3, 2, 8, 1), new MbConv(5, 2, 8, 1), new SkipConnect(8, 1))
          .choice("two", new MbConv(3, 2, 16, 2), new MbConv(5, 2, 16, 2), new SkipConnect(16, 2))
          .choice("three", new MbConv(3, 1, 16, 1), new SkipConnect(16, 1))
          .head(new ConvBnAct(1, 16, 1))
          .build();

  /** From 2.375 to 9 ms, exactly. */
  static final LatencyTable TABLE =
      LatencyTable.of(SPACE, 1, new double[][] {{2, 3, 0.125}, {2.5, 3.5, 1}, {1.5, 0.25}});

  /**
   * Only a kernel of 3 x 3 at the first choice sees the pattern: everything else works pixel by
   * pixel, and the classes differ in the neighbourhood of pixels only.
   */
  static final LayeredSpace BLIND =
      LayeredSpace.named("blind", INPUT, CLASSES)
          .stem(new ConvBnAct(1, 8, 1))
          .choice("eye", new SkipConnect(8, 1), new ConvBnAct(3, 8, 1), new ConvBnAct(1, 8, 1))
          .choice("other", new SkipConnect(8, 1), new ConvBnAct(1, 8, 1))
          .build();

  private Tiny() {}

  /**
   * Horizontal stripes, vertical stripes, checks: each pixel alone is black or white with equal
   * chances, then in a random colour, with noise.
   */
  static ImageData images(int train, int test) {
    return ImageData.of("stripes", iterator(train, 1), iterator(test, 2));
  }

  private static ListDataSetIterator<DataSet> iterator(int count, long seed) {
    return new ListDataSetIterator<>(List.of(draw(count, seed)), count);
  }

  private static DataSet draw(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    INDArray images = Nd4j.zeros(DataType.FLOAT, count, 3, 12, 12);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, count, CLASSES);
    for (int i = 0; i < count; i++) {
      int label = i % CLASSES;
      labels.putScalar(i, label, 1);
      int down = random.nextInt(4);
      int right = random.nextInt(4);
      double[] colour = random.doubles(3, 0.4, 1).toArray();
      for (int y = 0; y < 12; y++) {
        for (int x = 0; x < 12; x++) {
          boolean row = (y + down) / 2 % 2 == 0;
          boolean column = (x + right) / 2 % 2 == 0;
          boolean white = label == 0 ? row : label == 1 ? column : row == column;
          for (int c = 0; c < 3; c++) {
            double value = (white ? colour[c] : 0) + random.nextDouble(-0.05, 0.05);
            images.putScalar(new int[] {i, c, y, x}, value);
          }
        }
      }
    }
    return new DataSet(images, labels);
  }

  /** One batch as the engine takes it. */
  static float[] batch(ImageData images, int size, int[] labels) {
    float[] nhwc = new float[(int) (size * INPUT.size())];
    for (int i = 0; i < size; i++) {
      images.train().copyNhwc(i, nhwc, (int) (i * INPUT.size()));
      labels[i] = images.train().label(i);
    }
    return nhwc;
  }

  /** A search of a second. */
  static LightNas.Builder search() {
    return LightNas.builder()
        .steps(40)
        .batchSize(16)
        .learningRate(0.05)
        .augmentation(Augmentation.none())
        .seed(7);
  }
}
