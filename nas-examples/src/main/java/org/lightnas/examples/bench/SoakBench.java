package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.graph.Networks;
import org.lightnas.internal.NativeBytes;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

/**
 * Whether memory stays: {@code mvn -q -Pbench -Dbench=SoakBench [-Dcandidates=2000]}. Distinct
 * candidates of the small space, each built, trained for ten steps, scored and dropped, in one
 * process with 1 GB of heap and 2 GB outside it. Reports the least-squares slope of the resident
 * memory after the first tenth (200 of 2,000), in MB for 100 candidates, and how many threads there
 * were then and in the end. Small batches: memory is looked at, not speed.
 */
public final class SoakBench {

  private static final double MB = 1024;
  private static final int BATCH = 8;
  private static final int STEPS = 10;

  private SoakBench() {}

  /** Reports; with an argument, is the process that is looked at. */
  public static void main(String... args) {
    int candidates = Options.whole("candidates", 2_000, 20);
    if (args.length > 0) {
      System.out.println(Bench.json(soak(candidates)));
      return;
    }
    Bench bench = new Bench("SoakBench", candidates / 200.0, 1);
    Bench.results(List.of(run(bench.java("soak", SoakBench.class, options(candidates)))));
  }

  /**
   * Of the JVM of the process. Compiled by the second compiler, code would take tens of MB at any
   * time and give some of them back; and compilers' threads would come and go.
   */
  static String[] options(int candidates) {
    return new String[] {
      "-Xmx1g",
      "-Dorg.bytedeco.javacpp.maxbytes=2g",
      "-XX:TieredStopAtLevel=1",
      "-XX:-UseDynamicNumberOfCompilerThreads",
      "-Dcandidates=" + candidates
    };
  }

  /** The figures of the process. */
  static Map<String, Object> run(Side side) {
    Map<String, Object> figures = new LinkedHashMap<>();
    for (JsonNode line : side.run()) {
      line.properties().forEach(field -> figures.put(field.getKey(), number(field.getValue())));
    }
    return figures;
  }

  private static Object number(JsonNode value) {
    return value.isTextual()
        ? value.textValue()
        : value.isIntegralNumber() ? (Object) value.longValue() : value.asDouble(Double.NaN);
  }

  /** The life of so many candidates. */
  private static Map<String, Object> soak(int candidates) {
    ImageData images = ImageData.generated(BATCH * STEPS, 2 * BATCH, 1);
    LayeredSpace space = LightNasSpace.small(images.shape(), images.classes());
    List<Architecture> distinct = distinct(space, candidates);
    int first = candidates / 10;
    SimpleRegression resident = new SimpleRegression();
    long threads = 0;
    double live = 0;
    double accuracy = 0;
    List<Long> tenths = new ArrayList<>();
    for (int i = 0; i < candidates; i++) {
      accuracy += score(distinct.get(i), images) / candidates;
      if (i == first) {
        threads = status("Threads");
        live = live();
      }
      if (i >= first) {
        resident.addData(i / 100.0, status("VmRSS") / MB);
      }
      if (i % (candidates / 10) == 0) {
        tenths.add(Math.round(status("VmRSS") / MB));
      }
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("candidates", candidates);
    figures.put("slope_mb_per_100", resident.getSlope());
    figures.put("threads_start", threads);
    figures.put("threads_end", status("Threads"));
    figures.put("live_native_mb_start", live);
    figures.put("live_native_mb_end", live());
    figures.put("rss_mb", tenths.toString());
    figures.put("peak_rss_mb", Bench.peakRssMb());
    figures.put("mean_accuracy", accuracy);
    return figures;
  }

  private static List<Architecture> distinct(LayeredSpace space, int count) {
    RandomGenerator random = Seeds.random(1, "soak", 0);
    Set<Architecture> drawn = new LinkedHashSet<>();
    while (drawn.size() < count) {
      drawn.add(space.sample(random));
    }
    return new ArrayList<>(drawn);
  }

  private static double score(Architecture architecture, ImageData images) {
    Trainer trainer = Trainer.builder().epochs(1).batchSize(BATCH).batchNormReestimation(1).build();
    ComputationGraph network = trainer.fit(architecture, images);
    try {
      return Accuracy.of(network, images.test());
    } finally {
      Networks.close(network);
    }
  }

  /** What was taken from malloc and not given back, in MB of 2^20 bytes; NaN where unknown. */
  private static double live() {
    OptionalLong bytes = NativeBytes.live();
    return bytes.isPresent() ? bytes.getAsLong() / (MB * MB) : Double.NaN;
  }

  /** A figure of this process, as Linux tells it: kB, or a number of threads. */
  private static long status(String name) {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith(name + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
