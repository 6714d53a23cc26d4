package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.data.ImageData;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;

class BteBenchTest {

  private static final ImageData DATA = ImageData.generated(160, 30, 1);

  private static final LayeredSpace SPACE =
      LayeredSpace.named("few", DATA.shape(), DATA.classes())
          .stem(new ConvBnAct(3, 4, 4))
          .choice("a", new MbConv(3, 2, 8, 1), new MbConv(5, 2, 8, 1))
          .choice("b", new MbConv(3, 2, 8, 1), new MbConv(5, 1, 8, 1), new SkipConnect(8, 1))
          .build();

  private static final LatencyTable TABLE =
      LatencyTable.of(SPACE, 1, new double[][] {{0.01, 0}, {0.01, 0.005, 0}});

  @TempDir private Path dir;

  @AfterEach
  void clear() {
    System.clearProperty("proxy");
  }

  private String run(double minutes, List<Long> seeds) throws IOException {
    ResultsFolder folder = new ResultsFolder(dir);
    ShortTraining training = new ShortTraining(ExperimentImages.of(DATA, 160), SPACE, 1, folder);
    BenchProxies proxies =
        new BenchProxies(BenchProxies.NAMES, List.of(2L, 4L), 0.05, training, folder);
    BteBench.Settings settings = new BteBench.Settings(List.of(0.5), 4, seeds, minutes);
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      new BteBench(settings, training, TABLE, proxies, System.nanoTime()).run();
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
  void ranksProxiesAgainstTrainingsAndKeepsAll() throws IOException {
    assertThat(run(1e-6, List.of(1L, 2L))).contains("left out: training").doesNotContain("RESULT");
    String first = run(60, List.of(1L, 2L));
    assertThat(first).doesNotContain("left out");
    List<String> results = results(first);
    assertThat(results).hasSize(8);
    assertThat(results.get(0))
        .contains("\"networks\":4", "\"proxy\":\"label\"", "\"batches\":2", "\"cost\":1.0");
    // An epoch has two batches of 64.
    assertThat(results.get(1)).contains("\"proxy\":\"bte\",\"batches\":2", "\"cost\":1.0");
    assertThat(results.get(2)).contains("\"proxy\":\"bte\",\"batches\":4", "\"cost\":2.0");
    assertThat(results.get(3)).contains("\"proxy\":\"params\"", "\"cost\":0.0", "\"seconds\":");
    assertThat(results.get(7))
        .contains("\"proxy\":\"naswot\"", "\"cost\":0.5", "\"tau_one\":", "\"tau_low\":");
    List<String> scored = Files.readAllLines(dir.resolve("proxies.jsonl"));
    assertThat(scored).hasSize(1 + 4 * 7);
    assertThat(scored.get(1)).contains("\"proxy\":\"bte 2 falling rate 0.05\"", "\"seed\":1001");
    // What is known is not computed again, and said again.
    assertThat(results(run(60, List.of(1L, 2L)))).isEqualTo(results);
    assertThat(Files.readAllLines(dir.resolve("proxies.jsonl"))).isEqualTo(scored);
    assertThat(Files.readAllLines(dir.resolve("trainings.jsonl"))).hasSize(1 + 4 * 2);
  }

  @Test
  void refusesNonsense() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BteBench.Settings(List.of(0.5), 4, List.of(1L), 1))
        .withMessage(
            "Labels are compared with themselves by at least 2 seeds, but -Dseeds is [1].\n"
                + "Maybe give -Dseeds=1,2.");
    System.setProperty("proxy", "guess");
    assertThatIllegalArgumentException()
        .isThrownBy(BteBench::main)
        .withMessage(
            "There is no proxy 'guess'.\n"
                + "Maybe give -Dproxy=bte,params,macs,gradnorm,synflow,naswot.");
    ResultsFolder folder = new ResultsFolder(dir);
    ShortTraining training = new ShortTraining(ExperimentImages.of(DATA, 160), SPACE, 1, folder);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BenchProxies(List.of("bte"), List.of(0L), 1, training, folder))
        .withMessage("An estimate is of 1 to 100,000 batches, but -Dbatches holds 0.");
  }
}
