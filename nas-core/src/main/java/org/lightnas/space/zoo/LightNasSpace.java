package org.lightnas.space.zoo;

import org.lightnas.FeatureShape;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

/**
 * The operator space of LightNAS (Luo et al., DAC 2022): every choice offers inverted residuals
 * with kernels 3, 5, 7 and expansions 3, 6, in this order, and a skip connection.
 */
public final class LightNasSpace {

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
