package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Predictor;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.widths.ChannelSpace;

class ForWidthsTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("one", new FeatureShape(3, 8, 8), 4)
          .choice("a", new MbConv(3, 6, 16, 1), new MbConv(5, 6, 16, 1))
          .build();
  private static final LatencyTable TABLE = LatencyTable.of(SPACE, 1, new double[][] {{0.1, 0.2}});
  private static final ChannelSpace WIDTHS = ChannelSpace.of(SPACE.uniform(1));

  private static final class Counting implements Device {
    private int measured;

    @Override
    public String fingerprint() {
      return "counting";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      measured++;
      double millis = 1 + Cost.of(network.getConfiguration()).macs() / 1e5 + 1e-6 * measured;
      return new Measurement(millis, 1e-4, 20, 1, 1, 1);
    }
  }

  @Test
  void aTableIsMadeAnewForWidthsAndItsMeasurementsAreKept(@TempDir Path folder) {
    Counting device = new Counting();
    Path file = folder.resolve("deep/widths.csv");
    Predictor predictor = TABLE.forWidths(WIDTHS, device, file);
    int measured = device.measured;
    assertThat(measured).isGreaterThan(3);
    double exact = 1 + Cost.of(WIDTHS.start()).macs() / 1e5;
    assertThat(Math.abs(predictor.predict(WIDTHS.start()) / exact - 1)).isLessThan(0.02);
    assertThat(predictor.fingerprint()).contains("counting");
    Predictor again = TABLE.forWidths(WIDTHS, device, file);
    assertThat(device.measured).isEqualTo(measured);
    assertThat(again.predict(WIDTHS.start())).isEqualTo(predictor.predict(WIDTHS.start()));
    TABLE.forWidths(WIDTHS, device, null);
    assertThat(device.measured).isEqualTo(2 * measured);
  }

  @Test
  void saysWhereMeasurementsCannotBeKept(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("taken"), "x").resolve("widths.csv");
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> TABLE.forWidths(WIDTHS, new Counting(), file))
        .withMessageStartingWith("The measurements of widths cannot be kept in '" + file + "': ")
        .withMessageEndingWith("\nMaybe choose another folder, or make room on the disk.");
  }
}
