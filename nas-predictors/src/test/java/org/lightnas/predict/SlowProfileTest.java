package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.device.Dl4jDevice;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

@Tag("slow")
class SlowProfileTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("real", new FeatureShape(3, 16, 16), 4)
          .stem(new ConvBnAct(3, 16, 1))
          .choice("a", new MbConv(3, 3, 16, 1), new MbConv(7, 6, 16, 1), new SkipConnect(16, 1))
          .choice("b", new MbConv(3, 3, 24, 2), new MbConv(7, 6, 24, 2), new SkipConnect(24, 2))
          .choice("c", new MbConv(3, 3, 24, 1), new MbConv(7, 6, 24, 1), new SkipConnect(24, 1))
          .build();

  @Test
  void aRealDeviceIsPredictableAndRepeatsItself() {
    try (Dl4jDevice device = Dl4jDevice.builder().busyFactor(3).sittings(3).build()) {
      LatencyTable table = profiled(device, 1);
      // What other programs do meanwhile spoils a profile now and then, not three in a row.
      for (int seed = 2; seed <= 3 && !good(table.report().orElseThrow()); seed++) {
        table = profiled(device, seed);
      }
      PredictorReport report = table.report().orElseThrow();
      assertThat(good(report)).as(report.toString()).isTrue();

      Architecture architecture = SPACE.architecture(0, 1, 0);
      ComputationGraph network = SPACE.network(architecture, 7);
      try {
        Measurement first = device.measure(network);
        Measurement second = device.measure(network);
        double sigma = Math.hypot(first.spread(), second.spread());
        assertThat(second.millis())
            .isCloseTo(first.millis(), within(5 * sigma + 0.05 * first.millis()));
        assertThat(table.predict(architecture))
            .isCloseTo(first.millis(), within(0.15 * first.millis()));

        Constraint bound = Constraint.latency(table.range().at(1), table).measuredOn(device);
        assertThat(bound.verify(architecture, network).satisfied()).isTrue();
      } finally {
        Networks.close(network);
      }
    }
  }

  private static LatencyTable profiled(Dl4jDevice device, long seed) {
    return LatencyTable.fit(Profile.builder(SPACE, device).samples(20).seed(seed).measure());
  }

  private static boolean good(PredictorReport report) {
    return report.within(0.10) >= 0.8 && report.spearman() > 0.9;
  }
}
