package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs a program in a JVM of its own, with another class path than the tests'. */
public final class OtherJvm {

  private OtherJvm() {}

  /** The entries of the tests' class path that pass. */
  public static List<Path> classPath(Predicate<Path> wanted) {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(wanted)
        .toList();
  }

  /** Whether an entry brings ND4J something to compute with. */
  public static boolean isBackend(Path entry) {
    return entry.getFileName().toString().matches("nd4j-native-(preset-)?\\d.*");
  }

  /**
   * Runs {@code main} to its end, which must be a good one.
   *
   * @return the lines it wrote to its standard output
   */
  public static List<String> run(List<Path> classPath, String main, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx512m");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.add(main);
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile("out", ".txt");
    Path err = Files.createTempFile("err", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.redirectOutput(out.toFile()).redirectError(err.toFile());
      builder
          .environment()
          .put(
              "CLASSPATH",
              classPath.stream()
                  .map(Path::toString)
                  .collect(Collectors.joining(File.pathSeparator)));
      Process process = builder.start();
      boolean ended = process.waitFor(90, TimeUnit.SECONDS);
      process.destroyForcibly();
      assertThat(ended).as(main + " ends within 90 s").isTrue();
      assertThat(process.exitValue()).as(main + ": " + Files.readString(err)).isZero();
      try (Stream<String> lines = Files.lines(out)) {
        return lines.toList();
      }
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
