package org.lightnas.space.zoo;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.ShuffleUnit;
import org.lightnas.space.op.ShuffleXception;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.activations.Activation;

/**
 * The space of HSCoNAS (Luo et al., DATE 2021) over a one-shot supernet (Guo et al., ECCV 2020):
 * every choice offers the {@link ShuffleUnit} with kernels 3, 5, 7, the {@link ShuffleXception}
 * unit, each with 0.1, 0.2 … 1.0 of its inner channels, in this order, and a skip connection. The
 * widths of one unit share their weights.
 *
 * <p>What is not known of HSCoNAS is chosen here: the skip connection is {@link SkipConnect}, and
 * the factors are those of the inner channels of the main branch, rounded down. Of candidates that
 * are the same network after rounding the first is kept; see {@link #duplicates}. Batch norms have
 * the zoo's eps of 1e-3.
 *
 * @since 0.1.0
 */
public final class ShuffleSpace {

  private static final int[] KERNELS = {3, 5, 7};
  private static final int WIDTHS = 10;

  /** Operations with widths, those without counted as if they had. */
  private static final int OPERATIONS = KERNELS.length + 2;

  private ShuffleSpace() {}

  /**
   * Drops values of a vector.
   *
   * @param keep probability of keeping one
   */
  private record Dropout(double keep) implements Op {

    @Override
    public String id() {
      return "dropout";
    }

    @Override
    public FeatureShape outputShape(FeatureShape in) {
      return in;
    }

    @Override
    public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
      graph.addLayer(name, new DropoutLayer.Builder(keep).build(), input);
      return name;
    }
  }

  /**
   * The published layout, for 3 x 224 x 224 pixels and 1,000 classes: 20 choices in stages of 4, 4,
   * 8, 4 with 64, 160, 320, 640 channels, each of which halves the map at first; a stem of 16
   * channels, a last 1x1 convolution to 1,024, dropout of 0.1 and a classifier without bias. 41^20
   * or about 1.8e32 architectures; 50^20 before duplicates are removed.
   */
  public static LayeredSpace imagenet() {
    return imagenet(new FeatureShape(3, 224, 224), 1000);
  }

  /** As {@link #imagenet()} for other images and classes. */
  public static LayeredSpace imagenet(FeatureShape input, int classes) {
    int[][] stages = {{4, 64, 2}, {4, 160, 2}, {8, 320, 2}, {4, 640, 2}};
    return space("shuffle-imagenet", input, classes, 2, stages, 1024);
  }

  /**
   * Eight choices for small images (24 to 64 pixels or so): a stem of 16 channels at full
   * resolution, stages of 2, 3, 3 units with 32, 64, 128 channels, the second and third of which
   * halve the map, a last 1x1 convolution to 256, the rest as in {@link #imagenet()}. 41^8 or about
   * 8e12 architectures.
   */
  public static LayeredSpace small(FeatureShape input, int classes) {
    int[][] stages = {{2, 32, 1}, {3, 64, 2}, {3, 128, 2}};
    return space("shuffle-small", input, classes, 1, stages, 256);
  }

  /**
   * How many of the 50 candidates of all choices (five operations in ten widths) were left out
   * because another is the same network: of every choice the skip connection in nine widths, and
   * widths that rounding makes equal.
   *
   * @param space one of this zoo's
   */
  public static int duplicates(LayeredSpace space) {
    return space.choices().stream().mapToInt(c -> OPERATIONS * WIDTHS - c.size()).sum();
  }

  /** Stages as blocks, channels and the stride of the first block. */
  private static LayeredSpace space(
      String name, FeatureShape input, int classes, int stemStride, int[][] stages, int last) {
    LayeredSpace.Builder space =
        LayeredSpace.named(name, input, classes)
            .stem(new ConvBnAct(3, 16, stemStride, Activation.RELU));
    int block = 0;
    for (int[] stage : stages) {
      for (int i = 0; i < stage[0]; i++) {
        List<Op> candidates = candidates(stage[1], i == 0 ? stage[2] : 1);
        space.choice("block" + ++block, candidates.toArray(Op[]::new));
      }
    }
    return space
        .head(new ConvBnAct(1, last, 1, Activation.RELU))
        .tail(new Dropout(0.9))
        .classifierBias(false)
        .build();
  }

  /** What a choice offers, without duplicates. */
  static List<Op> candidates(int channels, int stride) {
    List<Op> all = new ArrayList<>();
    for (int kernel : KERNELS) {
      all.addAll(widths(channels, width -> new ShuffleUnit(kernel, width, channels, stride)));
    }
    all.addAll(widths(channels, width -> new ShuffleXception(width, channels, stride)));
    all.add(new SkipConnect(channels, stride));
    return List.copyOf(all);
  }

  private static List<Op> widths(int channels, DoubleFunction<Op> operation) {
    List<Op> distinct = new ArrayList<>();
    int widest = 0;
    for (int tenth = 1; tenth <= WIDTHS; tenth++) {
      double width = tenth / (double) WIDTHS;
      int mid = new ShuffleXception(width, channels, 1).mid();
      if (mid > widest) {
        distinct.add(operation.apply(width));
        widest = mid;
      }
    }
    return distinct;
  }
}
