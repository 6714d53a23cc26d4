package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Cost;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.ShuffleUnit;
import org.lightnas.space.op.SkipConnect;

class LoneOperationsTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("lone", new FeatureShape(3, 8, 8), 4)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("a", new MbConv(3, 3, 12, 2), new MbConv(5, 6, 12, 2), new SkipConnect(12, 2))
          .choice(
              "b",
              new MbConv(3, 3, 12, 1),
              new MbConv(5, 6, 12, 1),
              new SkipConnect(12, 1),
              new ShuffleUnit(3, 1, 12, 1))
          .choice("c", new MbConv(3, 3, 12, 1), new MbConv(5, 6, 12, 1), new SkipConnect(12, 1))
          .head(new ConvBnAct(1, 16, 1))
          .build();

  /** A millisecond for each thousand MACs, and half of one for every network. */
  private static final class Counting implements Device {

    private int measured;

    @Override
    public String fingerprint() {
      return "counting";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      measured++;
      return new Measurement(0.5 + Cost.of(network.getConfiguration()).macs() / 1e3, 0, 1, 1, 1, 1);
    }
  }

  /** On such a device networks are the sum of their operations, and B is what is fixed. */
  @Test
  void sumsOfOperationsMeasuredAloneAreWholeNetworks() {
    Counting device = new Counting();
    OperationSum sum = OperationSum.profile(SPACE, device, 5);
    assertThat(sum.slope()).isCloseTo(1, within(1e-9));
    assertThat(sum.table().fingerprint()).contains("counting");
    PredictorReport report = sum.table().report().orElseThrow();
    assertThat(report.pairs()).hasSize(5);
    assertThat(report.medianError()).isLessThan(1e-9);
    for (int i = 0; i < 20; i++) {
      Architecture drawn = SPACE.sample(Seeds.random(1, "drawn", i));
      assertThat(sum.table().predict(drawn))
          .isCloseTo(0.5 + Cost.of(drawn).macs() / 1e3, within(1e-9));
    }
    Cost skips = Cost.of(SPACE.uniform(2));
    Cost inner = new Cost(8 * 12 * 16, 0);
    assertThat(sum.bias()).isCloseTo(0.5 + (skips.macs() - inner.macs()) / 1e3, within(1e-9));
    assertThat(sum.table().table()[1][2]).isZero();
    // Three operations of "a", four of "b" with the one that does nothing, none more of "c".
    assertThat(device.measured).isEqualTo(3 + 4 + 5);
  }

  @Test
  void warnsOfADeviceThatRunsOperationsOtherwiseWithinNetworks() {
    Device device =
        new Device() {
          @Override
          public String fingerprint() {
            return "hasty";
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            double macs = Cost.of(network.getConfiguration()).macs();
            boolean whole =
                LayerGraph.read(network.getConfiguration()).input().equals(SPACE.input());
            return new Measurement(0.5 + (whole ? 0.5 : 1) * macs / 1e5, 0, 1, 1, 1, 1);
          }
        };
    PrintStream console = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    double slope;
    try {
      slope = OperationSum.profile(SPACE, device, 5).slope();
    } finally {
      System.setErr(console);
    }
    assertThat(slope).isCloseTo(0.5, within(1e-9));
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains(
            "Measured latencies of space 'lone' change by "
                + slope
                + " ms per ms of their operations: the device does not run them as it runs them"
                + " alone. Maybe see whether LatencyTable.fit does better.");
  }

  @Test
  void refusesTooFewNetworksBeforeAnythingIsMeasured() {
    Counting device = new Counting();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OperationSum.profile(SPACE, device, 2))
        .withMessage("A profile needs at least 3 samples, not 2.");
    assertThat(device.measured).isZero();
  }
}
