package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Cost;
import org.lightnas.space.LayeredSpace;

class RiggedCollapseTest {

  private static final Map<String, String> SHORT =
      Map.of("seeds", "1,2", "steps", "4", "depth", "2", "epochs", "1", "images", "64");

  @AfterEach
  void clear() {
    SHORT.keySet().forEach(System::clearProperty);
    System.clearProperty("estimator");
  }

  @Test
  @Tag("slow")
  void saysTheShareOfSkipsWithAndWithoutMappings() {
    SHORT.forEach(System::setProperty);
    PrintStream console = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      RiggedCollapse.main();
    } finally {
      System.setOut(console);
    }
    String printed = bytes.toString(StandardCharsets.UTF_8);
    assertThat(printed).startsWith("RiggedCollapse: about ");
    List<String> results = printed.lines().filter(line -> line.startsWith("RESULT ")).toList();
    assertThat(results).hasSize(4);
    assertThat(results.get(0))
        .matches("RESULT .\"estimator\":\"PATHS\",\"seed\":1,\"identity\":true,\"skip_share\":.*");
    assertThat(results.get(3))
        .matches("RESULT .\"estimator\":\"PATHS\",\"seed\":2,\"identity\":false,\"skip_share\":.*");
  }

  /** Only skips are free; the others have no shortcut and a narrow place. */
  @Test
  void itsSpaceOffersSkipsAgainstOperationsThatLoseWhatTheyAreGiven() {
    ImageData images = ImageData.generated(20, 10, 1);
    LayeredSpace space = RiggedCollapse.space(images, 3);
    assertThat(space.choices()).hasSize(3);
    assertThat(space.choices().get(0).candidates().stream().map(candidate -> candidate.id()))
        .containsExactly("skip", "narrow3", "narrow5");
    assertThat(RiggedCollapse.shareOfSkips(space.architecture(0, 1, 0))).isEqualTo(2.0 / 3);
    assertThat(Cost.of(space.uniform(2)).macs()).isGreaterThan(Cost.of(space.uniform(0)).macs());
  }

  @Test
  void refusesOtherEstimators() {
    System.setProperty("estimator", "guesses");
    assertThatIllegalArgumentException()
        .isThrownBy(RiggedCollapse::main)
        .withMessage(
            "There is no estimator 'guesses'.\n"
                + "Maybe give -Destimator=paths or -Destimator=gates.");
  }

  @Test
  void refusesTrainingsWithoutEpochs() {
    System.setProperty("epochs", "0");
    assertThatIllegalArgumentException()
        .isThrownBy(RiggedCollapse::main)
        .withMessage(
            "-Depochs must be whole numbers of at least 1 separated by commas, but one is '0'.\n"
                + "Maybe give -Depochs=1,6.");
  }
}
