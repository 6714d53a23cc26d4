package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.data.ImageData;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.ShuffleUnit;
import org.lightnas.space.op.ShuffleXception;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.activations.Activation;

class HscoBenchTest {

  private static final ImageData DATA = ImageData.generated(160, 30, 1);

  /** Few networks, so that the evolution soon finds nothing new; all cost about the same. */
  private static final LayeredSpace SPACE =
      LayeredSpace.named("few", DATA.shape(), DATA.classes())
          .stem(new ConvBnAct(3, 4, 4, Activation.RELU))
          .choice("a", new ShuffleUnit(3, 1, 8, 1), new ShuffleUnit(3, 0.5, 8, 1))
          .choice(
              "b",
              new ShuffleUnit(3, 1, 8, 1),
              new ShuffleUnit(5, 0.5, 8, 1),
              new ShuffleXception(1, 8, 1),
              new SkipConnect(8, 1))
          .build();

  private static final LatencyTable TABLE =
      LatencyTable.of(SPACE, 1, new double[][] {{0.01, 0}, {0.01, 0.005, 0.01, 0}});

  @TempDir private Path dir;

  private static List<String> results(String said) {
    return said.lines().filter(line -> line.startsWith("RESULT ")).toList();
  }

  private String run(double minutes) throws IOException {
    ResultsFolder folder = new ResultsFolder(dir);
    ShortTraining training = new ShortTraining(ExperimentImages.of(DATA, 160), SPACE, 1, folder);
    SearchValue.Settings settings =
        new SearchValue.Settings(
            List.of(0.8),
            List.of(new SearchMethod("hsconas", "default", 4, "")),
            List.of(1L),
            2,
            minutes);
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      new HscoBench(settings, 3, training, TABLE, folder, System.nanoTime()).run();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private List<String> lines(String file) throws IOException {
    return Files.readAllLines(dir.resolve(file));
  }

  @Test
  @Tag("slow")
  void ranksNetworksBeforeAndAfterNarrowingAndKeepsAll() throws IOException {
    assertThat(run(1e-6)).contains("left out: the search at 1.0");
    String first = run(60);
    assertThat(results(first))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("\"stage\":0", "\"networks\":3", "\"tau\":", "\"low\":", "\"high\":"))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("\"method\":\"hsconas (4 steps)\"", "\"found_acc\":", "\"rank\":"));
    assertThat(first)
        .contains("stage 0: \n", "stage 1: b [")
        .containsPattern("stage 1: b \\[(\\w+ ?)+\\]")
        .doesNotContain("left out");
    assertThat(lines("searches.jsonl")).hasSize(2);
    List<String> scored = lines("supernet-scores.jsonl");
    assertThat(scored).hasSizeGreaterThanOrEqualTo(1 + 2 * 3);
    assertThat(scored.get(1)).contains("\"stage\":0", "\"number\":0", "\"supernet_acc\":");
    // What is known is not computed again, and said again.
    List<String> trained = lines("trainings.jsonl");
    String second = run(60);
    assertThat(lines("trainings.jsonl")).isEqualTo(trained);
    assertThat(lines("supernet-scores.jsonl")).isEqualTo(scored);
    assertThat(results(second)).isEqualTo(results(first));
  }

  @Test
  @Tag("slow")
  void aSearchThatWasEndedGoesOn() throws IOException {
    List<String> whole = results(run(60));
    List<String> scored = lines("supernet-scores.jsonl");
    // Killed before its result was kept.
    Files.delete(dir.resolve("searches.jsonl"));
    String rest = run(60);
    assertThat(rest).contains("stage 1: ").doesNotContain("stage 0: ");
    assertThat(results(rest)).isEqualTo(whole);
    assertThat(lines("supernet-scores.jsonl")).isEqualTo(scored);
    // Killed while its supernet was trained: the stage before may not be the last.
    Files.delete(dir.resolve("searches.jsonl"));
    Files.delete(dir.resolve("trainings.jsonl"));
    assertThat(run(1e-6))
        .contains("left out: the search at 1.0")
        .doesNotContain("left out: training ");
  }
}
