package org.lightnas.examples.guides;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.compress.BlockForm;
import org.lightnas.compress.Compressed;
import org.lightnas.compress.Domino;
import org.lightnas.compress.Reparameterize;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.export.Onnx;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Cost;
import org.lightnas.predict.LatencyRange;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Trainer;

/** The code of docs/COMPRESSION.md. */
class CompressionGuideTest {

  private static final ImageData IMAGES = ImageData.generated(96, 48, 1);

  /** Blocks of which the later ones have fewer operations as one convolution. */
  private static final LayeredSpace NETWORK =
      LayeredSpace.named("guide", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 8, 2))
          .choice("one", new MbConv(3, 6, 8, 2))
          .choice("two", new MbConv(3, 6, 16, 2))
          .choice("three", new MbConv(3, 6, 16, 1))
          .build();

  /** Stands in for a real one, which would have to be measured: a millisecond a million MACs. */
  private record Counting(String fingerprint) implements Device {
    @Override
    public Measurement measure(ComputationGraph network) {
      double millis = 1e-3 + Cost.of(network.getConfiguration()).macs() / 1e6;
      return new Measurement(millis, 0, 6, 1, 1, 1);
    }
  }

  private static final Device DEVICE = new Counting("counting");

  private static ComputationGraph network;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    network = Trainer.builder().epochs(1).batchSize(16).build().fit(NETWORK.uniform(0), IMAGES);
  }

  @AfterAll
  static void close() {
    Networks.close(network);
  }

  @Test
  @Tag("slow")
  void withoutTraining() throws IOException {
    ImageData images = IMAGES;
    Path file = folder.resolve("merged.onnx");
    ImageSet some = images.test().take(20);
    Compressed merged = Reparameterize.chains().checkedOn(some).compress(network);
    System.out.println(merged.report());
    Onnx.write(merged.network(), file);
    assertThat(merged.equivalence().holds()).isTrue();
    assertThat(file).isNotEmptyFile();
    Networks.close(merged.network());
  }

  @Test
  void whatCanBeSaved() {
    Device device = DEVICE;
    ImageData images = IMAGES;
    LatencyRange range = Domino.builder(device, images).build().reachable(network);
    System.out.println(range);
    assertThat(range.at(0)).isLessThan(range.at(1));
  }

  @Test
  @Tag("slow")
  void byTime() throws IOException {
    Device device = DEVICE;
    ImageData images = IMAGES;
    Path file = folder.resolve("domino.html");
    Compressed small =
        Domino.builder(device, images)
            .preset(Domino.Preset.LITE) // or .latency(Duration.ofMillis(3))
            .epochs(2)
            .samples(10)
            .evaluator(Domino.slopes(42))
            .checkpoints(folder.resolve("domino"))
            .build()
            .compress(network);
    System.out.println(small.asked()); // asked ≤ …, predicted …, measured …: satisfied
    for (BlockForm block : small.blocks()) {
      System.out.println(block);
    }
    small.page("What became of the network").write(file);
    assertThat(Files.readString(file)).contains("Blocks before and now");
    assertThat(small.equivalence().holds()).isTrue();
    Networks.close(small.network());
  }

  @Test
  void byAccuracy() {
    Device device = DEVICE;
    ImageData images = IMAGES;
    Domino domino = Domino.builder(device, images).maxAccuracyLoss(1.0).build();
    assertThat(domino).isNotNull();
    Domino within = Domino.builder(device, images).latency(Duration.ofMillis(3)).build();
    assertThat(within).isNotNull();
  }
}
