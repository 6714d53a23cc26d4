package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

class PublishedTableTest {

  private static final ChoiceSpace PAIR = Spaces.plain("pair", 2, 2);

  @TempDir Path folder;

  private record Named(String id) implements Candidate {}

  private record LightNas(String name, List<Choice> choices) implements ChoiceSpace {}

  @Test
  void thePublishedLightNetsTakeWhatTheTableSays() throws IOException {
    String data = System.getProperty("nas.data");
    assumeThat(data).as("published tables: give -Dnas.data=DIR").isNotNull();
    List<Candidate> operations =
        Stream.of("MBK3E3", "MBK3E6", "MBK5E3", "MBK5E6", "MBK7E3", "MBK7E6", "SkipConnect")
            .<Candidate>map(Named::new)
            .toList();
    ChoiceSpace space =
        new LightNas(
            "lightnas",
            IntStream.rangeClosed(1, 21)
                .mapToObj(l -> new Choice(String.valueOf(l), operations))
                .toList());
    LatencyTable table =
        LatencyTable.readPublished(
            Path.of(data, "lut", "lightnas_xavier_bs8_lut.csv"), space, 3.67638);
    // Of the LightNAS repository's README; the table's latencies stand beside it, to 0.001 ms.
    assertNet(table, 19.974, "-- 33 36 73 33 53 73 36 33 76 53 76 73 53 73 -- 53 73 73 36 76");
    assertNet(table, 22.027, "76 -- 76 36 -- -- 53 76 76 73 73 -- 73 76 76 -- 56 73 73 73 56");
    assertNet(table, 23.947, "33 76 33 56 56 73 36 -- 76 36 33 73 53 73 -- -- 73 73 53 56 36");
    assertNet(table, 26.008, "-- 76 76 36 76 33 53 56 76 36 -- 76 76 76 33 56 53 -- 56 73 56");
    assertNet(table, 28.087, "53 76 33 76 56 56 53 53 36 73 33 76 33 76 73 -- 56 56 76 56 76");
    assertNet(table, 30.016, "36 73 36 76 76 33 36 33 76 56 76 76 73 -- 76 76 56 -- 76 76 36");
  }

  private static void assertNet(LatencyTable table, double millis, String net) {
    int[] picks =
        Stream.of(net.split(" "))
            .mapToInt(
                op ->
                    table
                        .space()
                        .choices()
                        .get(0)
                        .indexOf(
                            op.equals("--")
                                ? "SkipConnect"
                                : "MBK" + op.charAt(0) + "E" + op.charAt(1)))
            .toArray();
    assertThat(table.predict(table.space().architecture(picks))).isCloseTo(millis, within(0.001));
  }

  @Test
  void readsARowPerChoiceInAnyOrder() throws IOException {
    LatencyTable table =
        read("# layer, a1, a0  (ms relative to a1; add const 3)\nc1, 1, 2\nc0,3,0.5\n");
    assertThat(table).isEqualTo(LatencyTable.of(PAIR, 3, new double[][] {{0.5, 3}, {2, 1}}));
  }

  @Test
  void readsARowPerEntry() throws IOException {
    LatencyTable table =
        read("layer,candidate,latency_ms\nc0,a0,1\nc1,a1,2e-1\nc1,a0,4\nc0,a1,-1\n");
    assertThat(table).isEqualTo(LatencyTable.of(PAIR, 3, new double[][] {{1, -1}, {4, 0.2}}));
  }

  @Test
  void saysWhatIsWrongAndWhere() {
    assertProblem("", 1, "expected a header, but the file is empty.\nMaybe fetch a whole copy.");
    assertProblem(
        "l,a0,a1\nc0,1\n", 2, "expected 3 columns, but found 2.\nMaybe fetch a whole copy.");
    assertProblem(
        "l,a0,a1\nc0,1,2\nc2,1,2\n",
        3,
        "space 'pair' has no choice 'c2'.\nMaybe the table is of another space.");
    assertProblem(
        "l,a0,a2\nc0,1,2\n",
        2,
        "Choice 'c0' does not offer 'a2'; it offers [a0, a1].\n"
            + "Maybe the table is of another space.");
    assertProblem(
        "l,a0,a1\nc0,1,2\nc0,1,2\n",
        3,
        "the entry of choice 'c0', candidate 'a0' is doubled.\n"
            + "Maybe two tables are in one file.");
    for (String bad : List.of("NaN", "x", "", "1e999")) {
      assertProblem(
          "l,a0,a1\nc0,1,2\nc1,1," + bad + "\n",
          3,
          "the latency in ms of choice 'c1', candidate 'a1' must be a finite number, but is '"
              + bad
              + "'.\nMaybe fetch a whole copy.");
    }
    assertProblem(
        "l,a0,a1\nc0,1,2\n",
        3,
        "the file ends without an entry of choice 'c1', candidate 'a0'.\n"
            + "Maybe fetch a whole copy.");
  }

  private LatencyTable read(String text) throws IOException {
    return LatencyTable.readPublished(write(text), PAIR, 3);
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("table.csv"), text);
  }

  private void assertProblem(String text, int line, String problem) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOfSatisfying(
            PredictorFileException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessage("File '" + folder.resolve("table.csv") + "', line " + line + ": " + problem);
  }

  /** A regular expression took hours for this header, and minutes for a tenth of it. */
  @Test
  void aHeaderOfBracketsIsNotPonderedOver() throws IOException {
    Path file = folder.resolve("brackets.csv");
    Files.writeString(
        file, "choice,candidate," + "(".repeat(400_000) + ")".repeat(400_000) + "x\n");
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () ->
            assertThatThrownBy(() -> LatencyTable.readPublished(file, PAIR, 1))
                .isInstanceOf(PredictorFileException.class)
                .hasMessageStartingWith("File '" + file + "', line 2: "));
  }

  @Test
  void sumsThatAreNoLatenciesNameTheFile() throws IOException {
    Path file = folder.resolve("negative.csv");
    Files.writeString(file, "# choice,candidate,ms (x)\nc0,a0,-9\nc0,a1,-9\nc1,a0,-9\nc1,a1,-9\n");
    assertThatThrownBy(() -> LatencyTable.readPublished(file, PAIR, 1))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageStartingWith(
            "File '" + file + "', line 6: The table of space 'pair' gives -17.0")
        .hasMessageEndingWith("\nMaybe these are not latencies.");
  }
}
