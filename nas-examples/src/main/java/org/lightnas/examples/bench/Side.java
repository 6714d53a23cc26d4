package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One side of a comparison: a program in a process of its own, so that its memory is its own, that
 * prints its figures as lines of JSON.
 *
 * @param name for the table; unique among the sides of a comparison
 * @param command program and arguments
 * @param threads that it may compute with
 * @param tuned whether it gets the environment that Maven's profile prepares; otherwise none
 */
record Side(String name, List<String> command, int threads, boolean tuned) {

  private static final String TUNING = "GOMP_.*|MALLOC_.*";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A Java program: {@code main} is called with the name of the side.
   *
   * @param options of its JVM
   */
  static Side java(String name, Class<?> main, List<String> options, int threads, boolean tuned) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:ActiveProcessorCount=" + threads);
    command.add("-Dorg.bytedeco.javacpp.maxbytes=6g");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.addAll(options);
    command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
    command.addAll(List.of(main.getName(), name));
    return new Side(name, List.copyOf(command), threads, tuned);
  }

  /**
   * Runs the program to its end.
   *
   * @return what it printed in lines that begin with a brace
   * @throws IllegalStateException with its last words, if it did not end well
   */
  List<JsonNode> run() {
    try {
      Path out = Files.createTempFile("side", ".out");
      Path err = Files.createTempFile("side", ".err");
      try {
        int exitCode = run(out, err);
        if (exitCode != 0) {
          throw new IllegalStateException(
              "'" + name + "' ended with exit code " + exitCode + ": " + lastWords(err));
        }
        List<JsonNode> figures = new ArrayList<>();
        for (String line : Files.readAllLines(out)) {
          if (line.startsWith("{")) {
            figures.add(JSON.readTree(line));
          }
        }
        return figures;
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int run(Path out, Path err) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("OMP_NUM_THREADS", Integer.toString(threads));
    if (!tuned) {
      environment.keySet().removeIf(variable -> variable.matches(TUNING));
    }
    Process process = builder.start();
    // Whoever ends the benchmark ends its sides.
    Thread end = new Thread(process::destroy, "end of " + name);
    Runtime.getRuntime().addShutdownHook(end);
    try {
      int exitCode = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(end);
      return exitCode;
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    } finally {
      process.destroy();
    }
  }

  /** What an uncaught exception says, or the last line. */
  private static String lastWords(Path err) throws IOException {
    List<String> lines = Files.readAllLines(err).stream().filter(line -> !line.isBlank()).toList();
    String last = lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    return lines.stream()
        .filter(line -> line.startsWith("Exception in thread"))
        .findFirst()
        .orElse(last);
  }
}
