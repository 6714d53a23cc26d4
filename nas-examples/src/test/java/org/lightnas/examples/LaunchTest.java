package org.lightnas.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LaunchTest {

  /** What a launched program sees; run in a JVM of its own. */
  static final class Echo {

    private Echo() {}

    public static void main(String... args) {
      System.out.println(System.getProperty("launch.first"));
      System.out.println(System.getenv("LAUNCH_TEST_"));
      System.out.println(Runtime.getRuntime().maxMemory() <= 64L << 20);
      System.out.println(String.join("|", args));
      System.exit(3);
    }
  }

  @BeforeEach
  void setProperties() {
    System.setProperty("launch.first", "a b=c \"d\"");
    System.setProperty("launch.second", "x");
  }

  @AfterEach
  void clearProperties() {
    System.clearProperty("launch.first");
    System.clearProperty("launch.second");
  }

  @Test
  void findsTheKeysOfACommandLineAndLooksUpTheirValues() {
    assertThat(Launch.userProperties(" -q -Pbench -Dlaunch.first=a b=c \"d\" -Dlaunch.second=x"))
        .containsExactly(Map.entry("launch.first", "a b=c \"d\""), Map.entry("launch.second", "x"));
  }

  @Test
  void readsEveryWayToWriteADefinition() {
    assertThat(Launch.userProperties("-D launch.first=1 --define launch.second=2")).hasSize(2);
    assertThat(Launch.userProperties("-Dlaunch.first --define=launch.second=2")).hasSize(2);
    assertThat(Launch.userProperties("\"-Dlaunch.first=1\" '-Dlaunch.second=2'")).hasSize(2);
  }

  @Test
  void leavesOutWhatOnlyLooksLikeADefinition() {
    assertThat(Launch.userProperties("-q -Dnote=use -Dunset.key clean-Dlaunch.first=1")).isEmpty();
  }

  @Test
  void runsTheProgramWithEnvironmentOptionsPropertiesAndArguments(@TempDir Path dir)
      throws IOException, InterruptedException {
    Path output = dir.resolve("output");
    int exitCode =
        Launch.command(
                List.of("-Xmx64m", "LAUNCH_TEST_=1 = 1", Echo.class.getName(), "one", "two three"),
                Launch.userProperties("-Dlaunch.first=..."))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start()
            .waitFor();

    assertThat(Files.readAllLines(output, StandardCharsets.UTF_8))
        .containsExactly("a b=c \"d\"", "1 = 1", "true", "one|two three");
    assertThat(exitCode).isEqualTo(3);
  }

  @Test
  void refusesAnUnknownProgramAndSaysHowToNameOne() {
    assertThatThrownBy(() -> Launch.command(List.of("org.lightnas.examples.bench.No"), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "There is no program org.lightnas.examples.bench.No.\n"
                + "Maybe name one with -Dbench=NAME, as it is written in nas-examples.");
  }

  @Test
  void refusesArgumentsWithoutAMainClass() {
    assertThatThrownBy(() -> Launch.command(List.of("A=1", "-Xmx64m"), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("No main class among the arguments [A=1, -Xmx64m].");
  }
}
