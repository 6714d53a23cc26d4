package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
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

  /** Costs are multiples of 0.1, and results are printed to four digits. */
  private static final Offset<Double> ROUNDED = within(1e-3);

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
    return run(
        new OneShotSettings(
            List.of("surgenas", "lightnas"),
            List.of(1L),
            List.of(false, true),
            "synthetic",
            40,
            30,
            2,
            64,
            0.1,
            3,
            2,
            minutes));
  }

  /** A bounded search by LightNAS alone. */
  private String run(int quantile, int samples) throws IOException {
    return run(
        new OneShotSettings(
            List.of("lightnas"),
            List.of(1L),
            List.of(true),
            "synthetic",
            quantile,
            samples,
            2,
            64,
            0.1,
            3,
            2,
            60));
  }

  private String run(OneShotSettings settings) throws IOException {
    ImageData data = ImageData.of("noise", noise(160), noise(20));
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

  private static JsonNode result(String printed) throws IOException {
    return new ObjectMapper().readTree(results(printed).get(0).substring("RESULT ".length()));
  }

  private static List<String> results(String printed) {
    return printed.lines().filter(line -> line.startsWith("RESULT ")).toList();
  }

  @Test
  @Tag("slow")
  void searchesJudgesKeepsAndSaysAll() throws IOException {
    assertThat(run(1e-6))
        .contains(
            "4 of 4 runs are missing",
            "left out: surgenas (2 steps of 64 at 0.1), seed 1, device none");
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

  /** Of cells within the bound the costliest are best here, and a tenth of all exceeds them. */
  @Test
  @Tag("slow")
  void boundedSearchesAreComparedWithWhatIsWithinTheBound() throws IOException {
    String printed = run(40, 30);
    JsonNode result = result(printed);
    double bound = result.get("bound_ms").doubleValue();
    double[] within =
        LATENCIES.values().stream()
            .mapToDouble(Double::doubleValue)
            .filter(latency -> latency <= bound)
            .sorted()
            .toArray();
    int ninetieth = (int) Math.ceil(0.9 * within.length) - 1;
    double found = result.get("latency_ms").doubleValue();
    assertThat(result.get("cells_within").intValue()).isEqualTo(within.length).isLessThan(8000);
    assertThat(result.get("best_within").doubleValue()).isEqualTo(50 + bound, ROUNDED);
    assertThat(result.get("ninetieth_within").doubleValue())
        .isEqualTo(50 + within[ninetieth], ROUNDED);
    assertThat(result.get("better_cells").longValue())
        .isEqualTo(Arrays.stream(within).filter(other -> other > found + 1e-9).count());
    assertThat(result.get("above_ninetieth_within").booleanValue())
        .isEqualTo(found >= within[ninetieth]);
    assertThat(result.get("above_ninetieth").booleanValue()).isFalse();
    assertThat(printed)
        .contains("a tenth has %", "of all %", "best %")
        .contains(String.format(Locale.ROOT, "%.2f", 50 + within[ninetieth]));
  }

  /** One folder of results holds runs for every bound and predictor, finished ones too. */
  @Test
  @Tag("slow")
  void everyBoundAndPredictorHasItsOwnSearch() throws IOException {
    assertThat(run(40, 30)).contains("1 of 1 runs are missing");
    assertThat(run(70, 30)).contains("1 of 1 runs are missing").doesNotContain("left out");
    assertThat(run(40, 20)).contains("1 of 1 runs are missing").doesNotContain("left out");
    assertThat(run(40, 30)).contains("0 of 1 runs are missing");
    assertThat(Files.readAllLines(dir.resolve("nb201-oneshot.jsonl"))).hasSize(4);
  }

  @Test
  void linesThatDoNotTellTheSamplesAreOfTheDefault() throws IOException {
    Path file = dir.resolve("runs.jsonl");
    ResultsFile<OneShotRun> runs = ResultsFile.open(file, new OneShotRun.Format());
    for (double bound : new double[] {0, 2.5}) {
      OneShotRun.Key key =
          new OneShotRun.Key("noise", "lightnas", "proxy", "synthetic", bound, 7, 3, 1);
      runs.add(new OneShotRun(key, "4", bound, 90, 0.5, 0.4, 0.6, 2));
    }
    assertThat(samples(file)).containsExactly(7, 7);
    Files.writeString(file, Files.readString(file).replace("\"samples\":7,", ""));
    assertThat(samples(file)).containsExactly(0, 100);
  }

  private static List<Integer> samples(Path file) throws IOException {
    return ResultsFile.open(file, new OneShotRun.Format()).all().stream()
        .map(run -> run.key().samples())
        .toList();
  }

  @Test
  @Tag("slow")
  void aSearchThatGoesOnAddsUpItsTime() throws IOException {
    run(40, 30);
    Files.delete(dir.resolve("nb201-oneshot.jsonl"));
    Path state;
    try (Stream<Path> all = Files.list(dir)) {
      state = all.filter(Files::isDirectory).toList().get(0);
    }
    assertThat(Double.parseDouble(Files.readString(state.resolve("seconds.txt")).strip()))
        .isBetween(0.0, 600.0);
    Files.writeString(state.resolve("seconds.txt"), "1200.0\n");
    assertThat(result(run(40, 30)).get("minutes").doubleValue()).isBetween(20.0, 30.0);
    Files.writeString(state.resolve("seconds.txt"), "soon\n");
    Path damaged = state.resolve("seconds.txt");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SpentTime.in(state))
        .withMessage(
            "'"
                + damaged
                + "' must hold the seconds that a search took so far, but holds 'soon'.\n"
                + "Maybe delete it: that time is then not counted.");
  }

  @Test
  void readsAndChecksItsOptions() {
    OneShotSettings settings = OneShotSettings.ofProperties();
    assertThat(settings.methods()).containsExactly("surgenas", "lightnas");
    assertThat(settings.bounded()).containsExactly(false, true);
    assertThat(settings.seeds()).containsExactly(1L, 2L, 3L);
    System.setProperty("method", "darts");
    assertThatIllegalArgumentException()
        .isThrownBy(OneShotSettings::ofProperties)
        .withMessage(
            "There is no method 'darts'.\nMaybe give -Dmethod=surgenas,lightnas,surgenas-mapped.");
    System.setProperty("method", "surgenas");
    System.setProperty("bounded", "maybe");
    assertThatIllegalArgumentException()
        .isThrownBy(OneShotSettings::ofProperties)
        .withMessage(
            "A search is bounded or not, but -Dbounded has 'maybe'.\n"
                + "Maybe give -Dbounded=false,true.");
    System.setProperty("bounded", "true");
    System.setProperty("quantile", "101");
    assertThatIllegalArgumentException()
        .isThrownBy(OneShotSettings::ofProperties)
        .withMessage("A quantile is at most 100 percent, but -Dquantile is 101.");
  }

  @Test
  void namesTheDevicesThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nb201OneShot.profile(Map.of(), "abacus"))
        .withMessage("There is no device 'abacus', only [].\nMaybe give -Ddevice=2080ti_32.");
  }
}
