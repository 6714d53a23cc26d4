package org.lightnas.examples.guides;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.examples.NormalisedConv;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

/** The code of docs/EXTENDING.md that is in no example. */
class ExtendingGuideTest {

  private static LayeredSpace space() {
    ImageData images = ImageData.generated(10, 10, 1);
    LayeredSpace space =
        LayeredSpace.named("pocket", images.shape(), images.classes())
            .stem(new ConvBnAct(3, 16, 1))
            .choice("block1", new MbConv(3, 3, 24, 2), new MbConv(5, 6, 24, 2))
            .choice("block2", new NormalisedConv(3, 24), new SkipConnect(24, 1))
            .head(new ConvBnAct(1, 96, 1))
            .build();
    return space;
  }

  /** Stands in for a measured table. */
  private static double joules(Architecture architecture) {
    return Cost.of(architecture).macs() / 1e6;
  }

  @Test
  void aSpace() {
    assertThat(space().size()).isEqualTo(4);
  }

  @Test
  void aPredictor() {
    LayeredSpace space = space();
    Predictor energy = Predictor.of(space, Metric.ENERGY, architecture -> joules(architecture));
    Constraint bound = Constraint.atMost(12.5, energy);
    assertThat(bound.admits(space.architecture(0, 1))).isTrue();
  }
}
