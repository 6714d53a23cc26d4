package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.compress.Domino;

class DominoBenchTest {

  @AfterEach
  void forget() {
    List.of("method", "preset", "network").forEach(System::clearProperty);
  }

  private static DominoOutcome outcome(String method, long seed, double accuracy) {
    return outcome(method, seed, accuracy, 1.5, null, null);
  }

  static DominoOutcome outcome(
      String method,
      long seed,
      double accuracy,
      double millis,
      @Nullable Double predicted,
      @Nullable DominoCheck check) {
    DominoOutcome.Key key = new DominoOutcome.Key("problem", method, "lite", seed);
    return new DominoOutcome(
        key, 80, accuracy, 2, millis, 1, 0.03, 1e-7, predicted, check, "none-all", 60);
  }

  @Test
  void methodsAndPresetsAreChosenByName() {
    System.setProperty("method", "narrow,domino");
    System.setProperty("preset", "lite");
    DominoBench.Settings settings = DominoBench.Settings.ofProperties();
    assertThat(settings.methods()).containsExactly(DominoMethod.NARROW, DominoMethod.DOMINO);
    assertThat(settings.presets()).containsExactly(Domino.Preset.LITE);
    System.setProperty("method", "wide");
    assertThatIllegalArgumentException()
        .isThrownBy(DominoBench.Settings::ofProperties)
        .withMessage(
            "There is no method 'wide'.\n"
                + "Maybe give -Dmethod=domino,slope,random,narrow,unmerged,promax.");
    System.setProperty("method", "domino");
    System.setProperty("network", "vgg");
    assertThatIllegalArgumentException()
        .isThrownBy(DominoBench.Settings::ofProperties)
        .withMessage(
            "There is no network 'vgg'.\n"
                + "Maybe give -Dnetwork=mobilenetv2 or -Dnetwork=resnet20.");
    System.clearProperty("network");
    System.setProperty("preset", "huge");
    assertThatIllegalArgumentException()
        .isThrownBy(DominoBench.Settings::ofProperties)
        .withMessage("There is no preset 'huge'.\nMaybe give -Dpreset=lite,moderate,aggressive.");
  }

  @Test
  void outcomesAreReadBack(@TempDir Path folder) throws IOException {
    DominoOutcome outcome = outcome("domino", 1, 78.5);
    Path file = folder.resolve("domino.jsonl");
    ResultsFile.open(file, new DominoOutcome.Format()).add(outcome);
    DominoOutcome more =
        outcome("domino", 2, 78, 1.4, 1.35, new DominoCheck(1000, 1e-7, 3e-7, 2e-7, 1e-7));
    ResultsFile.open(file, new DominoOutcome.Format()).add(more);
    assertThat(ResultsFile.open(file, new DominoOutcome.Format()).all())
        .containsExactly(outcome, more);
  }

  /** As it was written before predictions and checks were kept. */
  @Test
  void outcomesOfOlderProgramsAreRead(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("domino.jsonl");
    Files.writeString(
        file,
        """
        {"format":1,"kind":"linear blocks"}
        {"problem":"problem","method":"domino","preset":"lite","seed":1,"acc_before":80.0,\
        "acc_after":78.5,"ms_before":2.0,"ms_after":1.5,"ms_reachable":1.0,"reference_ms":0.03,\
        "error":1.0E-7,"network":"none-all","seconds":60.0}
        """);
    assertThat(ResultsFile.open(file, new DominoOutcome.Format()).all())
        .containsExactly(outcome("domino", 1, 78.5));
    // Half of a check is none.
    Files.writeString(
        file,
        Files.readString(file).replace("\"error\":1.0E-7", "\"error\":1.0E-7,\"images\":1000"));
    assertThatThrownBy(() -> ResultsFile.open(file, new DominoOutcome.Format()))
        .isInstanceOf(ResultsFileException.class)
        .hasMessageContaining("'error_dl4j' must be a number of at least 0, but is missing.");
  }

