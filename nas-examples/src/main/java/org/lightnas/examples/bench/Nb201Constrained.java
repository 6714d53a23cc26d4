package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.lightnas.examples.tables.PublishedAccuracies;
import org.lightnas.examples.tables.PublishedDevice;
import org.lightnas.examples.tables.PublishedLatencies;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.QualityLimit;
import org.lightnas.predict.Predictors;
import org.lightnas.predict.Profile;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.ScoreSearcher;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Searches of NAS-Bench-201 under bounds on published latencies, where the best that could have
 * been found is known: {@code mvn -q -Pbench -Dbench=Nb201Constrained -Dnas.data=DIR}; options
 * {@code -Ddevices=pixel3,…} (default all), {@code -Dquantiles=10,30,50,70} (of the device's
 * latencies, in percent), {@code -Ddataset=cifar10,cifar100,imagenet16-120}, {@code
 * -Dmethod=evolution,guided,local}, {@code -Devaluations=100}, {@code -Dseeds=10}, {@code
 * -Dsamples=20} (measured for the predictor), {@code -Dfinalists=5} (measured at the end), {@code
 * -Dthreads}.
 *
 * <p>A seed draws the samples and decides the search. The predictor is the best of {@link
 * Predictors#best}; a poor one is used, too, because what it is wrong about is measured. Searches
 * are led by the validation accuracy after 12 epochs, among the architectures that have a latency.
 * A run is answered if one of the finalists, measured, keeps the bound, and a violation if the
 * result says that it keeps a bound that it exceeds: it cannot, while measurements are what counts,
 * so the column guards the code. {@code over} is the share of runs that would have been violations
 * by prediction alone. Regret is what the answer's test accuracy after 200 epochs lacks to that of
 * the best architecture within the bound, in points.
 */
public final class Nb201Constrained {

  private Nb201Constrained() {}

  /**
   * What one run came to; no regret where it was not answered.
   *
   * @param over whether the best by score and prediction, measured first, exceeded the bound
   */
  record Outcome(double regret, boolean violated, boolean answered, boolean over, int measured) {}

  private record Key(String device, int quantile, String dataset, String method) {}

  /** Runs what the options ask for. */
  public static void main(String... args) throws IOException, InterruptedException {
    Path data = Options.data("nb201");
    PublishedLatencies latencies = PublishedLatencies.read(data, "nb201");
    PublishedAccuracies accuracies = PublishedAccuracies.read(data, "nb201");
    List<String> devices =
        Options.names("devices", String.join(",", latencies.profiles().keySet()));
    List<Long> quantiles = Options.wholes("quantiles", "10,30,50,70");
    List<String> datasets = Options.names("dataset", "cifar10,cifar100,imagenet16-120");
    List<String> methods = Options.names("method", "evolution,guided,local", "random");
    int evaluations = Options.whole("evaluations", 100, 1);
    int seeds = Options.whole("seeds", 10, 1);
    int samples = Options.whole("samples", 20, 4);
    int finalists = Options.whole("finalists", 5, 1);
    int threads = Options.whole("threads", Runtime.getRuntime().availableProcessors(), 1);
    Bench.say(
        "Nb201Constrained: %d devices, quantiles %s, %s, %s, %d evaluations, %d seeds, %d samples,"
            + " %d finalists, %d threads; a few minutes, with guided search half an hour",
        devices.size(),
        quantiles,
        datasets,
        methods,
        evaluations,
        seeds,
        samples,
        finalists,
        threads);
    Map<Key, List<Future<Outcome>>> jobs = new LinkedHashMap<>();
    Function<Architecture, String> functions =
        Nb201Search.functions(accuracies.table("cifar10_val_12ep"));
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (String device : devices) {
        Profile profile = Objects.requireNonNull(latencies.profiles().get(device));
        Measured measured = Measured.of(profile);
        List<Future<Predictor>> predictors = new ArrayList<>();
        for (int seed = 1; seed <= seeds; seed++) {
          int drawn = seed;
          predictors.add(executor.submit(() -> predictor(profile, samples, drawn)));
        }
        for (long quantile : quantiles) {
          double bound = measured.quantile(quantile / 100.0);
          for (String dataset : datasets) {
            String column = dataset.replace('-', '_');
            TabularEvaluator signal = accuracies.table(column + "_val_12ep");
            TabularEvaluator truth = accuracies.table(column + "_test_200ep");
            double best = measured.best(truth, bound);
            for (String method : methods) {
              List<Future<Outcome>> runs = new ArrayList<>();
              for (int seed = 1; seed <= seeds; seed++) {
                ScoreSearcher searcher =
                    Nb201Search.searcher(method, signal)
                        .sameness(functions)
                        .quality(QualityLimit.none())
                        .finalists(finalists)
                        .stop(StopRule.evaluations(evaluations))
                        .seed(seed)
                        .build();
                Future<Predictor> predictor = predictors.get(seed - 1);
                runs.add(
                    executor.submit(
                        () -> measured.run(searcher, predictor.get(), bound, truth, best)));
              }
              jobs.put(new Key(device, (int) quantile, dataset, method), runs);
            }
          }
        }
      }
      report(jobs);
    } finally {
      executor.shutdownNow();
    }
  }

  /** The best of the families for some of the measurements, drawn by a seed. */
  static Predictor predictor(Profile profile, int samples, long seed) {
    List<Profile.Sample> shuffled = new ArrayList<>(profile.samples());
    Collections.shuffle(
        shuffled, new Random(Seeds.derive(seed, "samples on " + profile.fingerprint(), 0)));
    return Predictors.best(
            new Profile(profile.space(), profile.fingerprint(), shuffled.subList(0, samples)))
        .predictor();
  }

  /** A device with all that it measured. */
  record Measured(PublishedDevice device, ChoiceSpace space, Constraint known) {

    static Measured of(Profile profile) {
      PublishedDevice device = PublishedDevice.of(profile);
      Predictor missing =
          Predictor.of(
              profile.space(), new Metric("missing latency", "rows"), a -> device.knows(a) ? 0 : 1);
      return new Measured(device, profile.space(), Constraint.atMost(0.5, missing));
    }

    /** The latency that this share of the architectures does not exceed. */
    double quantile(double share) {
      double[] sorted =
          device.measurements().values().stream().mapToDouble(m -> m.millis()).sorted().toArray();
      return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    double best(TabularEvaluator truth, double bound) {
      return Arrays.stream(within(truth, bound)).max().orElseThrow();
    }

    /** The true scores of the architectures measured within the bound. */
    double[] within(TabularEvaluator truth, double bound) {
      return device.measurements().entrySet().stream()
          .filter(entry -> entry.getValue().millis() <= bound)
          .mapToDouble(entry -> truth.score(entry.getKey()))
          .toArray();
    }

    Outcome run(
        ScoreSearcher searcher,
        Predictor predictor,
        double bound,
        TabularEvaluator truth,
        double best) {
      ScoreResult found =
          searcher.search(space, Constraint.atMost(bound, predictor).measuredOn(device), known);
      Architecture architecture = found.architecture();
      boolean kept = device.measurement(architecture).millis() <= bound;
      return new Outcome(
          best - truth.score(architecture),
          found.satisfied() && !kept,
          found.satisfied(),
          !found.measured().get(0).satisfied(),
          found.measured().size());
    }
  }

  private static void report(Map<Key, List<Future<Outcome>>> jobs) throws InterruptedException {
    List<Map<String, Object>> results = new ArrayList<>();
    Map<String, List<Outcome>> all = new LinkedHashMap<>();
    for (Map.Entry<Key, List<Future<Outcome>>> entry : jobs.entrySet()) {
      List<Outcome> outcomes = new ArrayList<>();
      for (Future<Outcome> run : entry.getValue()) {
        try {
          outcomes.add(run.get());
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
      Key key = entry.getKey();
      all.computeIfAbsent(key.method, m -> new ArrayList<>()).addAll(outcomes);
      all.computeIfAbsent(key.method + " at " + key.quantile + " %", m -> new ArrayList<>())
          .addAll(outcomes);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("device", key.device);
      result.put("quantile", key.quantile);
      result.put("dataset", key.dataset);
      result.put("method", key.method);
      result.putAll(summary(outcomes));
      results.add(result);
    }
    List<List<?>> totals = new ArrayList<>();
    // No standard error: runs share predictors, and data sets differ in scale.
    totals.add(List.of("all", "regret", "violations", "answered", "over", "measured"));
    all.forEach(
        (what, outcomes) -> {
          List<Object> row = new ArrayList<>(List.of(what));
          Map<String, Object> summary = summary(outcomes);
          summary.remove("se");
          row.addAll(summary.values());
          totals.add(row);
        });
    Bench.table(totals);
    Bench.results(results);
  }

  /** Regret is the mean over answered runs. */
  private static Map<String, Object> summary(List<Outcome> outcomes) {
    double[] regrets =
        outcomes.stream().filter(Outcome::answered).mapToDouble(Outcome::regret).toArray();
    double mean = Arrays.stream(regrets).average().orElse(Double.NaN);
    double squares = Arrays.stream(regrets).map(r -> (r - mean) * (r - mean)).sum();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("regret", mean);
    summary.put("se", Math.sqrt(squares / (regrets.length - 1) / regrets.length));
    summary.put("violations", outcomes.stream().filter(Outcome::violated).count());
    summary.put("answered", (double) regrets.length / outcomes.size());
    summary.put("over", (double) outcomes.stream().filter(Outcome::over).count() / outcomes.size());
    summary.put("measured", outcomes.stream().mapToInt(Outcome::measured).average().orElseThrow());
    return summary;
  }
}
