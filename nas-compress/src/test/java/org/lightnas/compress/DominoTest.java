package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Trainer;

class DominoTest {

  static final ImageData IMAGES = ImageData.generated(96, 48, 1);

  /** Three blocks of which the last two are cheaper as one convolution. */
  static final LayeredSpace NETWORK =
      LayeredSpace.named("tiny", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 8, 2))
          .choice("one", new MbConv(7, 1, 8, 2))
          .choice("two", new MbConv(3, 6, 8, 1))
          .choice("three", new MbConv(3, 6, 16, 2))
          .build();

  static ComputationGraph network() {
    return Trainer.builder()
        .epochs(1)
        .batchSize(16)
        .batchNormReestimation(2)
        .build()
        .fit(NETWORK.uniform(0), IMAGES);
  }

  /** A thousandth of a millisecond for each thousand operations. */
  static final class Counting implements Device {

    final List<Double> measured = new ArrayList<>();

    @Override
    public String fingerprint() {
      return "operations";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      double millis = Cost.of(network.getConfiguration()).macs() / 1e6;
      measured.add(millis);
      return new Measurement(millis, 0, 6, 1, 1, 1);
    }
  }

  static Domino.Builder domino(Device device) {
    return Domino.builder(device, IMAGES)
        .samples(10)
        .epochs(2)
        .training(t -> t.batchSize(16).batchNormReestimation(2));
  }

  @Test
  void everythingProfitableIsMerged() {
    ComputationGraph network = network();
    Compressed made =
        domino(new Counting()).preset(Domino.Preset.AGGRESSIVE).build().compress(network);
    System.out.println(made.report());
    assertThat(made.blocks().stream().map(BlockForm::kind))
        .containsExactly(BlockForm.Kind.KEPT, BlockForm.Kind.MERGED, BlockForm.Kind.MERGED);
    network.close();
  }
}
