package org.lightnas.examples.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the benchmarks share. Options, as system properties: {@code budget} (minutes; a comparison
 * is repeated until they are used up), {@code alternations} (the least number of repetitions,
 * default 4), {@code threads}, {@code tuned=false} (see {@link Side}), {@code python}.
 */
final class Bench {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final int threads =
      Options.whole("threads", Runtime.getRuntime().availableProcessors(), 1);
  private final boolean tuned = Options.yes("tuned", true);
  private final int alternations;
  private final List<String> leftOut = new ArrayList<>();
  private final double minutes;

  /**
   * Says what comes.
   *
   * @param minutes the default budget, about what the least number of alternations takes
   * @param least number of alternations if the user does not say another
   */
  Bench(String name, double minutes, int least) {
    this.alternations = Options.whole("alternations", least, 1);
    this.minutes = Options.amount("budget", Double.toString(minutes));
    say(
        "%s: about %.1f minutes, at least %d alternations; %d threads, environment %s",
        name,
        Math.max(this.minutes, minutes * alternations / least),
        alternations,
        threads,
        environment());
  }

  private String environment() {
    if (!tuned) {
      return "not tuned";
    }
    String spin = System.getenv("GOMP_SPINCOUNT");
    return spin == null ? "as it is (no GOMP_SPINCOUNT)" : "tuned (GOMP_SPINCOUNT=" + spin + ")";
  }

  int threads() {
    return threads;
  }

  /** A side in Java; {@code options} of its JVM, system properties among them. */
  Side java(String name, Class<?> main, String... options) {
    return Side.java(name, main, List.of(options), threads, tuned);
  }

  /** A side in Python; nothing, and said so, where there is no PyTorch. */
  Optional<Side> torch(String name, String... arguments) {
    String python = Options.text("python", "/usr/bin/python3");
    try {
      new Side(name, List.of(python, "-c", "import torch"), threads, tuned).run();
    } catch (IllegalStateException | UncheckedIOException e) {
      leaveOut(name, e);
      return Optional.empty();
    }
    List<String> command = new ArrayList<>(List.of(python));
    command.addAll(List.of(arguments));
    return Optional.of(new Side(name, command, threads, tuned));
  }

  /**
   * A side that runs the yardstick script, found by the property {@code torch}; nothing, and said
   * so, where script or PyTorch is missing.
   *
   * @param layout the one to run; the script's loop over layouts is cut down to it, because its
   *     figure of memory is the whole process's
   */
  Optional<Side> torchStep(String name, String layout, String... arguments) {
    Path script = Path.of(Options.text("torch", "../shared/bench/torch_step.py"));
    if (!Files.isRegularFile(script)) {
      leftOut.add(name + " (there is no " + script + "; maybe give -Dtorch=PATH)");
      return Optional.empty();
    }
    String both = "(\\\"NCHW\\\", \\\"channels_last\\\")";
    List<String> all = new ArrayList<>();
    all.add("-c");
    all.add(
        """
        import sys
        source = open(sys.argv[1]).read()
        both = "%s"
        assert source.count(both) == 1, "the script has no loop over " + both
        layout = sys.argv[2]
        sys.argv = sys.argv[1:2] + sys.argv[3:]
        exec(compile(source.replace(both, '("' + layout + '",)'), sys.argv[0], "exec"))
        """
            .formatted(both));
    all.addAll(List.of(script.toString(), layout, "--threads", Integer.toString(threads)));
    all.addAll(List.of(arguments));
    return torch(name, all.toArray(String[]::new));
  }

  /** Names what is missing from the table, and why. */
  void leaveOut(String side, Exception why) {
    leftOut.add(side + " (" + why.getMessage() + ")");
  }

  /**
   * Runs all sides in turn, each time beginning with another, at least as often as asked and then
   * as long as the budget lasts. A side that fails the first time is left out.
   *
   * @param share of the budget
   * @return for each side the lines of all its runs
   */
  Map<String, List<JsonNode>> alternate(List<Side> sides, double share) {
    List<Side> order = new ArrayList<>(sides);
    Map<String, List<JsonNode>> figures = new LinkedHashMap<>();
    sides.forEach(side -> figures.put(side.name(), new ArrayList<>()));
    long start = System.nanoTime();
    double slowest = 0;
    for (int round = 0; round < alternations || left(start, share) > slowest; round++) {
      long before = System.nanoTime();
      for (Side side : List.copyOf(order)) {
        try {
          figures.merge(side.name(), side.run(), Bench::joined);
        } catch (IllegalStateException e) {
          if (round > 0) {
            throw e;
          }
          leaveOut(side.name(), e);
          order.remove(side);
        }
      }
      slowest = Math.max(slowest, (System.nanoTime() - before) / 60e9);
      Collections.rotate(order, 1);
    }
    return figures;
  }

