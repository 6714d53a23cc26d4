package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.data.ImageData;
import org.lightnas.internal.Seeds;
import org.lightnas.predict.Profile;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.zoo.NasBench201Space;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class Nb201OneShotTest {

  private static final NasBench201Space SPACE = new NasBench201Space();
  private static final Map<Architecture, Double> ACCURACIES = new HashMap<>();
  private static final Map<Architecture, String> INDICES = new HashMap<>();
  private static final Map<Architecture, Double> LATENCIES = new LinkedHashMap<>();

  static {
    int[] picks = new int[6];
    for (int i = 0; i < 15_625; i++) {
      int rest = i;
      double cost = 1;
      for (int l = 0; l < 6; l++, rest /= 5) {
        picks[l] = rest % 5;
        cost += picks[l] >= 2 ? picks[l] : 0.1 * picks[l];
      }
      Architecture cell = SPACE.architecture(picks);
      INDICES.put(cell, Integer.toString(i));
      ACCURACIES.put(cell, 50 + cost);
      LATENCIES.put(cell, cost);
    }
  }

  @TempDir private Path dir;

  @AfterEach
  void clear() {
    List.of("method", "bounded", "quantile", "steps").forEach(System::clearProperty);
  }

  private static ListDataSetIterator<DataSet> noise(int count) {
    Nd4j.getRandom().setSeed(Seeds.derive(1, "noise", count));
    DataSet all = new DataSet(Nd4j.rand(count, 3, 32, 32), Nd4j.zeros(count, 10));
    for (int i = 0; i < count; i++) {
      all.getLabels().putScalar(i, i % 10, 1);
    }
    return new ListDataSetIterator<>(List.of(all), count);
  }

  private String run(double minutes) throws IOException {
    ImageData data = ImageData.of("noise", noise(160), noise(20));
    Nb201OneShot.Settings settings =
        new Nb201OneShot.Settings(
            List.of("surgenas", "lightnas"),
            List.of(1L),
            List.of(false, true),
            "synthetic",
            40,
            30,
            2,
            3,
            2,
            minutes);
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      new Nb201OneShot(
              settings,
              ExperimentImages.of(data, 160),
              TabularEvaluator.of("truth", SPACE, ACCURACIES),
              INDICES,
              Profile.of(SPACE, "synthetic", LATENCIES),
              new ResultsFolder(dir),
              System.nanoTime())
          .run();
    } finally {
      System.setOut(console);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static List<String> results(String printed) {
    return printed.lines().filter(line -> line.startsWith("RESULT ")).toList();
  }

  @Test
  void searchesJudgesKeepsAndSaysAll() throws IOException {
    assertThat(run(1e-6))
        .contains("4 of 4 runs are missing", "left out: surgenas (2 steps), seed 1, device none");
    String first = run(60);
    assertThat(first).doesNotContain("left out");
    assertThat(results(first))
        .hasSize(4)
        .allSatisfy(
            line ->
                assertThat(line)
                    .contains("\"true_acc\":", "\"tau\":", "\"minutes\":", "\"arch_idx\":\"")
                    .contains("\"violated\":false"))
        .filteredOn(line -> line.contains("\"bounded\":true"))
        .hasSize(2)
        .allSatisfy(
            line -> assertThat(line).contains("\"device\":\"synthetic\"", "\"latency_ms\":"));
    List<String> kept = Files.readAllLines(dir.resolve("nb201-oneshot.jsonl"));
    assertThat(kept).hasSize(5);
    String second = run(60);
    assertThat(second).contains("0 of 4 runs are missing");
    assertThat(results(second)).isEqualTo(results(first));
    assertThat(Files.readAllLines(dir.resolve("nb201-oneshot.jsonl"))).isEqualTo(kept);
  }

  @Test
  void readsAndChecksItsOptions() {
    Nb201OneShot.Settings settings = Nb201OneShot.Settings.ofProperties();
    assertThat(settings.methods()).containsExactly("surgenas", "lightnas");
    assertThat(settings.bounded()).containsExactly(false, true);
    assertThat(settings.seeds()).containsExactly(1L, 2L, 3L);
    System.setProperty("method", "darts");
    assertThatIllegalArgumentException()
        .isThrownBy(Nb201OneShot.Settings::ofProperties)
        .withMessage("There is no method 'darts'.\nMaybe give -Dmethod=surgenas,lightnas.");
    System.setProperty("method", "surgenas");
    System.setProperty("bounded", "maybe");
    assertThatIllegalArgumentException()
        .isThrownBy(Nb201OneShot.Settings::ofProperties)
        .withMessage(
            "A search is bounded or not, but -Dbounded has 'maybe'.\n"
                + "Maybe give -Dbounded=false,true.");
    System.setProperty("bounded", "true");
    System.setProperty("quantile", "101");
    assertThatIllegalArgumentException()
        .isThrownBy(Nb201OneShot.Settings::ofProperties)
        .withMessage("A quantile is at most 100 percent, but -Dquantile is 101.");
  }

  @Test
  void namesTheDevicesThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nb201OneShot.profile(Map.of(), "abacus"))
        .withMessage("There is no device 'abacus', only [].\nMaybe give -Ddevice=2080ti_32.");
  }
}
