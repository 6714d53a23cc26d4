package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;
import org.jspecify.annotations.Nullable;
import org.lightnas.DivergedSearchException;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.OnnxDevice;
import org.lightnas.search.Found;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.search.channels.ChannelSearch;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.LightNasSpace;

/**
 * What LightNAS's second stage adds: accuracy of found networks in the widths that it chooses and
 * in those that they were found with, both trained by {@link ShortTraining} with the seed of the
 * search, and the latencies of both. {@code mvn -q -Pbench -Dbench=ChannelBench -Dnas.data=DIR
 * -Dnas.results=DIR}; options {@code -Dbounds=0.3,0.6}, {@code -Dseeds=1,2,3}, {@code
 * -Dpopulation=20}, {@code -Dgenerations=6}, {@code -Dbatches=100} of an estimate, {@code -Dsteps}
 * of the first stage, and {@code -Dvariant}, {@code -Dtable}, {@code -Dbudget=240}, {@code
 * -Ddataset}, {@code -Depochs}, {@code -Dimages} as of {@link SearchValue}. All that takes long is
 * kept in {@code nas.results}, so it can be run in pieces.
 *
 * <p>{@code gain} is the mean over the seeds of the second's test accuracy minus the first's, in
 * points, with its 95 % interval by Student's t (needs two seeds or more); at all bounds together,
 * of the means of each seed. {@code predicted} is of the second; {@code found_ms} and {@code
 * widths_ms} are measured, two spreads included.
 */
public final class ChannelBench {

  /** Batches of 64 on two cores. */
  private static final double SECONDS_PER_BATCH = 0.07;

  private static final double CONFIDENCE = 0.975;

  private final Settings settings;
  private final ShortTraining training;
  private final LatencyTable table;
  private final Device device;
  private final ResultsFolder folder;
  private final ResultsFile<ChannelOutcome> outcomes;
  private final FoundNetwork.Problem problem;
  private final Budget budget;

  /**
   * What is compared.
   *
   * @param bounds shares of the reachable range of latencies
   * @param steps of the first stage; 0 for its default
   * @param batches of an estimate
   * @param variant marks results of changed code; empty for none
   * @param minutes the budget
   */
  record Settings(
      List<Double> bounds,
      List<Long> seeds,
      int population,
      int generations,
      int batches,
      int steps,
      String variant,
      double minutes) {

    /**
     * Checks the steps.
     *
     * @throws IllegalArgumentException if a search would have one
     */
    Settings {
      checkArgument(
          steps == 0 || steps >= 2, "A search needs at least 2 steps, but -Dsteps is %s.", steps);
    }

    static Settings ofProperties() {
      return new Settings(
          Options.numbers("bounds", "0.3,0.6", 1),
          Options.wholes("seeds", "1,2,3"),
          Options.whole("population", 20, 2),
          Options.whole("generations", 6, 1),
          Options.whole("batches", 100, 1),
          Options.whole("steps", 0, 0),
          Options.text("variant", ""),
          Options.number("budget", "240", 1e6));
    }

    String method() {
      return String.format(
          Locale.ROOT,
          "channels %dx%d of %d batches%s%s",
          population,
          generations,
          batches,
          steps > 0 ? ", " + steps + " steps" : "",
          variant.isEmpty() ? "" : ", " + variant);
    }

    double expectedSeconds() {
      return new SearchMethod("lightnas", "default", steps, "").expectedSeconds()
          + SharedTable.SECONDS
          + SECONDS_PER_BATCH * population * generations * batches;
    }
  }

  /**
   * Opens the results.
   *
   * @param start of the program, by {@link System#nanoTime}
   */
  ChannelBench(
      Settings settings,
      ShortTraining training,
      LatencyTable table,
      Device device,
      ResultsFolder folder,
      long start)
      throws IOException {
    this.settings = settings;
    this.training = training;
    this.table = table;
    this.device = device;
    this.folder = folder;
    this.budget = new Budget(settings.minutes(), start);
    this.problem = FoundNetwork.Problem.of(training, table);
    this.outcomes =
        ResultsFile.open(
            folder.file("channels.jsonl"), new ChannelOutcome.Format(problem, training.space()));
  }

  /** Compares what the system properties ask for. */
  public static void main(String... args) throws IOException {
    long start = System.nanoTime();
    Settings settings = Settings.ofProperties();
    ExperimentImages images = ExperimentImages.ofProperties();
    LayeredSpace space = LightNasSpace.small(images.train().shape(), images.train().classes());
    ResultsFolder folder = ResultsFolder.ofProperty();
    int epochs = Options.whole("epochs", ShortTraining.EPOCHS, 1);
    ShortTraining training = new ShortTraining(images, space, epochs, folder);
    LatencyTable table = new SharedTable(space, folder).get();
    try (OnnxDevice device = OnnxDevice.thisMachine()) {
      new ChannelBench(settings, training, table, device, folder, start).run();
    }
  }

  /** Computes what is missing, as far as the budget goes, and prints all. */
  void run() throws IOException {
    int runs = settings.bounds().size() * settings.seeds().size();
    Bench.say(
        "ChannelBench: about %.0f minutes where nothing is known, at most %.0f; %s, space %s",
        Math.ceil(runs * (settings.expectedSeconds() + 2 * training.expectedSeconds()) / 60),
        settings.minutes(),
        problem.dataset(),
        training.space());
    for (double share : settings.bounds()) {
      Constraint bound = bound(share);
      for (long seed : settings.seeds()) {
        ChannelOutcome outcome = search(bound, seed);
        if (outcome != null) {
          train(training, outcome.found(), seed);
          train(of(outcome), outcome.widths(), seed);
        }
      }
    }
    print();
    budget.print();
  }