  private static List<JsonNode> joined(List<JsonNode> before, List<JsonNode> now) {
    before.addAll(now);
    return before;
  }

  private double left(long start, double share) {
    return share * minutes - (System.nanoTime() - start) / 60e9;
  }

  /** What was left out so far. */
  void printLeftOut() {
    leftOut.stream().distinct().forEach(side -> say("left out: %s", side));
  }

  /**
   * Median and quartiles, interpolated.
   *
   * @param median NaN, as all others, if there is no value
   * @param count of values
   */
  record Spread(double min, double lower, double median, double upper, double max, int count) {

    static Spread of(double... values) {
      double[] sorted = values.clone();
      Arrays.sort(sorted);
      return new Spread(
          quantile(sorted, 0),
          quantile(sorted, 0.25),
          quantile(sorted, 0.5),
          quantile(sorted, 0.75),
          quantile(sorted, 1),
          sorted.length);
    }

    /** Of one figure over the runs of a side; runs without it do not count. */
    static Spread of(List<JsonNode> runs, String figure) {
      return of(
          runs.stream()
              .map(run -> run.path(figure))
              .filter(JsonNode::isNumber)
              .mapToDouble(JsonNode::doubleValue)
              .toArray());
    }

    private static double quantile(double[] sorted, double share) {
      if (sorted.length == 0) {
        return Double.NaN;
      }
      double place = share * (sorted.length - 1);
      int below = (int) place;
      int above = Math.min(below + 1, sorted.length - 1);
      return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** For JSON. */
    double[] quartiles() {
      return new double[] {rounded(lower), rounded(upper)};
    }
  }

  /** Milliseconds of {@code runs} runs after a warm-up. */
  static double[] millis(int warmUp, int runs, Runnable step) {
    for (int i = 0; i < warmUp; i++) {
      step.run();
    }
    double[] times = new double[runs];
    for (int i = 0; i < runs; i++) {
      long before = System.nanoTime();
      step.run();
      times[i] = (System.nanoTime() - before) / 1e6;
    }
    return times;
  }

  /** Most physical memory this process ever had, in MB of 2^20 bytes; NaN where it is not told. */
  static double peakRssMb() {
    Path status = Path.of("/proc/self/status");
    try {
      return Files.isReadable(status)
          ? Files.readAllLines(status).stream()
              .filter(line -> line.startsWith("VmHWM:"))
              .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
              .findFirst()
              .orElse(Double.NaN)
          : Double.NaN;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Pairs of names and values as JSON, numbers rounded to four digits, NaN as null. */
  static String json(Map<String, ?> values) {
    Map<String, Object> rounded = new LinkedHashMap<>();
    values.forEach(
        (name, value) -> rounded.put(name, value instanceof Double x ? rounded(x) : value));
    rounded.replaceAll((name, value) -> value instanceof Double x && x.isNaN() ? null : value);
    try {
      return JSON.writeValueAsString(rounded);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static void result(Map<String, ?> values) {
    System.out.println("RESULT " + json(values));
  }

  /**
   * Prints figures as a table, whose titles are their names, and as lines of JSON.
   *
   * @param hidden figures that only the lines have
   */
  static void results(List<Map<String, Object>> results, String... hidden) {
    Set<String> names = new LinkedHashSet<>();
    results.forEach(result -> names.addAll(result.keySet()));
    names.removeAll(List.of(hidden));
    List<List<?>> rows = new ArrayList<>();
    rows.add(names.stream().map(name -> name.replace('_', ' ')).toList());
    results.forEach(
        result -> rows.add(names.stream().map(name -> result.getOrDefault(name, "-")).toList()));
    table(rows);
    results.forEach(Bench::result);
  }

  private static double rounded(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value;
    }
    double scale = Math.pow(10, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))));
    return Math.rint(value * scale) / scale;
  }

  /** Rows of equal length, the first one the heading; a NaN becomes a dash. */
  static void table(List<List<?>> rows) {
    List<List<String>> cells =
        rows.stream().map(row -> row.stream().map(Bench::cell).toList()).toList();
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < row.size(); c++) {
        int column = c;
        int width = cells.stream().mapToInt(r -> r.get(column).length()).max().orElseThrow();
        String pad = " ".repeat(width - row.get(c).length());
        line.append(c == 0 ? row.get(c) + pad : "   " + pad + row.get(c));
      }
      System.out.println(line.toString().stripTrailing());
    }
  }

  private static String cell(Object value) {
    if (!(value instanceof Double x)) {
      return String.valueOf(value);
    }
    if (x.isNaN()) {
      return "-";
    }
    int digits = Math.abs(x) >= 100 ? 0 : Math.abs(x) >= 10 ? 1 : Math.abs(x) >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + digits + "f", x);
  }

  static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
