package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  @TempDir Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void writesUtf8IntoFoldersThatItMakes() throws IOException {
    Path file = folder.resolve("a").resolve("b").resolve("latency.csv");
    AtomicFile.write(file, "µs ≤ 1\n");
    assertThat(file).hasContent("µs ≤ 1\n");
    assertThat(file.getParent()).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void replacesAnOlderFileAndLeavesNothingElse() throws IOException {
    Path file = folder.resolve("state.json");
    AtomicFile.write(file, "a longer first version");
    AtomicFile.write(file, "second");
    assertThat(file).hasContent("second");
    assertThat(names()).containsExactly("state.json");
  }

  @Test
  void contentThatBreaksOffLeavesTheOlderFile() throws IOException {
    Path file = folder.resolve("state.ckpt");
    AtomicFile.write(file, "whole");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[20_000]);
                      throw new IOException("no more");
                    }))
        .withMessage("Cannot write '" + file + "': no more\nMaybe choose another folder.");
    assertThat(file).hasContent("whole");
    assertThat(names()).containsExactly("state.ckpt");
  }

  /** A folder stands where the file should go: the move fails after the text was written aside. */
  @Test
  void aFailureNamesTheTargetAndLeavesWhatWasThere() throws IOException {
    Path target = folder.resolve("taken");
    Files.createDirectory(target);
    Files.writeString(target.resolve("old.txt"), "old");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFile.write(target, "new"))
        .withMessageStartingWith("Cannot write '" + target + "': ")
        .withMessageEndingWith("\nMaybe choose another folder.")
        .withCauseInstanceOf(IOException.class);
    assertThat(target.resolve("old.txt")).hasContent("old");
    assertThat(names()).containsExactly("taken");
  }

  @Test
  void aFailureBeforeTheTextIsWrittenNamesTheTargetToo() throws IOException {
    Path file = folder.resolve("plain.txt");
    Files.writeString(file, "old");
    Path below = file.resolve("inner.txt");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFile.write(below, "new"))
        .withMessageStartingWith("Cannot write '" + below + "': ");
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("plain.txt");
  }

  /** What the reason is, where the message of the cause is a path and nothing else. */
  @Test
  void saysWhyNot() throws IOException {
    Path file = Files.writeString(folder.resolve("plain.txt"), "old");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFile.write(file.resolve("inner.txt"), "new"))
        .withMessage(
            "Cannot write '"
                + file.resolve("inner.txt")
                + "': FileAlreadyExistsException: "
                + file
                + "\nMaybe choose another folder.");
  }

  /** By code of others, say. */
  @Test
  void contentThatThrowsSomethingElseLeavesNothingEither() throws IOException {
    Path file = folder.resolve("state.ckpt");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    out -> {
                      out.write(new byte[20_000]);
                      throw new IllegalStateException("no more");
                    }))
        .withMessage("no more");
    assertThat(names()).isEmpty();
  }

  /** Java's channels refuse to. */
  @Test
  void writesAndReadsInAnInterruptedThread() throws IOException {
    Path file = folder.resolve("a").resolve("state.ckpt");
    Thread.currentThread().interrupt();
    try {
      AtomicFile.write(file, "whole");
      assertThat(AtomicFile.read(file)).asString().isEqualTo("whole");
      AtomicFile.append(file, " and more");
      assertThat(AtomicFile.read(file)).asString().isEqualTo("whole and more");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  /** A disk without room; whoever replaced such a file would break the machine. */
  @Test
  void aDeviceIsWrittenToAndNotReplaced() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "there is no /dev/full");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFile.write(full, "text"))
        .withMessage(
            "Cannot write '/dev/full': No space left on device\nMaybe choose another folder.");
    AtomicFile.write(Path.of("/dev/null"), "text");
    assertThat(Files.isRegularFile(full)).isFalse();
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
  }

  @Test
  void saysThatAFileIsNotThere() {
    Path file = folder.resolve("none.ckpt");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> AtomicFile.read(file))
        .withMessage(file.toString());
  }

  /** It never ends. */
  @Test
  void aDeviceIsNotRead() {
    Path zeros = Path.of("/dev/zero");
    assumeTrue(Files.isReadable(zeros), "there is no /dev/zero");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFile.read(zeros))
        .withMessage("/dev/zero: it is no regular file");
  }

  @Test
  void whatKilledProcessesLeftIsSweptUpAfterAnHour() throws IOException {
    Path file = folder.resolve("state.ckpt");
    Path old = Files.writeString(folder.resolve(".state.ckpt.1-1.tmp"), "half");
    Path other = Files.writeString(folder.resolve(".other.ckpt.1-1.tmp"), "half");
    Path recent = Files.writeString(folder.resolve(".state.ckpt.2-1.tmp"), "half");
    for (Path left : List.of(old, other)) {
      Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofMinutes(61))));
    }
    AtomicFile.write(file, "whole");
    assertThat(old).doesNotExist();
    assertThat(List.of(other, recent, file)).allMatch(Files::exists);
  }

  @Test
  void refusesWhatIsNoFileName() {
    Path root = FileSystems.getDefault().getRootDirectories().iterator().next();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> AtomicFile.write(root, "text"))
        .withMessage("Cannot write to '" + root + "': it is no file name.");
  }

  /** A reader sees one of the versions, never a part of one or none. */
  @Test
  void readersSeeWholeVersionsOnly() throws Exception {
    Path file = folder.resolve("shared.txt");
    AtomicFile.write(file, text(0));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      Future<?> writer =
          pool.submit(
              (Callable<Void>)
                  () -> {
                    for (int i = 1; i <= 200; i++) {
                      AtomicFile.write(file, text(i));
                    }
                    return null;
                  });
      while (!writer.isDone()) {
        String seen = Files.readString(file);
        assertThat(seen).isEqualTo(text(Integer.parseInt(seen.substring(0, seen.indexOf(' ')))));
      }
      writer.get();
    } finally {
      pool.shutdownNow();
    }
  }

  private static String text(int version) {
    return (version + " ").repeat(3000);
  }
}
