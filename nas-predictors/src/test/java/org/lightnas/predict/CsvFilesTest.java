package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.zoo.LightNasSpace;

class CsvFilesTest {

  private static final ChoiceSpace PAIR = Spaces.plain("pair", 2, 2);
  private static final String DAMAGED =
      "\nMaybe the file was damaged or edited: fetch a whole copy, or measure again.";

  private static final Profile PROFILE =
      new Profile(
          PAIR,
          "paper, batch 1",
          List.of(
              LatencyTableTest.sample(PAIR, 1.25, 0, 0),
              LatencyTableTest.sample(PAIR, 0.1 + 0.2, 1, 1),
              LatencyTableTest.sample(PAIR, 4, 1, 0)));

  @TempDir private Path folder;
  private Path profile;
  private Path table;

  @BeforeEach
  void write() throws IOException {
    profile = folder.resolve("profile.csv");
    PROFILE.write(profile);
    table = folder.resolve("table.csv");
    LatencyTable.fit(PROFILE).write(table);
  }

  private static void replace(Path file, String old, String by) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(old);
    Files.writeString(file, text.replace(old, by));
  }

  private void profileFails(int line, String problem) {
    assertThatThrownBy(() -> Profile.read(profile, PAIR))
        .isInstanceOfSatisfying(
            PredictorFileException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessage("File '" + profile + "', line " + line + ": " + problem);
  }

  private void tableFails(int line, String problem) {
    assertThatThrownBy(() -> LatencyTable.read(table, PAIR))
        .isInstanceOfSatisfying(
            PredictorFileException.class, e -> assertThat(e.line()).isEqualTo(line))
        .hasMessage("File '" + table + "', line " + line + ": " + problem);
  }

  @Test
  void aProfileReadsAsItWasWritten() throws IOException {
    assertThat(Profile.read(profile, PAIR)).isEqualTo(PROFILE);
    assertThat(Files.readAllLines(profile))
        .startsWith(
            "# lightnas latency profile, format 1",
            "# space: pair: c0 a0|a1, c1 a0|a1",
            "# fingerprint: paper, batch 1",
            "# batch: 1",
            "# threads: 2",
            "# reference ms: 0.9",
            "architecture,ms,spread,rounds",
            "a0-a0,1.25,0.0125,7",
            "a1-a1,0.30000000000000004,0.0030000000000000005,7");
  }

  @Test
  void tablesReadAsTheyWereWrittenWithAndWithoutReport() throws IOException {
    assertThat(LatencyTable.read(table, PAIR)).isEqualTo(LatencyTable.fit(PROFILE));
    LatencyTable made = LatencyTable.of(PAIR, 0.1 + 0.2, new double[][] {{0, 1e-300}, {1, 2}});
    made.write(table);
    assertThat(LatencyTable.read(table, PAIR)).isEqualTo(made);
  }

  @Test
  void lineEndsOfOtherSystemsDoNotMatter() throws IOException {
    replace(profile, "\n", "\r\n");
    assertThat(Profile.read(profile, PAIR)).isEqualTo(PROFILE);
  }

  @Test
  void anotherSpaceIsRefusedNamingBoth() {
    assertThatThrownBy(() -> LatencyTable.read(table, Spaces.plain("pair", 2, 3)))
        .isInstanceOf(PredictorFileException.class)
        .hasMessage(
            "File '"
                + table
                + "', line 2: the file is of space 'pair: c0 a0|a1, c1 a0|a1', not of 'pair: c0"
                + " a0|a1, c1 a0|a1|a2'.\n"
                + "Maybe measure this space, or read the file with its own.");
  }

  @Test
  void theSameChoicesOverImagesOfAnotherSizeAreAnotherSpace() throws IOException {
    LatencyTable small = Spaces.truth(Spaces.SMALL, 1);
    small.write(table);
    ChoiceSpace larger = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);
    assertThatThrownBy(() -> LatencyTable.read(table, larger))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageContaining("of 3x24x24 images in 10 classes")
        .hasMessageContaining("of 3x32x32 images in 10 classes");
  }

  @Test
  void anotherKindOfFileIsRefused() throws IOException {
    assertThatThrownBy(() -> Profile.read(table, PAIR))
        .isInstanceOf(PredictorFileException.class)
        .hasMessage(
            "File '"
                + table
                + "', line 1: expected '# lightnas latency profile, format 1', but found"
                + " '# lightnas latency table, format 1'.\nMaybe this is another kind of file.");
    Files.writeString(profile, "");
    profileFails(
        1,
        "expected '# lightnas latency profile, format 1', but found ''.\n"
            + "Maybe this is another kind of file.");
  }

  @Test
  void aNewerFormatIsRefusedWithBothNumbers() throws IOException {
    replace(profile, "format 1", "format 12");
    profileFails(
        1,
        "the file is of format 12, but this version of the library reads format 1.\n"
            + "Maybe update the library.");
  }

  @Test
  void anEditedNumberIsFoundByTheSum() throws IOException {
    replace(profile, "a0-a0,1.25", "a0-a0,1.26");
    assertThatThrownBy(() -> Profile.read(profile, PAIR))
        .hasMessageMatching(
            "(?s)File '.*', line 11: the sum is '[0-9a-f]{8}', but the lines before make"
                + " '[0-9a-f]{8}'\\..*")
        .hasMessageEndingWith(DAMAGED);
  }

  @Test
  void anUnfinishedFileIsRefused() throws IOException {
    List<String> lines = Files.readAllLines(profile);
    Files.write(profile, lines.subList(0, 9));
    profileFails(10, "expected more lines, but the file ends." + DAMAGED);
  }

  @Test
  void linesBehindTheEndAreRefused() throws IOException {
    Files.writeString(profile, Files.readString(profile) + "more\n");
    profileFails(12, "expected the end of the file." + DAMAGED);
  }

  @Test
  void headersMustBeThere() throws IOException {
    replace(profile, "# batch: 1", "# bath: 1");
    profileFails(4, "expected '# batch: …', but found '# bath: 1'." + DAMAGED);
    PROFILE.write(profile);
    replace(profile, "# threads: 2", "# threads: 0");
    profileFails(
        5, "the number of threads must be a whole number of at least 1, but is '0'." + DAMAGED);
    PROFILE.write(profile);
    replace(profile, "spread,rounds", "rounds,spread");
    profileFails(
        7,
        "expected 'architecture,ms,spread,rounds', but found 'architecture,ms,rounds,spread'."
            + DAMAGED);
  }

  @Test
  void impossibleLatenciesAreRefused() throws IOException {
    replace(profile, ",1.25,", ",NaN,");
    profileFails(
        8,
        "the latency in ms must be a finite number above 0, but is 'NaN'.\nMaybe measure again.");
    PROFILE.write(profile);
    replace(profile, ",1.25,", ",-1.25,");
    profileFails(
        8,
        "the latency in ms must be a finite number above 0, but is '-1.25'.\nMaybe measure again.");
    PROFILE.write(profile);
    replace(profile, ",0.0125,", ",-0.0125,");
    profileFails(
        8,
        "the spread in ms must be a finite number of at least 0, but is '-0.0125'.\n"
            + "Maybe measure again.");
    PROFILE.write(profile);
    replace(profile, ",1.25,", ",fast,");
    profileFails(8, "the latency in ms must be a number, but is 'fast'." + DAMAGED);
  }

  @Test
  void rowsMustNameArchitecturesOnce() throws IOException {
    replace(profile, "a1-a0,", "a1-a1,");
    profileFails(
        10, "architecture a1-a1 was in line 9 already.\nMaybe keep one of the two measurements.");
    PROFILE.write(profile);
    replace(profile, "a1-a0,", "a1-a7,");
    profileFails(10, "Choice 'c1' does not offer 'a7'; it offers [a0, a1].\nMaybe measure again.");
    PROFILE.write(profile);
    replace(profile, "a1-a0,", "a1,");
    profileFails(
        10,
        "an architecture of space 'pair' names 2 candidates, but 'a1' names 1.\n"
            + "Maybe measure again.");
    PROFILE.write(profile);
    replace(profile, "a1-a0,", "a1-a0,,");
    profileFails(10, "expected 4 columns, but found 5." + DAMAGED);
  }

  @Test
  void rowsOfATableMustBeThoseOfTheSpace() throws IOException {
    replace(table, "c0,a1,", "c0,a0,");
    tableFails(
        8,
        "expected the entry of choice 'c0', candidate 'a1', but found 'c0', 'a0'.\n"
            + "Maybe rows were moved, doubled or lost: profile again.");
  }

  @Test
  void theReportOfATableMustBeOne() throws IOException {
    replace(table, "# report folds: 3", "# report folds: 1");
    assertThatThrownBy(() -> LatencyTable.read(table, PAIR))
        .isInstanceOf(PredictorFileException.class)
        .hasMessageEndingWith(
            ": A report needs at least 2 samples in 2 folds, but got 3 in 1.\n"
                + "Maybe profile again.");
  }

  @Test
  void aMissingFileIsAnIoException() {
    Path missing = folder.resolve("none.csv");
    assertThatThrownBy(() -> Profile.read(missing, PAIR))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none.csv");
  }
}
