package org.lightnas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

class NativeTuningTest {

  /** Prints what was set, then what native libraries see; run in a JVM of its own. */
  static final class Program {

    private Program() {}

    public static void main(String... args) {
      if (List.of(args).contains("late")) {
        Nd4j.create(1).close();
      }
      System.out.println(NativeTuning.apply());
      System.out.println(
          NativeLibrary.getProcess()
              .getFunction("getenv")
              .invokeString(new Object[] {"GOMP_SPINCOUNT"}, false));
      if (List.of(args).contains("compute")) {
        System.out.println(Nd4j.ones(4, 4).mmul(Nd4j.ones(4, 4)).sumNumber().intValue());
      }
    }
  }

  @Test
  void doesNothingOnOtherSystems() {
    assertThat(apply("Windows 11", "", Map.of())).isEmpty();
    assertThat(apply("Mac OS X", "", Map.of())).isEmpty();
  }

  @Test
  void doesNothingWhenSwitchedOff() {
    assertThat(apply("Linux", "off", Map.of())).isEmpty();
    assertThat(apply("Linux", "OFF", Map.of())).isEmpty();
  }

  @Test
  void doesNothingWhereTheFunctionsAreMissing() {
    assertThat(
            NativeTuning.apply(
                "Linux",
                "",
                Map.of(),
                () -> {
                  throw new UnsatisfiedLinkError("undefined symbol: gnu_get_libc_version");
                }))
        .isEmpty();
  }

  private static List<String> apply(String system, String wish, Map<String, String> environment) {
    return NativeTuning.apply(
        system,
        wish,
        environment,
        () -> {
          throw new AssertionError("no native library is needed");
        });
  }

  /** In processes of their own: what is set cannot be taken back. */
  @Nested
  class OnLinuxWithGlibc {

    @TempDir private Path dir;

    @BeforeEach
    void onlyThere() {
      assumeTrue(System.getProperty("os.name").equals("Linux"));
      assumeTrue(hasGlibc(), "needs glibc");
    }

    private static boolean hasGlibc() {
      try {
        NativeLibrary.getProcess().getFunction("gnu_get_libc_version");
        return true;
      } catch (UnsatisfiedLinkError e) {
        return false;
      }
    }

    @Test
    @Tag("slow")
    void setsEverythingWhereNobodyElseDid() throws Exception {
      List<String> lines = run(Map.of(), "compute");
      assertThat(lines.get(0))
          .matches(
              "\\[GOMP_SPINCOUNT=10000, MALLOC_MMAP_THRESHOLD_=(1073741824|33554432),"
                  + " MALLOC_TRIM_THRESHOLD_=2147483647, MALLOC_TOP_PAD_=67108864]");
      assertThat(lines.subList(1, 3)).containsExactly("10000", "64");
    }

    @Test
    @Tag("slow")
    void keepsWhatTheUserSet() throws Exception {
      assertThat(run(Map.of("GOMP_SPINCOUNT", "77", "MALLOC_TOP_PAD_", "1048576")))
          .element(0)
          .asString()
          .doesNotContain("GOMP_SPINCOUNT", "MALLOC_TOP_PAD_")
          .contains("MALLOC_TRIM_THRESHOLD_");
      assertThat(run(Map.of("GOMP_SPINCOUNT", "77"))).element(1).isEqualTo("77");
      assertThat(run(Map.of("OMP_WAIT_POLICY", "active"))).element(1).isEqualTo("null");
      assertThat(run(Map.of("GLIBC_TUNABLES", "glibc.malloc.top_pad=1")))
          .containsExactly("[GOMP_SPINCOUNT=10000]", "10000");
    }

    @Test
    @Tag("slow")
    void saysWhenItIsTooLate() throws Exception {
      List<String> lines = run(Map.of(), "late");
      assertThat(lines.get(0)).startsWith("[MALLOC_MMAP_THRESHOLD_=");
      assertThat(lines.get(1)).isEqualTo("null");
      assertThat(Files.readString(dir.resolve("err")))
          .contains(
              "libgomp is loaded already, so GOMP_SPINCOUNT comes too late.\n"
                  + "Maybe call NativeTuning.apply() first in main, before anything touches ND4J.");
    }

    private List<String> run(Map<String, String> environment, String... arguments)
        throws IOException, InterruptedException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-Xmx256m", "-classpath", System.getProperty("java.class.path")));
      command.add(Program.class.getName());
      command.addAll(List.of(arguments));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectOutput(dir.resolve("out").toFile())
              .redirectError(dir.resolve("err").toFile());
      // The tests' own JVM is tuned by its environment.
      builder
          .environment()
          .keySet()
          .removeIf(name -> name.matches("GOMP_.*|OMP_WAIT_POLICY|MALLOC_.*|GLIBC_TUNABLES"));
      builder.environment().putAll(environment);
      Process process = builder.start();
      boolean ended = process.waitFor(90, TimeUnit.SECONDS);
      process.destroyForcibly();
      assertThat(ended).as("ends within 90 s").isTrue();
      assertThat(process.exitValue()).as(Files.readString(dir.resolve("err"))).isZero();
      return Files.readAllLines(dir.resolve("out"));
    }
  }
}
