package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.internal.NativeBytes;

class SoakBenchTest {

  /** 1 to 4 MB were seen. A third of a megabyte that each candidate left would be more. */
  private static final double ALLOWED_MB = 12;

  /** The short form of the benchmark: too few candidates for a slope of resident memory. */
  @Test
  @Tag("slow")
  void candidatesLeaveNeitherMemoryNorThreads() {
    assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "Linux tells memory and threads");
    assumeTrue(NativeBytes.live().isPresent(), "the C library tells what is allocated");
    List<String> options = List.of(SoakBench.options(40));
    Map<String, Object> figures =
        SoakBench.run(Side.java("soak", SoakBench.class, options, 2, true));
    assertThat(figures).containsEntry("candidates", 40L);
    double before = (double) figures.get("live_native_mb_start");
    double after = (double) figures.get("live_native_mb_end");
    assertThat(after - before).isLessThan(ALLOWED_MB);
    assertThat((long) figures.get("threads_end"))
        .isLessThanOrEqualTo((long) figures.get("threads_start") + 2);
  }
}
