package org.lightnas.examples.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.device.RatioEstimate;
import org.lightnas.export.Onnx;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.predict.Predictors;
import org.lightnas.predict.ProbeKit;
import org.lightnas.predict.Profile;
import org.lightnas.predict.Selection;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

/** The code of docs/DEVICE.md. */
class DeviceGuideTest {

  private static final SearchSpace SPACE =
      LayeredSpace.named("guide", new FeatureShape(3, 16, 16), 4)
          .stem(new ConvBnAct(3, 8, 2))
          .choice("one", new MbConv(3, 3, 8, 1), new MbConv(5, 6, 8, 1), new SkipConnect(8, 1))
          .choice("two", new MbConv(3, 3, 8, 1), new MbConv(5, 6, 8, 1), new SkipConnect(8, 1))
          .build();

  @TempDir private Path folder;

  /** Stands in for a cable: the more bytes, the slower. */
  private static final Board BOARD = new Board("pi 5, ONNX Runtime 1.23.2", onnx -> onnx.length);

  /** Runs an ONNX file somewhere and says how long that took. */
  interface Link {
    double millis(byte[] onnx);
  }

  record Board(String fingerprint, Link link) implements Device {
    @Override
    public Measurement measure(ComputationGraph network) {
      byte[] onnx = Onnx.of(network).foldBatchNorms().toBytes();
      double[] runs = new double[9];
      for (int i = 0; i < runs.length; i++) {
        runs[i] = link.millis(onnx);
      }
      RatioEstimate typical = RatioEstimate.of(runs);
      return new Measurement(typical.ratio(), typical.spread(), runs.length, 1, 1, 1);
    }
  }

  @Test
  @Tag("slow")
  void thisMachine() throws IOException {
    SearchSpace space = SPACE;
    Path file = folder.resolve("latency.csv");
    try (OnnxDevice device =
        OnnxDevice.builder().batch(8).threads(1).maxTime(Duration.ofMillis(300)).build()) {
      LatencyTable table = LatencyTable.profile(space, device);
      System.out.println(table.report().orElseThrow());
      table.write(file);
    }
    LatencyTable table = LatencyTable.read(file, space);
    assertThat(table.fingerprint().orElseThrow()).endsWith("1 thread, batch 8");
  }

  @Test
  @Tag("slow")
  void aBoard() {
    SearchSpace space = SPACE;
    Device device = BOARD;
    Profile profile = Profile.builder(space, device).samples(9).measure();
    Selection best = Predictors.best(profile);
    System.out.println(best);
    Constraint bound = Constraint.atMost(5000, best.predictor()).measuredOn(device);
    assertThat(bound.verify(space.uniform(2)).satisfied()).isTrue();
  }

  @Test
  @Tag("slow")
  void elsewhere() throws IOException {
    SearchSpace space = SPACE;
    ProbeKit.write(space, 9, folder);
    assertThat(Files.exists(folder.resolve("MeasureProbes.java"))).isTrue();
  }
}
