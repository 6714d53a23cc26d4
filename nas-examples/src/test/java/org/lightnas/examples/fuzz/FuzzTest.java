package org.lightnas.examples.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;

/** The short form of FuzzBench, and whether it would see what it looks for. */
class FuzzTest {

  /** Of this many files a reader of text or images gets some hundred, a run a dozen. */
  private static final int FILES = 2500;

  @TempDir private Path scratch;
  @TempDir private Path outer;

  @Test
  @Tag("slow")
  void everyReaderAcceptsOrRefuses() throws IOException {
    List<HostileReader> readers = HostileReaders.all(scratch, outer);
    assertThat(readers).hasSize(24);
    double shares = readers.stream().mapToDouble(HostileReader::share).sum();
    for (HostileReader reader : readers) {
      long files = 1 + (long) (FILES * reader.share() / shares);
      Fuzzing.Outcome outcome = new Fuzzing(reader, outer, 8).run(files);
      assertThat(outcome.escapes()).as(reader.name()).isEmpty();
      assertThat(outcome.accepted() + outcome.refused())
          .isEqualTo(outcome.files())
          .isEqualTo(files);
      assertThat(outcome.refused()).as(reader.name()).isPositive();
    }
  }

  private Fuzzing.Outcome outcome(HostileReader.Reading reading) throws IOException {
    byte[] valid = "right".getBytes(StandardCharsets.UTF_8);
    HostileReader reader =
        new HostileReader(
            "toy",
            Map.of("file", valid),
            (files, random) ->
                Map.of("file", Map.of(0, valid, 1, new byte[9]).get(random.nextInt(2))),
            folder -> {
              if (Files.size(folder.resolve("file")) != valid.length) {
                reading.read(folder);
              }
            },
            true,
            1);
    return new Fuzzing(reader, outer, 1).run(20);
  }

  private static String escapes(Fuzzing.Outcome outcome) {
    assertThat(outcome.escaped()).isPositive();
    return outcome.escapes().stream().collect(Collectors.joining("\n"));
  }

  @Test
  void whatIsRefusedByNameIsNoEscape() throws IOException {
    Fuzzing.Outcome outcome =
        outcome(
            folder -> {
              throw new CheckpointException(folder.resolve("file"), "is wrong.", "mend it.", null);
            });
    assertThat(outcome.escapes()).isEmpty();
    assertThat(outcome.refused()).isBetween(1L, 19L);
    assertThat(outcome.accepted()).isEqualTo(20 - outcome.refused());
  }

  @Test
  @Tag("slow")
  void everythingElseIsAnEscape() throws IOException {
    assertThat(
            escapes(
                outcome(
                    folder -> {
                      throw new IllegalArgumentException("some file is wrong");
                    })))
        .contains("ESCAPE unnamed java.lang.IllegalArgumentException: some file is wrong");
    assertThat(
            escapes(
                outcome(
                    folder -> {
                      throw new NumberFormatException(folder.resolve("file").toString());
                    })))
        .contains("ESCAPE java.lang.NumberFormatException");
    assertThat(
            escapes(
                outcome(
                    folder -> {
                      throw new OutOfMemoryError("forged");
                    })))
        .contains("ESCAPE java.lang.OutOfMemoryError: forged");
    assertThat(escapes(outcome(folder -> HostileReader.require(false, "minus one"))))
        .contains("accepted, but not valid: minus one");
  }

  @Test
  void accessesOutsideTheFolderAreSeen() throws IOException {
    assertThat(escapes(outcome(folder -> Files.readString(folder.resolve("../canary.txt")))))
        .isEqualTo("ESCAPE reads " + outer.resolve("canary.txt").toAbsolutePath());
    assertThat(escapes(outcome(folder -> Files.writeString(folder.resolve("../other"), "x"))))
        .isEqualTo("ESCAPE writes " + outer.resolve("other").toAbsolutePath());
  }

  @Test
  void aReaderThatRefusesWhatIsValidIsNoReader() {
    HostileReader reader =
        new HostileReader(
            "strict",
            Map.of("file", new byte[1]),
            (files, random) -> files,
            folder -> {
              throw new IllegalArgumentException(folder.resolve("file") + " is wrong");
            },
            true,
            1);
    assertThatIllegalStateException()
        .isThrownBy(() -> new Fuzzing(reader, outer, 1).run(1))
        .withMessageStartingWith("strict does not take what is valid: ")
        .withMessageEndingWith("file is wrong");
  }
}
