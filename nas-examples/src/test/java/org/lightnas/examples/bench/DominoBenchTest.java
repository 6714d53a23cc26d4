package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
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
    DominoOutcome.Key key = new DominoOutcome.Key("problem", method, "lite", seed);
    return new DominoOutcome(key, 80, accuracy, 2, 1.5, 1, 0.03, 1e-7, "none-all", 60);
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
                + "Maybe give -Dmethod=domino,slope,random,narrow,unmerged.");
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
    assertThat(ResultsFile.open(file, new DominoOutcome.Format()).all()).containsExactly(outcome);
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
        .contains("lite: domino - random: median +1.50 points (+1.00 to +2.00, 2 pairs)")
        .doesNotContain("domino - slope")
        .doesNotContain("domino - domino")
        .contains("RESULT {\"method\":\"slope\",\"preset\":\"lite\",\"seed\":3,");
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
