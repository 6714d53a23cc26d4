package org.lightnas.device;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a measurement on this machine depends on, in words. */
final class Runtimes {

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  private Runtimes() {}

  /**
   * {@code AMD EPYC, Linux amd64, Java 17, DL4J 1.0.0-M2.1 on CpuBackend with oneDNN, 2 threads,
   * batch 1}. Patch levels of Java and the kernel are left out: they come and go without a change
   * of speed.
   */
  static String fingerprint(String runtime, int threads, int batch) {
    return String.join(
        ", ",
        cpu(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        "Java " + Runtime.version().feature(),
        runtime,
        threads + (threads == 1 ? " thread" : " threads"),
        "batch " + batch);
  }

  private static String cpu() {
    try {
      if (Files.isReadable(CPU_INFO)) {
        return cpuModel(Files.readAllLines(CPU_INFO, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // Then the architecture has to do.
    }
    return System.getProperty("os.arch");
  }

  /** The model name in the lines of a Linux cpuinfo, or the architecture if there is none. */
  static String cpuModel(List<String> cpuInfo) {
    return cpuInfo.stream()
        .filter(line -> line.startsWith("model name") && line.contains(":"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip().replaceAll("\\s+", " "))
        .filter(model -> !model.isEmpty())
        .findFirst()
        .orElse(System.getProperty("os.arch"));
  }
}
