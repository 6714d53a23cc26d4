package org.lightnas.space.zoo;

import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

/**
 * MobileNetV2 (Sandler et al., 2018): 17 inverted residuals with 3x3 kernels. It is a space of one
 * architecture, so that whatever takes an architecture takes this network:
 *
 * <pre>
 * Architecture mobile = MobileNetV2.of(0.5, images.shape(), images.classes()).uniform(0);
 * ComputationGraph network = Trainer.builder().epochs(30).build().fit(mobile, images);
 * </pre>
 *
 * <p>The only differences to the paper: no dropout before the classifier, and the batch norms of
 * this library (eps 1e-3).
 *
 * @since 0.1.0
 */
public final class MobileNetV2 {

  /** Expansion, channels, blocks, stride of the first block: table 2 of the paper. */
  private static final int[][] STAGES = {
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };

  private MobileNetV2() {}

  /**
   * The network for images of any size. Up to 64 pixels high, stem and second stage have stride 1,
   * so that the last maps are an eighth of the image instead of a 32nd.
   *
   * @param width multiplies the channels, which are rounded to multiples of 8; 1 for the published
   *     network. The last convolution keeps at least its 1,280 channels.
   * @throws IllegalArgumentException if the width is not positive or above 8, or there are fewer
   *     than 2 classes
   */
  public static LayeredSpace of(double width, FeatureShape input, int classes) {
    Widths widths = new Widths("MobileNetV2", width);
    boolean small = Widths.small(input);
    LayeredSpace.Builder space =
        LayeredSpace.named("mobilenetv2-" + widths, input, classes)
            .stem(new ConvBnAct(3, widths.of(32), small ? 1 : 2));
    int block = 0;
    for (int s = 0; s < STAGES.length; s++) {
      int[] stage = STAGES[s];
      for (int i = 0; i < stage[2]; i++) {
        int stride = i > 0 || (small && s == 1) ? 1 : stage[3];
        space.choice("block" + ++block, new MbConv(3, stage[0], widths.of(stage[1]), stride));
      }
    }
    return space.head(new ConvBnAct(1, Math.max(1280, widths.of(1280)), 1)).build();
  }
}
