package org.lightnas.space.zoo;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.BasicBlock;
import org.lightnas.space.op.Bottleneck;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MaxPool;
import org.nd4j.linalg.activations.Activation;

/**
 * Residual networks (He et al., 2016). Each is a space of one architecture, {@code uniform(0)}, as
 * {@link MobileNetV2}.
 *
 * <ul>
 *   <li>20, 32, 44, 56: the paper's networks for small images, three stages of {@link BasicBlock}s
 *       with 16, 32, 64 channels. Where the shape changes the shortcut is a projection; the paper
 *       pads with zeros there.
 *   <li>18, 34: its networks for ImageNet of {@link BasicBlock}s with 64, 128, 256, 512 channels.
 *   <li>50, 101, 152: those of {@link Bottleneck}s with four times as many.
 * </ul>
 *
 * @since 0.1.0
 */
public final class ResNet {

  private static final List<Integer> FEW = List.of(16, 32, 64);
  private static final List<Integer> MANY = List.of(64, 128, 256, 512);

  /**
   * What a depth stands for.
   *
   * @param channels of each stage; the inner ones of bottlenecks
   * @param blocks of each stage
   */
  private record Layout(boolean bottleneck, List<Integer> channels, List<Integer> blocks) {}

  private static final Map<Integer, Layout> LAYOUTS =
      new TreeMap<>(
          Map.of(
              18, new Layout(false, MANY, List.of(2, 2, 2, 2)),
              20, new Layout(false, FEW, List.of(3, 3, 3)),
              32, new Layout(false, FEW, List.of(5, 5, 5)),
              34, new Layout(false, MANY, List.of(3, 4, 6, 3)),
              44, new Layout(false, FEW, List.of(7, 7, 7)),
              50, new Layout(true, MANY, List.of(3, 4, 6, 3)),
              56, new Layout(false, FEW, List.of(9, 9, 9)),
              101, new Layout(true, MANY, List.of(3, 4, 23, 3)),
              152, new Layout(true, MANY, List.of(3, 8, 36, 3))));

  private ResNet() {}

  /**
   * A network for images of any size. The networks for ImageNet begin with a 7x7 convolution and a
   * pooling, both of stride 2, or, for images up to 64 pixels high, with a 3x3 convolution of
   * stride 1, as those for small images do.
   *
   * @param depth the number of layers with weights on the longest way
   * @param width multiplies the channels, which are rounded to multiples of 8; 1 for the published
   *     networks
   * @throws IllegalArgumentException if there is no network of this depth, the width is not
   *     positive or above 8, or there are fewer than 2 classes
   */
  public static LayeredSpace of(int depth, double width, FeatureShape input, int classes) {
    Layout layout =
        Optional.ofNullable(LAYOUTS.get(depth))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "There is no ResNet of depth "
                            + depth
                            + ", only of "
                            + LAYOUTS.keySet()
                            + ".\nMaybe take 20 for small images, 50 for large ones."));
    Widths widths = new Widths("ResNet", width);
    int first = widths.of(layout.channels().get(0));
    LayeredSpace.Builder space =
        LayeredSpace.named("resnet" + depth + "-" + widths, input, classes);
    if (layout.channels().size() == FEW.size() || Widths.small(input)) {
      space.stem(new ConvBnAct(3, first, 1, Activation.RELU));
    } else {
      space.stem(new ConvBnAct(7, first, 2, Activation.RELU), new MaxPool(3, 2));
    }
    int block = 0;
    for (int s = 0; s < layout.blocks().size(); s++) {
      int channels = widths.of(layout.channels().get(s));
      for (int i = 0; i < layout.blocks().get(s); i++) {
        int stride = s > 0 && i == 0 ? 2 : 1;
        Op op =
            layout.bottleneck()
                ? new Bottleneck(channels, stride)
                : new BasicBlock(channels, stride);
        space.choice("block" + ++block, op);
      }
    }
    return space.build();
  }
}
