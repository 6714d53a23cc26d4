package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

@Tag("slow")
class GeneratedImagesIsLearnableTest {

  /** A linear classifier stays below 60 % (see GeneratedImagesTest); 20,000 weights do not. */
  @Test
  void aSmallConvolutionalNetworkPassesNinetyPercent() {
    ImageData images = ImageData.generated();
    LayeredSpace space =
        LayeredSpace.named("small", images.shape(), images.classes())
            .stem(new ConvBnAct(3, 16, 2))
            .choice("block1", new MbConv(3, 3, 24, 1))
            .choice("block2", new MbConv(3, 3, 32, 2))
            .choice("block3", new MbConv(3, 3, 32, 1))
            .head(new ConvBnAct(1, 96, 1))
            .build();
    Trainer trainer = Trainer.builder().epochs(5).build();
    double accuracy = Accuracy.of(trainer.fit(space.uniform(0), images), images.test());
    assertThat(accuracy).isGreaterThan(90);
  }
}