  @Test
  void rivalsAreComparedWithDominoOfTheSameSeed() {
    String text =
        printed(
            List.of(
                outcome("domino", 1, 78),
                outcome("domino", 2, 70),
                outcome("random", 1, 76),
                outcome("random", 2, 69),
                outcome("slope", 3, 99)));
    assertThat(text)
        .contains(
            "lite: domino - random: median +1.50 points (+1.00 to +2.00, 2 pairs) at 1.00 of its"
                + " latency")
        .doesNotContain("domino - slope")
        .doesNotContain("domino - domino")
        .contains("RESULT {\"method\":\"slope\",\"preset\":\"lite\",\"seed\":3,");
  }

  @Test
  void whatMergingPromisesIsJudged() {
    DominoCheck check = new DominoCheck(1000, 1e-7, 3e-7, 2e-7, 1e-7);
    List<DominoOutcome> good =
        List.of(
            outcome("domino", 1, 78, 1.5, 1.4, check),
            outcome("random", 1, 78, 1.4, 1.5, new DominoCheck(1200, 2e-7, 2e-7, 9e-7, 1e-7)),
            outcome("unmerged", 1, 78, 2, null, null));
    assertThat(printed(good))
        .contains(
            "kept: merged networks differ from grafted ones by at most 2.0e-07 in DL4J and 3.0e-07"
                + " in ONNX Runtime, merged maps by 9.0e-07 at borders and 1.0e-07 inside (limit"
                + " 1e-05, 2 outcomes, at least 1,000 images each)\n",
            "kept: merged networks were measured at +7.1 % of their prediction at most (2"
                + " outcomes; allowed +10 %)\n",
            "kept: merged networks take 0.75 of the time of unmerged ones at most (1 outcomes)\n")
        .contains("\"ms_predicted\":1.4,", "\"error_onnx\":3.0E-7,", "\"error_border\":null,");
    List<DominoOutcome> bad =
        List.of(
            outcome("domino", 1, 78, 1.5, 1.3, new DominoCheck(1000, 1e-7, Double.NaN, 0, 0)),
            outcome("unmerged", 1, 78, 1.4, null, null));
    assertThat(printed(bad))
        .contains(
            "NOT KEPT: merged networks differ from grafted ones by at most 1.0e-07 in DL4J and NaN",
            "NOT KEPT: merged networks were measured at +15.4 % of",
            "NOT KEPT: merged networks take 1.07 of the time");
    assertThat(new DominoCheck(1000, 0, 0, 2e-5, 0).holds()).isFalse();
    assertThat(new DominoCheck(1000, 2e-5, 0, 0, 0).holds()).isFalse();
    assertThat(new DominoCheck(1000, 0, 0, 0, 2e-5).holds()).isFalse();
    assertThat(printed(List.of(outcome("narrow", 1, 70)))).doesNotContain("kept", "KEPT");
  }

  @Test
  void thePageComparesAtTheSameLatency() {
    DominoCheck check = new DominoCheck(1000, 1e-7, 3e-7, 2e-7, 1e-7);
    String page =
        DominoPage.of(
                "cifar10 in short",
                List.of(
                    outcome("domino", 1, 78, 1.5, 1.4, check),
                    outcome("narrow", 1, 74, 1.4, null, null),
                    outcome("unmerged", 1, 78, 1.9, null, null)))
            .html();
    assertThat(page)
        .contains("Domino and its rivals", "cifar10 in short", "Accuracy over latency")
        .contains(">original<", ">domino<", ">narrow<")
        .contains("<td>narrow</td><td class=\"n\">1</td><td class=\"n\">+4.00</td>")
        .contains("<td class=\"n\">1.07</td>")
        .contains("78.00 %", "-2.00", "1.500 ms", "0.75")
        .contains("1,000", "1.0e-07", "3.0e-07", "1.400 ms", "1.900 ms")
        .contains("verdict good", "by at most 1.0e-07 in DL4J");
    assertThat(DominoPage.of("old", List.of(outcome("domino", 1, 78))).html())
        .doesNotContain("What merging changed");
  }

  private static String printed(List<DominoOutcome> outcomes) {
    PrintStream out = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      DominoTable.print(outcomes);
    } finally {
      System.setOut(out);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
