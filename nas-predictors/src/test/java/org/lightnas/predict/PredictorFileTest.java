package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

class PredictorFileTest {

  private static final ChoiceSpace PAIR = Spaces.plain("pair", 2, 3);
  private static final Path GOLDEN = Path.of("src/test/resources/golden/predictors-v1");

  @TempDir Path folder;

  /** One of each kind, with numbers that no training could change. */
  private static Map<String, Predictor> golden() {
    Map<String, Predictor> predictors = new LinkedHashMap<>();
    LatencyTable table =
        new LatencyTable(
            PAIR,
            1.25,
            new double[] {0, 0.1, 0.3, 0, 1e-3},
            "paper device, batch 1",
            0.5,
            new PredictorReport(
                2, List.of(new PredictorReport.Pair(1, 1.1), new PredictorReport.Pair(2, 1.9))));
    predictors.put("table", table);
    predictors.put(
        "table-by-hand", LatencyTable.of(PAIR, 1, new double[][] {{0, 0.5}, {2, -0.25, 0.125}}));
    predictors.put(
        "mlp",
        new MlpPredictor(model(MlpPredictor.net(PAIR, 3, 2), "paper device, batch 1"), null, 3, 2));
    predictors.put(
        "gnn", new GnnPredictor(model(new GnnNet(new ChoiceGraph(PAIR), 2, 1), null), null));
    predictors.put("reachable", new ReachablePredictor(table, null));
    return predictors;
  }

  private static NetModel model(Net net, @org.jspecify.annotations.Nullable String fingerprint) {
    double[] theta = new double[net.parameters()];
    for (int i = 0; i < theta.length; i++) {
      theta[i] = (i * 5 % 11 - 4) / 7.0;
    }
    return new NetModel(PAIR, net, theta, new NetModel.Scale(3, 0.7, 0.4), fingerprint, 0);
  }

