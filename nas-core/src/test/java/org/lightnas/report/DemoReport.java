package org.lightnas.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** One of everything, in sizes that occur and at the edges: for tests, and to be looked at. */
final class DemoReport {

  static final List<String> CANDIDATES =
      List.of(
          "mbconv_k3_e3",
          "mbconv_k3_e6",
          "mbconv_k5_e3",
          "mbconv_k5_e6",
          "mbconv_k7_e3",
          "mbconv_k7_e6",
          "skip");

  private DemoReport() {}

  /** Writes the report to the file named by the first argument. */
  public static void main(String[] args) throws IOException {
    report().write(Path.of(args[0]));
  }

  static HtmlReport report() {
    Map<String, String> tiles = new LinkedHashMap<>();
    tiles.put("latency of the result, target 24 ms", "23.94 ms");
    tiles.put("top-1 accuracy on held-out images", "71.3 %");
    tiles.put("multiply-adds", "312 M");
    tiles.put("search time", "41 min");
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("Search space", "mobile-21, 21 choices of 7 candidates, 5.6×10¹⁷ architectures");
    facts.put("Constraint", "latency ≤ 24 ms, predicted by an MLP of 10,000 measurements");
    facts.put("Seed", "42");
    facts.put(
        "Data fingerprint", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    facts.put("Versions", "LightNAS 0.1.0, DL4J 1.0.0-M2.1, JDK 17.0.15");

    return HtmlReport.titled("One search, one latency, no trial and error")
        .subtitle("LightNAS on mobile-21: 24 ms on one core of the target device")
        .verdict(
            true, "The architecture found is predicted to run in 23.94 ms, 0.25 % below 24 ms.")
        .tiles(tiles)
        .section("The search")
        .text(
            "The multiplier rises while the architecture is too slow and falls while it is too"
                + " fast, until the predicted latency settles at the target.")
        .chart(search(3_000))
        .row(losses(3_000), accuracy())
        .section("What it settled on")
        .chart(heatMap(21))
        .chart(latencyByChoice(21))
        .section("The latency profile")
        .row(predicted(600), residuals(600))
        .section("After the search")
        .chart(grouped())
        .chart(stacked())
        .section("Settings and provenance")
        .facts(facts)
        .table(
            List.of("Architecture", "Latency", "Parameters", "Top-1", "Note"),
            List.of(
                List.of("found", "23.94 ms", "4,812,344", "71.3 %", "one search"),
                List.of("random, best of 100", "23.71 ms", "4,100,872", "69.8 %", ""),
                List.of("largest", "41.02 ms", "9,733,120", "–", "over the bound")))
        .section("Edges")
        .chart(heatMap(6))
        .row(heatMap(6), latencyByChoice(6))
        .row(
            line("One point", 12.5),
            LineChart.titled("Constant").x("step").line("λ", array(50, i -> 3)).build())
        .row(
            line("Tiny range", array(200, i -> 0.1502 + 1e-4 * Math.sin(i / 20.0))),
            line("Negative values", array(120, i -> -40 + 0.5 * i - 9 * Math.cos(i / 5.0))))
        .row(
            line("Gaps", array(30, i -> i % 9 == 4 || i == 11 ? Double.NaN : i * i)),
            LineChart.titled("Logarithmic, with a zero")
                .x("epoch")
                .y("error")
                .logY()
                .line("training", array(60, i -> i == 30 ? 0 : Math.exp(-i / 6.0)))
                .line("validation", array(60, i -> 0.002 + Math.exp(-i / 5.0)))
                .reference("goal", 0.01)
                .build())
        .row(
            line("Nothing finite", Double.NaN, Double.POSITIVE_INFINITY),
            line("Large and small", array(100, i -> 3e9 + 4e7 * i)))
        .chart(crowdedReferences())
        .chart(manyLines())
        .chart(
            BarChart.titled("Change of latency by choice, some faster and some slower")
                .categories(
                    List.of("stem", "a very long name of a choice that somebody made up", "c"))
                .bars("change", -1.25, 0.75, Double.NaN)
                .unit("ms")
                .build())
        .chart(ragged())
        .row(cloud(), predicted(1))
        .build();
  }

  static LineChart search(int steps) {
    SplittableRandom random = new SplittableRandom(1);
    double[] sampled = new double[steps];
    double[] likely = new double[steps];
    double[] lambda = new double[steps];
    double multiplier = 0;
    double latency = 31;
    for (int i = 0; i < steps; i++) {
      multiplier += 0.0006 * (latency - 24);
      latency += -0.02 * multiplier + 0.004 * (27 - latency) + 0.02 * (random.nextDouble() - 0.5);
      lambda[i] = multiplier;
      likely[i] = Math.round(latency * 8) / 8.0;
      sampled[i] = latency + 5 * Math.exp(-i / 1500.0) * (random.nextDouble() - 0.5);
    }
    return LineChart.titled("The latency settles at its target")
        .x("step")
        .y("latency [ms]")
        .smoothed("sampled architectures, mean of 50", sampled, 50)
        .line("most probable architecture", likely)
        .reference("target 24 ms", 24)
        .panel("multiplier λ")
        .line("multiplier λ", lambda)
        .build();
  }

  static LineChart losses(int steps) {
    SplittableRandom random = new SplittableRandom(2);
    IntToDoubleFunction noise = i -> random.nextDouble() - 0.5;
    return LineChart.titled("Losses")
        .x("step")
        .y("cross-entropy [nats]")
        .smoothed(
            "training",
            array(steps, i -> 1 + 1.3 * Math.exp(-i / 600.0) + noise.applyAsDouble(i)),
            100)
        .smoothed(
            "validation",
            array(steps, i -> 1.3 + Math.exp(-i / 500.0) + .5 * noise.applyAsDouble(i)),
            100)
        .build();
  }

  static LineChart accuracy() {
    return LineChart.titled("Accuracy per epoch")
        .x("epoch")
        .y("top-1 [%]")
        .line("training", array(30, i -> 72 - 60 * Math.exp(-i / 6.0)))
        .line("validation", array(30, i -> 69 - 55 * Math.exp(-i / 5.0)))
        .reference("baseline", 66)
        .build();
  }

  static HeatMap heatMap(int choices) {
    SplittableRandom random = new SplittableRandom(choices);
    double[][] p = new double[choices][CANDIDATES.size()];
    HeatMap.Builder map =
        HeatMap.titled("Probability of each candidate per choice")
            .rows(names(choices))
            .columns(CANDIDATES);
    int[] best = new int[choices];
    for (int r = 0; r < choices; r++) {
      double[] e = array(7, c -> Math.exp(5 * random.nextDouble()));
      double sum = Arrays.stream(e).sum();
      p[r] = Arrays.stream(e).map(v -> v / sum).toArray();
      for (int c = 0; c < 7; c++) {
        best[r] = p[r][c] > p[r][best[r]] ? c : best[r];
      }
    }
    map.values(p).range(0, 1);
    for (int r = 0; r < choices; r++) {
      map.mark(r, best[r]);
    }
    return map.build();
  }

  static BarChart latencyByChoice(int choices) {
    SplittableRandom random = new SplittableRandom(9);
    return BarChart.titled("Latency of the result, by choice")
        .categories(names(choices))
        .bars("found", array(choices, i -> 0.3 + 2.2 * random.nextDouble()))
        .unit("latency [ms]")
        .reference("mean", 1.4)
        .build();
  }

  static ScatterChart predicted(int count) {
    SplittableRandom random = new SplittableRandom(4);
    double[] measured = array(count, i -> 15 + 20 * random.nextDouble());
    return ScatterChart.titled("Prediction against measurement")
        .x("measured [ms]")
        .y("predicted [ms]")
        .points(
            "training",
            measured,
            Arrays.stream(measured).map(m -> m + .4 * (random.nextDouble() - .5)).toArray())
        .points(
            "held out",
            measured,
            Arrays.stream(measured).map(m -> m + 1.6 * (random.nextDouble() - .5)).toArray())
        .diagonal("exact")
        .build();
  }

  static ScatterChart residuals(int count) {
    SplittableRandom random = new SplittableRandom(4);
    return ScatterChart.titled("Residuals")
        .x("measured [ms]")
        .y("predicted − measured [ms]")
        .points(
            "held out",
            array(count, i -> 15 + 20 * random.nextDouble()),
            array(count, i -> .8 * (random.nextDouble() + random.nextDouble() - 1)))
        .reference("no error", 0)
        .reference("bias", 0.03)
        .build();
  }

  static ScatterChart cloud() {
    SplittableRandom random = new SplittableRandom(5);
    return ScatterChart.titled("A hundred thousand points")
        .x("x")
        .y("y")
        .points(
            "all",
            array(100_000, i -> random.nextDouble() + random.nextDouble()),
            array(100_000, i -> random.nextDouble() * random.nextDouble()))
        .build();
  }

  static BarChart grouped() {
    return BarChart.titled("Latency before and after compression")
        .categories(List.of("found", "pruned", "re-parameterized", "both"))
        .bars("CPU", 23.94, 18.2, 16.75, 12.1)
        .bars("GPU", 4.1, 3.9, 2.75, 2.5)
        .bars("phone", 31.5, 24.4, 22.0, 16.25)
        .unit("latency [ms]")
        .reference("target 24 ms", 24)
        .build();
  }

  static BarChart stacked() {
    return BarChart.titled("Where the parameters are")
        .categories(List.of("found", "pruned", "distilled"))
        .bars("stem", 12_000, 9_000, 9_000)
        .bars("body", 3_400_000, 1_900_000, 1_200_000)
        .bars("head", 1_280_000, 1_280_000, 640_000)
        .unit("parameters")
        .stacked()
        .build();
  }

  static LineChart crowdedReferences() {
    LineChart.Builder chart = line("", "References that crowd", array(20, i -> 20 + i % 5));
    for (double at : new double[] {24, 24.05, 24.1, 23.9, 20, 20.02}) {
      chart.reference("bound " + at + " ms on the device of the user", at);
    }
    return chart.build();
  }

  static LineChart manyLines() {
    LineChart.Builder chart = LineChart.titled("More lines than colours").x("step").y("value");
    for (int s = 0; s < 14; s++) {
      int shift = s;
      chart.line("line number " + s, array(400, i -> shift + Math.sin(i / 40.0 + shift)));
    }
    return chart.build();
  }

  static HeatMap ragged() {
    double nan = Double.NaN;
    return HeatMap.titled("Choices with fewer candidates; long names of columns; free range")
        .rows(List.of("a", "b"))
        .columns(IntStream.range(0, 16).mapToObj(i -> "a long name of column " + i).toList())
        .values(
            new double[][] {
              array(16, i -> i * 1.5 - 8), array(16, i -> i > 9 ? nan : 10 - i),
            })
        .mark(0, 15)
        .mark(1, 0)
        .markLabel("largest")
        .build();
  }

  private static LineChart line(String title, double... y) {
    return line("ms", title, y).build();
  }

  private static LineChart.Builder line(String unit, String title, double... y) {
    return LineChart.titled(title).x("step").y(unit).line("value", y);
  }

  private static List<String> names(int choices) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < choices; i++) {
      names.add("stage-" + (1 + i / 4) + ".block-" + (1 + i % 4));
    }
    return names;
  }

  static double[] array(int size, IntToDoubleFunction value) {
    return IntStream.range(0, size).mapToDouble(value).toArray();
  }
}
