package org.lightnas.device;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.nd4j.linalg.factory.Nd4j;

/** What a measurement on this machine depends on, in words. */
final class Runtimes {

  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String ND4J_POM = "/META-INF/maven/org.nd4j/nd4j-api/pom.properties";

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

  /** {@code DL4J 1.0.0-M2.1 on CpuBackend with oneDNN}. Needs an ND4J backend. */
  static String dl4j() {
    return "DL4J " + version() + " on " + backend();
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

  private static String backend() {
    return Nd4j.getBackend().getClass().getSimpleName()
        + (Nd4j.getBackend().buildInfo().contains("HAVE_ONEDNN") ? " with oneDNN" : "");
  }

  private static String version() {
    Properties pom = new Properties();
    try (InputStream in = Nd4j.class.getResourceAsStream(ND4J_POM)) {
      if (in != null) {
        pom.load(in);
      }
    } catch (IOException e) {
      // Repackaged: the version is not to be had.
    }
    return pom.getProperty("version", "of unknown version");
  }
}
