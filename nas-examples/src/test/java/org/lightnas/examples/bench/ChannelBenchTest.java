package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
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
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

class ChannelBenchTest {

  private static final ImageData DATA = ImageData.generated(160, 30, 1);

  private static final LayeredSpace SPACE =
      LayeredSpace.named("few", DATA.shape(), DATA.classes())
          .stem(new ConvBnAct(3, 8, 4))
          .choice("a", new MbConv(3, 2, 8, 2), new MbConv(5, 2, 8, 2))
          .build();

  private static double millis(long macs) {
    return 1 + macs / 1e6;
  }

  /** Operations take time, and nothing else does. */
  private record Counter() implements Device {
    @Override
    public String fingerprint() {
      return "counter";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      return new Measurement(millis(Cost.of(network.getConfiguration()).macs()), 1e-6, 20, 1, 1, 1);
    }
  }

  private static LatencyTable table() {
    Architecture first = SPACE.uniform(0);
    double[] entries =
        IntStream.range(0, 2)
            .mapToDouble(k -> millis(Cost.of(first.with(0, k)).macs()) - 1)
            .toArray();
    return LatencyTable.of(SPACE, 1, new double[][] {entries});
  }

  @TempDir private Path dir;

  private String run(double minutes) throws IOException {
    return run(minutes, 1);
  }

  private String run(double minutes, long seed) throws IOException {
    ResultsFolder folder = new ResultsFolder(dir);
    ShortTraining training = new ShortTraining(ExperimentImages.of(DATA, 160), SPACE, 1, folder);
    ChannelBench.Settings settings =
        new ChannelBench.Settings(List.of(1.0), List.of(seed), 2, 2, 1, 2, "", minutes);
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      new ChannelBench(settings, training, table(), new Counter(), folder, System.nanoTime()).run();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static List<String> results(String output) {
    return output.lines().filter(line -> line.startsWith("RESULT ")).toList();
  }

  @Test
  @Tag("slow")
  void comparesBothStagesAndKeepsAll() throws IOException {
    assertThat(run(1e-6)).contains("left out: the search 1 at ").doesNotContain("RESULT");
    String first = run(60);
    List<String> results = results(first);
    assertThat(results).hasSize(3);
    assertThat(results.get(0))
        .contains(
            "\"seed\":1",
            "\"found_acc\":",
            "\"widths_acc\":",
            "\"gain\":",
            "\"predicted_ms\":",
            "\"found_ms\":",
            "\"widths_ms\":",
            "\"score\":-",
            "\"found\":\"k");
    assertThat(results.get(1))
        .contains("\"figure\":\"gain at ", "\"pairs\":1", "\"gain_low\":null");
    assertThat(results.get(2)).contains("\"figure\":\"gain at all bounds, seeds\"");
    List<String> kept = Files.readAllLines(dir.resolve("channels.jsonl"));
    assertThat(kept).hasSize(2);
    assertThat(kept.get(1)).contains("\"method\":\"channels 2x2 of 1 batches, 2 steps\"");
    assertThat(Files.readAllLines(dir.resolve("trainings.jsonl"))).hasSize(3);
    // What is known is not computed again, and said again.
    assertThat(results(run(60))).isEqualTo(results);
    assertThat(Files.readAllLines(dir.resolve("channels.jsonl"))).isEqualTo(kept);
    // Other seeds are other figures.
    assertThat(run(1e-6, 7)).contains("left out: the search 7 at ").doesNotContain("RESULT");
  }

  /** t of two degrees of freedom is 4.303 at 97.5 %. */
  @Test
  void theIntervalIsStudents() {
    SummaryStatistics gains = new SummaryStatistics();
    for (double gain : new double[] {1, 2, 3}) {
      gains.addValue(gain);
    }
    Map<String, Object> summary = ChannelBench.summary("gain", gains);
    assertThat((Double) summary.get("gain_low"))
        .isCloseTo(2 - 4.302653 / Math.sqrt(3), within(1e-5));
    assertThat((Double) summary.get("gain_high"))
        .isCloseTo(2 + 4.302653 / Math.sqrt(3), within(1e-5));
  }

  @Test
  void refusesASearchOfOneStep() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ChannelBench.Settings(List.of(0.5), List.of(1L), 2, 1, 1, 1, "", 1))
        .withMessage("A search needs at least 2 steps, but -Dsteps is 1.");
  }
}