  /** Writes the golden files of a new format; run by hand, from the module's folder. */
  public static void main(String[] args) throws IOException {
    for (Map.Entry<String, Predictor> entry : golden().entrySet()) {
      PredictorFile.write(entry.getValue(), GOLDEN.resolve(entry.getKey() + ".json"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "table-by-hand", "mlp", "gnn", "reachable"})
  void readsAndWritesWhatFormat1Wrote(String name) throws IOException {
    Predictor expected = golden().get(name);
    Path file = GOLDEN.resolve(name + ".json");
    Predictor read = PredictorFile.read(file, PAIR);
    assertThat(read).hasToString(expected.toString());
    assertThat(read.fingerprint()).isEqualTo(expected.fingerprint());
    for (int i = 0; i < 6; i++) {
      Architecture a = PAIR.architecture(i % 2, i / 2);
      assertThat(read.predict(a)).isEqualTo(expected.predict(a)).isPositive();
    }
    Path again = folder.resolve("again.json");
    PredictorFile.write(read, again);
    assertThat(again).hasSameTextualContentAs(file);
  }

  @Test
  void tablesKeepTheirReport() throws IOException {
    assertThat(PredictorFile.read(GOLDEN.resolve("table.json"), PAIR))
        .isEqualTo(golden().get("table"));
  }

  @Test
  @Tag("slow")
  void fittedPredictorsAreReadBackBitForBit() throws IOException {
    Profile profile = Cell.profile(Cell::lean, 0.02, 0, 40, 1);
    Path file = folder.resolve("predictor.json");
    for (PredictorFamily family :
        List.of(LatencyTable.family().reachable(), MlpPredictor.family(8), GnnPredictor.family())) {
      Predictor fitted = family.fit(profile);
      PredictorFile.write(fitted, file);
      Predictor read = PredictorFile.read(file, Cell.SPACE);
      for (Architecture a : Cell.sample(50, new Random(1))) {
        assertThat(read.predict(a)).isEqualTo(fitted.predict(a));
      }
    }
  }

  @Test
  void refusesAnotherSpaceNamingBoth() {
    ChoiceSpace other = Spaces.plain("other", 2, 3);
    assertProblem(
        GOLDEN.resolve("mlp.json"),
        other,
        3,
        "the predictor is of space 'pair: c0 a0|a1, c1 a0|a1|a2', not of 'other: c0 a0|a1, c1"
            + " a0|a1|a2'.\nMaybe fit one for this space, or load it with its own.");
  }

  @Test
  void refusesNewerFormatsNamingBoth() throws IOException {
    assertProblem(
        changed("mlp", "\"format\" : 1", "\"format\" : 2"),
        2,
        "the file is of format 2, but this version of the library reads format 1.\n"
            + "Maybe update the library.");
    assertProblem(
        changed("mlp", "\"format\" : 1", "\"format\" : \"x\""),
        2,
        "expected a number 'format' of at least 1.\nMaybe this is another file.");
  }

  @Test
  void refusesWhatIsNoPredictor() throws IOException {
    assertProblem(
        Files.writeString(folder.resolve("list.json"), "[1]"),
        1,
        "expected a predictor as JSON.\nMaybe this is another file.");
    assertThatThrownBy(
            () ->
                PredictorFile.read(
                    Files.writeString(folder.resolve("cut.json"), "{\n\"format\": 1,\n"), PAIR))
        .isInstanceOfSatisfying(
            PredictorFileException.class, e -> assertThat(e.line()).isGreaterThan(1))
        .hasMessageContaining("expected a predictor as JSON, but ")
        .hasMessageEndingWith("\nMaybe the file was damaged or edited: fetch a whole copy.");
  }

  @Test
  void aChangedNumberIsFound() throws IOException {
    assertThatThrownBy(() -> PredictorFile.read(changed("mlp", "3.0", "3.1"), PAIR))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageContaining("the sum is '")
        .hasMessageContaining("', but the rest makes '");
  }

  @Test
  void numbersThatDoNotFitAreRefusedEvenWithARightSum() throws IOException {
    assertInside("mlp", "\"deviation_ms\" : 0.7", "\"deviation_ms\" : 0.0", "A scale needs");
    assertInside(
        "mlp",
        "\"deviation_ms\" : 0.7",
        "\"deviation_ms\" : \"x\"",
        "'deviation_ms' must be finite numbers, but one is \"x\".");
    assertInside(
        "mlp",
        "\"hidden\" : [ 3, 2 ]",
        "\"hidden\" : [ ]",
        "'hidden' must hold 1 to 100 sizes, but holds 0.");
    assertInside(
        "mlp",
        "\"hidden\" : [ 3, 2 ]",
        "\"hidden\" : [ 3, 9999 ]",
        "'hidden' must be whole numbers from 1 to 4096, but one is 9999.");
    assertInside(
        "mlp",
        "\"hidden\" : [ 3, 2 ]",
        "\"hidden\" : [ 3, 1 ]",
        "'parameters' must hold 24 numbers, but holds 29.");
    assertInside(
        "gnn",
        "\"kind\" : \"gnn\"",
        "\"kind\" : \"x\"",
        "the kind of predictor must be table, mlp, gnn or reachable, but is 'x'.");
    assertInside(
        "table", "\"constant_ms\" : 1.25", "\"constant_ms\" : -9.0", "The table of space 'pair'");
  }

  /** Counts that would wrap around, sums that are no numbers any more, texts of several lines. */
  @Test
  void whatOnlyAForgerWritesIsRefusedToo() throws IOException {
    assertInside(
        "mlp",
        "\"hidden\" : [ 3, 2 ]",
        "\"hidden\" : [ 3" + ", 4096".repeat(100) + " ]",
        "'hidden' must hold 1 to 100 sizes, but holds 101.");
    assertInside(
        "gnn",
        "\"width\" : 2,\n    \"layers\" : 1",
        "\"width\" : 4096,\n    \"layers\" : 4096",
        "4096 layers of width 4096 are more than any net of ours has.");
    assertInside(
        "mlp", "\"deviation_ms\" : 0.7", "\"deviation_ms\" : 1.7e308", "the net predicts ");
    assertInside(
        "table",
        "[ 1.0, 2.0 ]",
        "[ 0.0, 2.0 ]",
        "A report needs positive latencies and finite predictions, but got Pair[measured=0.0,"
            + " predicted=1.1].");
    assertInside(
        "table",
        "\"reference_ms\" : ",
        "\"reference_ms\" : -",
        "'reference_ms' must not be negative, but is -");
    assertInside(
        "table",
        "\"fingerprint\" : \"",
        "\"fingerprint\" : \"two\\n",
        "the fingerprint must be one line of text, but is 'two\n");
  }

  @Test
  void damageIsNeverTakenForAPredictor() throws IOException {
    Random random = new Random(4);
    for (int trial = 0; trial < 400; trial++) {
      String name = List.copyOf(golden().keySet()).get(trial % 5);
      Path file = folder.resolve("damaged.json");
      Files.copy(
          GOLDEN.resolve(name + ".json"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      Mutations.apply(file, random, 1 + trial % 3);
      try {
        Predictor read = PredictorFile.read(file, PAIR);
        // White space, or another way to write the same number.
        for (int i = 0; i < 6; i++) {
          Architecture a = PAIR.architecture(i % 2, i / 2);
          assertThat(read.predict(a)).isEqualTo(golden().get(name).predict(a));
        }
      } catch (PredictorFileException e) {
        assertThat(e.line()).isPositive();
        assertThat(e.file()).isEqualTo(file);
      }
    }
  }

  @Test
  void refusesToWriteWhatItCouldNotRead() {
    assertThatThrownBy(
            () ->
                PredictorFile.write(
                    Predictor.of(PAIR, Metric.LATENCY, a -> 1), folder.resolve("x.json")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be written.\nMaybe write what it was fitted on");
    assertThat(folder.resolve("x.json")).doesNotExist();
  }

  private Path changed(String name, String from, String to) throws IOException {
    String text = Files.readString(GOLDEN.resolve(name + ".json"));
    assertThat(text).contains(from);
    return Files.writeString(
        folder.resolve("changed.json"),
        text.substring(0, text.indexOf(from))
            + to
            + text.substring(text.indexOf(from) + from.length()));
  }

  /** Changes a file and mends its sum, by the sum that the refusal names. */
  private void assertInside(String name, String from, String to, String problem)
      throws IOException {
    Path file = changed(name, from, to);
    String text = Files.readString(file);
    String message = "";
    try {
      PredictorFile.read(file, PAIR);
    } catch (PredictorFileException e) {
      message = String.valueOf(e.getMessage());
    }
    String right = message.replaceAll("(?s).*rest makes '(\\w+)'.*", "$1");
    Files.writeString(
        file, text.replaceAll("\"crc32\" : \"\\w+\"", "\"crc32\" : \"" + right + "\""));
    assertThatThrownBy(() -> PredictorFile.read(file, PAIR))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageContaining(problem);
  }

  private void assertProblem(Path file, int line, String problem) {
    assertProblem(file, PAIR, line, problem);
  }

  private static void assertProblem(Path file, ChoiceSpace space, int line, String problem) {
    assertThatThrownBy(() -> PredictorFile.read(file, space))
        .isInstanceOf(PredictorFileException.class)
        .hasMessage("File '" + file + "', line " + line + ": " + problem);
  }
}
