package org.lightnas.space.zoo;

import java.util.Set;
import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.DenseAct;
import org.lightnas.space.op.DenseBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

/**
 * The operator space of LightNAS (Luo et al., DAC 2022): every choice offers inverted residuals
 * with kernels 3, 5, 7 and expansions 3, 6, in this order, and a skip connection.
 *
 * @since 0.1.0
 */
public final class LightNasSpace {

  private static final int[] CHANNELS = {
    24, 24, 48, 48, 48, 72, 72, 72, 72, 128, 128, 128, 160, 160, 160, 160, 176, 176, 176, 176, 384
  };
  private static final Set<Integer> STRIDED = Set.of(1, 3, 6, 13);

  private LightNasSpace() {}

  /**
   * Six choices for small images (24 to 64 pixels or so): stem of 16 channels at full resolution,
   * blocks of 16, 24, 24, 32, 32, 32 channels with strides 1, 2, 1, 2, 1, 1, head of 128. 7^6 =
   * 117,649 architectures.
   */
  public static LayeredSpace small(FeatureShape input, int classes) {
    return LayeredSpace.named("lightnas-small", input, classes)
        .stem(new ConvBnAct(3, 16, 1))
        .choice("block1", candidates(16, 1))
        .choice("block2", candidates(24, 2))
        .choice("block3", candidates(24, 1))
        .choice("block4", candidates(32, 2))
        .choice("block5", candidates(32, 1))
        .choice("block6", candidates(32, 1))
        .head(new ConvBnAct(1, 128, 1))
        .build();
  }

  /**
   * The published space for ImageNet (224 x 224 in 1,000 classes; other sizes are possible): 21
   * choices behind a fixed block, 7^21 or about 5.6e17 architectures. The network is the one that
   * the authors train in the end; their supernet's head is that of {@link #imagenetSupernet}.
   */
  public static LayeredSpace imagenet(FeatureShape input, int classes) {
    return imagenet("lightnas-imagenet", input, classes, new DenseBnAct(1280, 0.8));
  }

  /**
   * The same choices with the head of the authors' supernet, which has no batch norm behind its
   * hidden layer: for {@code LightNas.faithful()}.
   */
  public static LayeredSpace imagenetSupernet(FeatureShape input, int classes) {
    return imagenet("lightnas-imagenet-supernet", input, classes, new DenseAct(1280, 0.8));
  }

  private static LayeredSpace imagenet(String name, FeatureShape input, int classes, Op hidden) {
    LayeredSpace.Builder space =
        LayeredSpace.named(name, input, classes)
            .stem(new ConvBnAct(3, 16, 2), new MbConv(3, 1, 16, 1));
    for (int l = 0; l < CHANNELS.length; l++) {
      // A new stage does not imply a stride.
      int stride = STRIDED.contains(l + 1) ? 2 : 1;
      space.choice("block" + (l + 1), candidates(CHANNELS[l], stride));
    }
    return space.head(new ConvBnAct(1, 1984, 1)).tail(hidden).build();
  }

  /** As {@link #imagenet(FeatureShape, int)} with 3 x 224 x 224 pixels and 1,000 classes. */
  public static LayeredSpace imagenet() {
    return imagenet(new FeatureShape(3, 224, 224), 1000);
  }

  /**
   * As {@link #imagenetSupernet(FeatureShape, int)} with 3 x 224 x 224 pixels and 1,000 classes.
   */
  public static LayeredSpace imagenetSupernet() {
    return imagenetSupernet(new FeatureShape(3, 224, 224), 1000);
  }

  private static Op[] candidates(int channels, int stride) {
    return new Op[] {
      new MbConv(3, 3, channels, stride),
      new MbConv(3, 6, channels, stride),
      new MbConv(5, 3, channels, stride),
      new MbConv(5, 6, channels, stride),
      new MbConv(7, 3, channels, stride),
      new MbConv(7, 6, channels, stride),
      new SkipConnect(channels, stride)
    };
  }
}