  private Constraint bound(double share) {
    return Constraint.latency(table.range().at(share), table);
  }

  private @Nullable ChannelOutcome search(Constraint bound, long seed) throws IOException {
    FoundNetwork.Key key = new FoundNetwork.Key(problem, bound.bound(), settings.method(), seed);
    Optional<ChannelOutcome> known = outcomes.find(key);
    String what = String.format(Locale.ROOT, "the search %d at %.3f ms", seed, bound.bound());
    if (known.isPresent() || !budget.fits(settings.expectedSeconds(), what)) {
      return known.orElse(null);
    }
    LightNas.Builder first = LightNas.builder().seed(seed);
    if (settings.steps() > 0) {
      first.steps(settings.steps());
    }
    ChannelSearch second =
        ChannelSearch.builder()
            .population(settings.population())
            .generations(settings.generations())
            .batches(settings.batches())
            .seed(seed)
            .build();
    long before = System.nanoTime();
    SearchResult found;
    try {
      found =
          first
              .channels(second)
              .build()
              .search(
                  training.space().on(training.images().withoutTest()), bound.measuredOn(device));
    } catch (DivergedSearchException e) {
      budget.leaveOut(what + ": " + e.getMessage());
      return null;
    }
    Bench.say("  %s", found);
    ScoreResult widths = (ScoreResult) found.refined();
    if (widths == null) {
      throw new IllegalStateException("The second stage left nothing.");
    }
    ChannelOutcome outcome =
        new ChannelOutcome(
            key,
            found.architecture(),
            widths.architecture(),
            widths.constraints().get(0).predict(widths.architecture()),
            measured(found),
            measured(widths),
            widths.score(),
            (System.nanoTime() - before) / 1e9);
    outcomes.add(outcome);
    return outcome;
  }

  private static double measured(Found found) {
    Verdict verdict = found.verdicts().get(0);
    Measurement measured = verdict.measured();
    if (measured == null) {
      throw new IllegalStateException("The device measured nothing: " + verdict);
    }
    return measured.upperMillis();
  }

  private ShortTraining of(ChannelOutcome outcome) throws IOException {
    return new ShortTraining(
        training.images(), (SearchSpace) outcome.widths().space(), training.epochs(), folder);
  }

  private void train(ShortTraining by, Architecture architecture, long seed) throws IOException {
    if (by.known(architecture, seed).isPresent()
        || !budget.fits(training.expectedSeconds(), "training " + architecture)) {
      return;
    }
    try {
      ShortTraining.Outcome outcome = by.train(architecture, seed);
      Bench.say(
          "  %s, seed %d: %.2f %% (%.0f s)",
          architecture, seed, outcome.testAccuracy(), outcome.seconds());
    } catch (DivergedSearchException e) {
      budget.leaveOut(architecture + ": " + e.getMessage());
    }
  }

  private void print() throws IOException {
    Map<Double, SummaryStatistics> gains = new LinkedHashMap<>();
    Map<Long, SummaryStatistics> bySeed = new LinkedHashMap<>();
    List<Double> bounds = settings.bounds().stream().map(share -> bound(share).bound()).toList();
    List<Map<String, Object>> results = new ArrayList<>();
    for (ChannelOutcome outcome : outcomes.all()) {
      long seed = outcome.key().seed();
      Optional<ShortTraining.Outcome> before = training.known(outcome.found(), seed);
      Optional<ShortTraining.Outcome> after = of(outcome).known(outcome.widths(), seed);
      if (!outcome.key().method().equals(settings.method())
          || !settings.seeds().contains(seed)
          || bounds.stream().noneMatch(bound -> bound == outcome.key().bound())
          || before.isEmpty()
          || after.isEmpty()) {
        continue;
      }
      double gain = after.get().testAccuracy() - before.get().testAccuracy();
      double bound = outcome.key().bound();
      gains.computeIfAbsent(bound, none -> new SummaryStatistics()).addValue(gain);
      bySeed.computeIfAbsent(seed, none -> new SummaryStatistics()).addValue(gain);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("bound_ms", bound);
      result.put("seed", seed);
      result.put("found_acc", before.get().testAccuracy());
      result.put("widths_acc", after.get().testAccuracy());
      result.put("gain", gain);
      result.put("predicted_ms", outcome.predicted());
      result.put("found_ms", outcome.foundMillis());
      result.put("widths_ms", outcome.millis());
      result.put("score", outcome.score());
      result.put("found", outcome.found().id());
      result.put("widths", outcome.widths().id());
      result.put("seconds", outcome.seconds());
      results.add(result);
    }
    Bench.results(results, "found", "widths", "seconds");
    gains.forEach((bound, each) -> Bench.result(summary("gain at " + bound + " ms", each)));
    // Searches of one seed have images, batches and first weights in common: they count as one.
    SummaryStatistics all = new SummaryStatistics();
    bySeed.values().stream()
        .filter(each -> each.getN() == bounds.size())
        .forEach(each -> all.addValue(each.getMean()));
    if (all.getN() > 0) {
      Bench.result(summary("gain at all bounds, seeds", all));
    }
  }

  static Map<String, Object> summary(String figure, SummaryStatistics gains) {
    double reach =
        gains.getN() < 2
            ? Double.NaN
            : new TDistribution((double) gains.getN() - 1).inverseCumulativeProbability(CONFIDENCE)
                * gains.getStandardDeviation()
                / Math.sqrt((double) gains.getN());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("figure", figure);
    result.put("pairs", gains.getN());
    result.put("gain", gains.getMean());
    result.put("gain_low", gains.getMean() - reach);
    result.put("gain_high", gains.getMean() + reach);
    return result;
  }
}
