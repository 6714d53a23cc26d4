package org.lightnas.examples.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lightnas.DivergedSearchException;
import org.lightnas.device.Device;
import org.lightnas.device.LocalDevice;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.search.widths.ComfortResult;
import org.lightnas.search.widths.ComfortZone;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

/**
 * What found networks gain in this machine's comfort zone (ONNX Runtime, one thread): operations
 * within the tolerance, and accuracy by {@link ShortTraining}; or that there is none. {@code mvn -q
 * -Pbench -Dbench=ComfortBench -Dnas.data=DIR -Dnas.results=DIR}; options {@code
 * -Dbounds=0.2,0.4,0.6} (shares of the reachable range of latencies, a found network for each),
 * {@code -Dtolerance=0.01}, {@code -Drepeats=3} (of each measurement), {@code -Dseeds=1,2,3} (of
 * trainings), and {@code -Dsteps}, {@code -Dvariant}, {@code -Dtable}, {@code -Dbudget}, {@code
 * -Ddataset}, {@code -Depochs}, {@code -Dimages} as of {@link SearchValue}. Searches of seed 1,
 * zones and trainings are kept in {@code nas.results}, so it can be run in pieces, and networks
 * that {@link SearchValue} found are not searched for again. A page about every zone is written
 * there.
 *
 * <p>{@code macs_gained} and {@code parameters_gained} are in percent, 0 where there is no comfort
 * zone; {@code acc} are means over the seeds on test images, {@code gain} is the mean of what the
 * widened network is better with the same seed, {@code gain_sd} its standard deviation.
 */
public final class ComfortBench {

  private static final long SEARCH_SEED = 1;

  /** A guess for a network of the small space. */
  private static final double SECONDS_PER_MEASUREMENT = 1.3;

  private static final int MEASUREMENTS = 70;

  private final Settings settings;
  private final ShortTraining training;
  private final int epochs;
  private final LatencyTable table;
  private final Device device;
  private final ResultsFolder folder;
  private final FoundNetwork.Problem problem;
  private final ResultsFile<FoundNetwork> searches;
  private final ResultsFile<ComfortOutcome> zones;
  private final Budget budget;

  /**
   * What is looked for.
   *
   * @param bounds shares of the reachable range of latencies
   * @param tolerance share of the latency
   * @param repeats of each measurement
   * @param seeds of trainings
   * @param minutes the budget
   */
  record Settings(
      List<Double> bounds,
      SearchMethod method,
      double tolerance,
      int repeats,
      List<Long> seeds,
      double minutes) {

    static Settings ofProperties() {
      return new Settings(
          Options.numbers("bounds", "0.2,0.4,0.6", 1),
          new SearchMethod(
              "lightnas", "default", Options.whole("steps", 0, 0), Options.text("variant", "")),
          Options.number("tolerance", "0.01", 1),
          Options.whole("repeats", 3, 1),
          Options.wholes("seeds", "1,2,3"),
          Options.number("budget", "90", 1e6));
    }
  }

  /**
   * Opens the results.
   *
   * @param start of the program, by {@link System#nanoTime}
   */
  ComfortBench(
      Settings settings,
      ShortTraining training,
      int epochs,
      LatencyTable table,
      Device device,
      ResultsFolder folder,
      long start)
      throws IOException {
    this.settings = settings;
    this.training = training;
    this.epochs = epochs;
    this.table = table;
    this.device = device;
    this.folder = folder;
    this.budget = new Budget(settings.minutes(), start);
    this.problem = FoundNetwork.Problem.of(training, table);
    this.searches = FoundNetwork.in(folder, problem, training.space());
    this.zones =
        ResultsFile.open(
            folder.file("comfort.jsonl"),
            new ComfortOutcome.Format(training.spaceFingerprint(), training.space()));
  }

  /** Computes what the system properties ask for. */
  public static void main(String... args) throws IOException {
    long start = System.nanoTime();
    Settings settings = Settings.ofProperties();
    ExperimentImages images = ExperimentImages.ofProperties();
    int epochs = Options.whole("epochs", ShortTraining.EPOCHS, 1);
    LayeredSpace space = LightNasSpace.small(images.train().shape(), images.train().classes());
    ResultsFolder folder = ResultsFolder.ofProperty();
    ShortTraining training = new ShortTraining(images, space, epochs, folder);
    SharedTable shared = new SharedTable(space, folder);
    if (!shared.exists()) {
      Bench.say("ComfortBench: the latency table is measured first, %.0f s", SharedTable.SECONDS);
    }
    LatencyTable table = shared.get();
    LocalDevice.Builder<OnnxDevice> builder = OnnxDevice.builder();
    table.referenceMillis().ifPresent(builder::referenceMillis);
    try (OnnxDevice device = builder.build()) {
      new ComfortBench(settings, training, epochs, table, device, folder, start).run();
    }
  }

  /** Computes what is missing, as far as the budget goes, and prints all. */
  void run() throws IOException {
    Bench.say(
        "ComfortBench: about %.0f minutes where nothing is known, at most %.0f; %s, space %s, on"
            + " %s",
        Math.ceil(expectedSeconds() / 60),
        settings.minutes(),
        problem.dataset(),
        training.space(),
        device.fingerprint());
    List<Map<String, Object>> results = new ArrayList<>();
    for (double share : settings.bounds()) {
      Constraint bound = Constraint.latency(table.range().at(share), table);
      Optional<Architecture> found = found(bound);
      if (found.isPresent()) {
        Optional<ComfortOutcome> zone = zone(found.get());
        if (zone.isPresent()) {
          results.add(result(bound, zone.get()));
        }
      }
    }
    Bench.results(results, "dataset", "widened");
    budget.print();
  }

