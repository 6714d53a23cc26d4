package org.lightnas;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a result comes from: what has to be the same for it to come out the same again. Trained
 * numbers differ between backends, processors with other vector units, and numbers of threads.
 *
 * @param library version of this library
 * @param java runtime and version
 * @param system operating system and processor architecture
 * @param processors processors the JVM sees
 * @param kernels what computed
 * @param data name and fingerprint of the images
 * @param seed decided everything random
 * @param time when the work began, to the second
 * @since 0.1.0
 */
public record Provenance(
    String library,
    String java,
    String system,
    int processors,
    String kernels,
    String data,
    long seed,
    Instant time) {

  /** What is true here and now. */
  public static Provenance capture(String kernels, String data, long seed, Clock clock) {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return new Provenance(
        version == null ? "development build" : version,
        System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        kernels,
        data,
        seed,
        clock.instant().truncatedTo(ChronoUnit.SECONDS));
  }

  /** Names and values in order, for files and reports. */
  public Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("library", library);
    facts.put("java", java);
    facts.put("system", system);
    facts.put("processors", Integer.toString(processors));
    facts.put("kernels", kernels);
    facts.put("data", data);
    facts.put("seed", Long.toString(seed));
    facts.put("time", time.toString());
    return facts;
  }
}
