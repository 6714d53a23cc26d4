package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lightnas.data.ImageData;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Verdict;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.predict.Profile;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SearchResults;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

/**
 * Five latency bounds, one warm-up, the same settings everywhere: {@code mvn -q -Pbench
 * -Dbench=BoundSweep -Dnas.data=DIR [-Ddataset=fashion,cifar10] [-Dsteps=1000] [-Dout=DIR]}. Every
 * result is measured on ONNX Runtime with one thread and repaired where the device disagrees with
 * its table. With {@code out} the pages of the searches are kept.
 */
public final class BoundSweep {

  private static final double[] SHARES = {0.2, 0.375, 0.55, 0.725, 0.9};

  /** Networks measured for the table. */
  private static final int SAMPLES = 100;

  private BoundSweep() {}

  /** Sweeps the bounds on each data set. */
  public static void main(String... args) throws IOException {
    Path data = Options.data("images/fashion-mnist", "images/cifar10");
    int steps = Options.whole("steps", 1000, 2);
    List<String> datasets = Options.names("dataset", "fashion,cifar10");
    double budget = Options.amount("budget", "1e9");
    Bench.say(
        "BoundSweep: about %.0f minutes; %s, %d bounds, %d steps each",
        datasets.size() * (0.8 + 5.0 * steps / 1000),
        String.join(" and ", datasets),
        SHARES.length,
        steps);
    List<List<?>> table = new ArrayList<>();
    table.add(
        List.of(
            "data set",
            "bound ms",
            "predicted",
            "of bound",
            "measured at first",
            "measured",
            "spread",
            "of bound",
            "repairs",
            "satisfied"));
    List<Map<String, Object>> results = new ArrayList<>();
    long start = System.nanoTime();
    for (String dataset : datasets) {
      if ((System.nanoTime() - start) / 60e9 > budget) {
        Bench.say("left out: %s (the budget is used up)", dataset);
        continue;
      }
      SearchResults found = sweep(dataset, images(dataset, data), steps);
      String out = Options.text("out", "");
      if (!out.isEmpty()) {
        found.page().write(Path.of(out, dataset + ".html"));
        for (SearchResult result : found) {
          double bound = result.constraint().bound();
          String name = String.format(Locale.ROOT, "%s-%.3f.html", dataset, bound);
          result.page().write(Path.of(out, name));
        }
      }
      for (SearchResult result : found) {
        results.add(row(dataset, result, table));
      }
    }
    Bench.table(table);
    results.forEach(Bench::result);
  }

  static ImageData images(String dataset, Path data) {
    return dataset.equals("cifar10")
        ? ImageData.cifar10(data.resolve("images/cifar10"))
        : ImageData.fashionMnist(data.resolve("images/fashion-mnist"));
  }

  private static SearchResults sweep(String dataset, ImageData images, int steps) {
    LayeredSpace space = LightNasSpace.small(images.shape(), images.classes());
    try (OnnxDevice device = OnnxDevice.builder().threads(1).build()) {
      LatencyTable latency =
          LatencyTable.fit(Profile.builder(space, device).samples(SAMPLES).measure());
      latency.report().ifPresent(report -> Bench.say("%s: %s", dataset, report));
      List<Constraint> bounds = new ArrayList<>();
      for (double share : SHARES) {
        bounds.add(Constraint.latency(latency.range().at(share), latency).measuredOn(device));
      }
      return LightNas.builder().steps(steps).build().searchEach(space.on(images), bounds);
    }
  }

  private static Map<String, Object> row(String dataset, SearchResult found, List<List<?>> table) {
    Verdict verdict = found.verdict();
    Measurement first = found.attempts().get(0).verdict().measured();
    Measurement measured = verdict.measured();
    Predictor predictor = found.constraint().predictor();
    double atFirst = predictor.predict(found.attempts().get(0).architecture());
    double bound = verdict.bound();
    double millis = measured == null ? Double.NaN : measured.millis();
    double spread = measured == null ? Double.NaN : measured.spread();
    int repairs = found.attempts().size() - 1;
    table.add(
        List.of(
            dataset,
            bound,
            atFirst,
            atFirst / bound,
            first == null ? Double.NaN : first.millis(),
            millis,
            spread,
            millis / bound,
            repairs,
            found.satisfied() ? "yes" : "no"));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("dataset", dataset);
    result.put("bound_ms", bound);
    result.put("predicted_ms", atFirst);
    result.put("predicted_after_repair_ms", predictor.predict(found.architecture()));
    result.put("measured_ms", millis);
    result.put("spread_ms", spread);
    result.put("repairs", repairs);
    result.put("satisfied", found.satisfied());
    return result;
  }
}