  private double expectedSeconds() {
    // A widened network has up to four times the operations; twice is what to expect.
    double each =
        settings.method().expectedSeconds()
            + settings.repeats() * MEASUREMENTS * SECONDS_PER_MEASUREMENT
            + settings.seeds().size() * 3 * training.expectedSeconds();
    return settings.bounds().size() * each;
  }

  private Optional<Architecture> found(Constraint bound) throws IOException {
    FoundNetwork.Key key =
        new FoundNetwork.Key(problem, bound.bound(), settings.method().label(), SEARCH_SEED);
    Optional<Architecture> known = searches.find(key).map(FoundNetwork::architecture);
    if (known.isPresent()
        || !budget.fits(
            settings.method().expectedSeconds(), "the search at " + bound.bound() + " ms")) {
      return known;
    }
    long before = System.nanoTime();
    SearchMethod.Found found;
    try {
      found =
          settings
              .method()
              .search(training.space().on(training.images().withoutTest()), bound, SEARCH_SEED);
    } catch (DivergedSearchException e) {
      budget.leaveOut("the search at " + bound.bound() + " ms: " + e.getMessage());
      return Optional.empty();
    }
    searches.add(
        new FoundNetwork(
            key,
            found.architecture(),
            bound.predict(found.architecture()),
            (System.nanoTime() - before) / 1e9,
            found.settings()));
    Bench.say("  %.3f ms: found %s", bound.bound(), found.architecture());
    return Optional.of(found.architecture());
  }

  private Optional<ComfortOutcome> zone(Architecture found) throws IOException {
    ComfortOutcome.Key key =
        new ComfortOutcome.Key(
            training.spaceFingerprint(), found, device.fingerprint(), settings.tolerance());
    Optional<ComfortOutcome> known = zones.find(key);
    double expected = settings.repeats() * MEASUREMENTS * SECONDS_PER_MEASUREMENT;
    if (known.isPresent() || !budget.fits(expected, "the comfort zone of " + found)) {
      return known;
    }
    long before = System.nanoTime();
    ComfortResult result =
        ComfortZone.builder(device)
            .tolerance(settings.tolerance())
            .repeats(settings.repeats())
            .most(ComfortOutcome.MOST)
            .build()
            .widen(found);
    ComfortOutcome outcome = ComfortOutcome.of(key, result, (System.nanoTime() - before) / 1e9);
    zones.add(outcome);
    result.page().write(folder.file("comfort-" + found.id() + ".html"));
    Bench.say("  %s: %s", found, result);
    return Optional.of(outcome);
  }

  private Map<String, Object> result(Constraint bound, ComfortOutcome zone) throws IOException {
    Architecture found = zone.key().found();
    ShortTraining wide =
        new ShortTraining(training.images(), ComfortOutcome.widths(found), epochs, folder);
    List<Double> before = new ArrayList<>();
    List<Double> gains = new ArrayList<>();
    for (long seed : settings.seeds()) {
      Optional<Double> own = train(training, found, seed);
      own.ifPresent(before::add);
      if (own.isPresent() && zone.comfortable()) {
        train(wide, zone.widened(), seed).ifPresent(acc -> gains.add(acc - own.get()));
      }
    }
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("dataset", training.images().name());
    row.put("network", found.id());
    row.put("bound_ms", bound.bound());
    row.put("zone", zone.comfortable() ? "yes" : "none");
    row.put("factor", zone.comfortable() ? zone.factor() : 1.0);
    row.put("macs_gained", 100 * zone.macsGained());
    row.put("parameters_gained", 100 * zone.parametersGained());
    row.put("ms_before", zone.millisBefore());
    row.put("ms_after", zone.comfortable() ? zone.millisAfter() : zone.millisBefore());
    row.put("tolerated", 100 * zone.tolerated());
    row.put("acc", mean(before));
    row.put("gain", zone.comfortable() ? mean(gains) : 0.0);
    row.put("gain_sd", zone.comfortable() ? deviation(gains) : 0.0);
    row.put("seeds", zone.comfortable() ? gains.size() : before.size());
    row.put("widened", zone.widened().id());
    return row;
  }

  private Optional<Double> train(ShortTraining by, Architecture architecture, long seed) {
    String what = "training " + architecture + " by seed " + seed;
    try {
      Optional<ShortTraining.Outcome> known = by.known(architecture, seed);
      if (known.isEmpty() && !budget.fits(by.expectedSeconds(), what)) {
        return Optional.empty();
      }
      return Optional.of(by.train(architecture, seed).testAccuracy());
    } catch (DivergedSearchException | IOException e) {
      budget.leaveOut(what + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
  }

  private static double deviation(List<Double> values) {
    if (values.size() < 2) {
      return Double.NaN;
    }
    double mean = mean(values);
    double[] squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).toArray();
    return Math.sqrt(Arrays.stream(squares).sum() / (squares.length - 1));
  }
}
