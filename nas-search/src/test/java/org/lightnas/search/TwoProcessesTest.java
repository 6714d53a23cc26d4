package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoProcessesTest {

  @TempDir private Path folder;

  /** Given the same predictor file and seed, processes agree bit for bit, weights included. */
  @Test
  @Tag("slow")
  void agreeOnArchitectureAndWeights() throws Exception {
    Path table = folder.resolve("table.csv");
    Tiny.TABLE.write(table);
    Process one = start(table, "one.txt");
    Process two = start(table, "two.txt");
    List<String> first = results(one, "one.txt");
    List<String> second = results(two, "two.txt");
    assertThat(first).hasSize(4);
    assertThat(first.get(0)).matches("architecture \\w+-\\w+-\\w+");
    assertThat(first.get(1)).matches("probabilities \\p{XDigit}{64}");
    assertThat(first.get(2)).matches("history \\p{XDigit}{64}");
    assertThat(first.get(3)).matches("weights \\d\\d \\p{XDigit}{64}");
    assertThat(second).isEqualTo(first);
  }

  private Process start(Path table, String output) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // The limits of native memory of this JVM; not its agents, which would write to its files.
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-Dorg.bytedeco"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(SearchAndTrain.class.getName(), table.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve(output).toFile())
            .redirectError(folder.resolve(output + ".err").toFile());
    builder.environment().remove("OMP_NUM_THREADS"); // with all the threads that users have
    return builder.start();
  }

  private List<String> results(Process process, String output) throws Exception {
    try {
      assertThat(process.waitFor(80, TimeUnit.SECONDS)).as("ends in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    String errors = Files.readString(folder.resolve(output + ".err"), StandardCharsets.UTF_8);
    assertThat(process.exitValue()).as(errors).isZero();
    return Files.readAllLines(folder.resolve(output), StandardCharsets.UTF_8);
  }
}
