package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

class ComfortBenchTest {

  private static final ImageData DATA = ImageData.generated(160, 30, 1);

  private static final LayeredSpace SPACE =
      LayeredSpace.named("few", DATA.shape(), DATA.classes())
          .stem(new ConvBnAct(3, 8, 4))
          .choice("a", new MbConv(3, 2, 8, 1), new MbConv(3, 3, 8, 1))
          .build();

  private static final LatencyTable TABLE = LatencyTable.of(SPACE, 1, new double[][] {{0, 0.02}});

  @TempDir private Path dir;

  /** Knows architectures only. */
  private record PaperDevice(String fingerprint, ToDoubleFunction<Architecture> millis)
      implements Device {

    @Override
    public Measurement measure(ComputationGraph network) {
      throw new AssertionError("no network is measured");
    }

    @Override
    public Measurement measure(SearchSpace space, Architecture architecture, long seed) {
      return new Measurement(millis.applyAsDouble(architecture), 0, 6, 1, 1, 1);
    }
  }

  private String run(Device device, double minutes) throws IOException {
    ResultsFolder folder = new ResultsFolder(dir);
    ShortTraining training = new ShortTraining(ExperimentImages.of(DATA, 160), SPACE, 1, folder);
    ComfortBench.Settings settings =
        new ComfortBench.Settings(
            List.of(1.0),
            new SearchMethod("random", "default", 0, ""),
            0.01,
            1,
            List.of(1L, 2L),
            minutes);
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      new ComfortBench(settings, training, 1, TABLE, device, folder, System.nanoTime()).run();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static List<String> results(String printed) {
    return printed.lines().filter(line -> line.startsWith("RESULT ")).toList();
  }

  @Test
  @Tag("slow")
  void widensTrainsAndKeepsAll() throws IOException {
    Device free = new PaperDevice("free", a -> 1);
    assertThat(run(free, 1e-6)).contains("left out: the search at 1.02 ms");
    String first = run(free, 60);
    assertThat(results(first)).hasSize(1);
    assertThat(results(first).get(0))
        .contains(
            "\"zone\":\"yes\"",
            "\"factor\":2",
            "\"ms_before\":1",
            "\"seeds\":2",
            "\"widened\":\"c16-")
        .matches(".*\"macs_gained\":\\d{2,3}\\.\\d.*\"gain\":-?\\d.*\"gain_sd\":\\d.*");
    assertThat(first).contains("comfort zone: MACs +").doesNotContain("left out");
    List<String> trained = Files.readAllLines(dir.resolve("trainings.jsonl"));
    // As found and widened, by two seeds each, and the header.
    assertThat(trained).hasSize(5);
    assertThat(dir.toFile().list((folder, name) -> name.matches("comfort-k3e\\d\\.html")))
        .hasSize(1);
    String second = run(free, 60);
    assertThat(results(second)).isEqualTo(results(first));
    assertThat(Files.readAllLines(dir.resolve("trainings.jsonl"))).isEqualTo(trained);
    assertThat(Files.readAllLines(dir.resolve("comfort.jsonl"))).hasSize(2);
  }

  @Test
  @Tag("slow")
  void saysWhereThereIsNone() throws IOException {
    String printed = run(new PaperDevice("busy", a -> Cost.of(a).macs() / 1e6), 60);
    assertThat(results(printed).get(0))
        .contains("\"zone\":\"none\"", "\"factor\":1", "\"macs_gained\":0", "\"gain\":0");
    assertThat(printed).contains("no comfort zone: ");
    // Trained is only what was found.
    assertThat(Files.readAllLines(dir.resolve("trainings.jsonl"))).hasSize(3);
  }

  @Test
  void optionsAreChecked() {
    ComfortBench.Settings settings = ComfortBench.Settings.ofProperties();
    assertThat(settings.bounds()).containsExactly(0.2, 0.4, 0.6);
    assertThat(settings.seeds()).containsExactly(1L, 2L, 3L);
    assertThat(settings.tolerance()).isEqualTo(0.01);
    System.setProperty("tolerance", "2");
    try {
      assertThatThrownBy(ComfortBench.Settings::ofProperties)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(
              "-Dtolerance takes numbers above 0 and up to 1.0, but one is '2'.");
    } finally {
      System.clearProperty("tolerance");
    }
  }
}
