package org.lightnas.train;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.lightnas.data.ImageData;
import org.lightnas.internal.Seeds;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/** A problem that a small network learns in a second, and a space of such networks. */
final class Stripes {

  static final int CLASSES = 4;
  private static final int SIDE = 8;

  private Stripes() {}

  /**
   * Grey images 1x8x8 of noise over stripes across, stripes down, a chessboard, or nothing; where
   * the pattern begins is random.
   */
  static ImageData images(int train, int test) {
    return ImageData.of("stripes", draw(train, "train"), draw(test, "test"));
  }

  static LayeredSpace space() {
    ImageData images = images(4, 4);
    return LayeredSpace.named("tiny", images.shape(), images.classes())
        .stem(new ConvBnAct(3, 8, 1))
        .choice("a", new MbConv(3, 2, 8, 1), new SkipConnect(8, 1))
        .choice("b", new MbConv(3, 2, 12, 2), new SkipConnect(12, 2))
        .head(new ConvBnAct(1, 16, 1))
        .build();
  }

  private static DataSetIterator draw(int count, String part) {
    RandomGenerator random = Seeds.random(1, part, 0);
    List<DataSet> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int label = i % CLASSES;
      int phase = random.nextInt(2);
      float[] pixels = new float[SIDE * SIDE];
      for (int p = 0; p < pixels.length; p++) {
        int y = p / SIDE;
        int x = p % SIDE;
        int on = label == 0 ? y % 2 : label == 1 ? x % 2 : label == 2 ? (x + y) % 2 : phase;
        pixels[p] = (float) (0.25 + 0.5 * (on ^ phase) + 0.15 * random.nextGaussian());
      }
      INDArray oneHot = Nd4j.zeros(1, CLASSES);
      oneHot.putScalar(0, label, 1);
      images.add(new DataSet(Nd4j.create(pixels, new long[] {1, 1, SIDE, SIDE}, 'c'), oneHot));
    }
    return new ListDataSetIterator<>(images, 16);
  }
}
