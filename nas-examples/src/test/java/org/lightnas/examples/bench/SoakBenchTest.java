package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SoakBenchTest {

  /**
   * What a JVM that is new takes for compiled code: 11 MB were seen here, and none after the first
   * 200 candidates. Half a megabyte that each of the candidates left would be more.
   */
  private static final double ALLOWED_MB = 24;

  /** The short form of the benchmark: too few candidates for a slope of resident memory. */
  @Test
  @Tag("slow")
  void candidatesLeaveNeitherMemoryNorThreads() {
    assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "Linux tells memory and threads");
    Map<String, Object> figures = SoakBench.soak(60);
    assertThat(figures).containsEntry("candidates", 60);
    double before = (double) figures.get("live_native_mb_start");
    double after = (double) figures.get("live_native_mb_end");
    assumeTrue(!Double.isNaN(before), "the C library does not tell what is allocated");
    assertThat(after - before).isLessThan(ALLOWED_MB);
    assertThat((long) figures.get("threads_end"))
        .isLessThanOrEqualTo((long) figures.get("threads_start") + 2);
  }
}
