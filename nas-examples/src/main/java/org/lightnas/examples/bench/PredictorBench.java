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
import java.util.stream.Stream;
import org.lightnas.examples.tables.PublishedLatencies;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.PredictorFamily;
import org.lightnas.predict.PredictorReport;
import org.lightnas.predict.Predictors;
import org.lightnas.predict.Profile;
import org.lightnas.predict.Selection;

/**
 * How well latency predictors do on published measurements: fitted on n architectures, judged on
 * others. {@code mvn -q -Pbench -Dbench=PredictorBench -Dnas.data=DIR}; options {@code
 * -Dspace=nb201,fbnet,ofa_mbv3}, {@code -Ddevices=pixel3,…} (default all), {@code
 * -Dn=10,20,50,100,900}, {@code -Dseeds=10}, {@code
 * -Dpredictors=table,table-reachable,transfer,best} (more: {@code mlp}, {@code gnn} and their
 * reachable forms, which take longer), {@code -Dbudget=MINUTES} (what does not fit is left out and
 * named), {@code -Dthreads}, {@code -Dnas.data} (default {@code ../shared/data}).
 *
 * <p>A quarter of a device's rows, at most 2,000, is drawn once as its test set; each seed draws n
 * of the rest. All predictors, and the plain table of operation counts that they are measured
 * against, see the same rows. The ceiling is the best family fitted on all rows outside the test
 * set. Neither the order of the rows nor their index reaches a predictor. The other devices that
 * {@code transfer} learns from give all their rows, tested ones among them: they were measured.
 */
public final class PredictorBench {

  private static final double TESTED = 0.25;
  private static final int MOST_TESTED = 2_000;
  private static final String BEST = "best";
  private static final String TRANSFER = "transfer";
  private static final String TABLE5 = "op counts";

  private final ExecutorService executor;
  private final int threads;
  private final int[] sizes;
  private final int seeds;
  private final long deadline;

  /** Rows of their own, beside best. */
  private final List<String> named =
      list("predictors", "table,table-reachable," + TRANSFER + "," + BEST);

  private final Map<String, String> leftOut = Collections.synchronizedMap(new LinkedHashMap<>());

  private PredictorBench(ExecutorService executor, int threads, int[] sizes, int seeds) {
    this.executor = executor;
    this.threads = threads;
    this.sizes = sizes;
    this.seeds = seeds;
    String budget = System.getProperty("budget", "");
    deadline =
        budget.isEmpty()
            ? Long.MAX_VALUE
            : System.nanoTime() + (long) (Double.parseDouble(budget) * 60e9);
  }

  /** Measures what the system properties ask for. */
  public static void main(String... args) throws IOException, InterruptedException {
    Path data = Path.of(System.getProperty("nas.data", "../shared/data"));
    int[] sizes =
        list("n", "10,20,50,100,900").stream().mapToInt(Integer::parseInt).sorted().toArray();
    int seeds = Integer.getInteger("seeds", 10);
    int threads = Integer.getInteger("threads", Runtime.getRuntime().availableProcessors());
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (String space : list("space", "nb201,fbnet,ofa_mbv3")) {
        PublishedLatencies published = PublishedLatencies.read(data, space);
        new PredictorBench(executor, threads, sizes, seeds).run(space, published);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private static List<String> list(String property, String otherwise) {
    return Stream.of(System.getProperty(property, otherwise).split(","))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  /** What a predictor reached on the test set. */
  record Score(
      double spearman, double kendall, double medianError, double within5, double within10) {

    static Score mean(List<Score> scores) {
      double[] sum = new double[5];
      for (Score s : scores) {
        double[] values = {s.spearman, s.kendall, s.medianError, s.within5, s.within10};
        for (int i = 0; i < sum.length; i++) {
          sum[i] += values[i] / scores.size();
        }
      }
      return new Score(sum[0], sum[1], sum[2], sum[3], sum[4]);
    }
  }

  /** A device's rows: those to learn from, and those to be judged on. */
  record Split(Profile rest, Profile test) {

    static Split of(String device, Profile profile) {
      List<Profile.Sample> shuffled = shuffled(profile, Seeds.derive(1, device, 0));
      int tested = Math.min(MOST_TESTED, (int) (TESTED * shuffled.size()));
      return new Split(
          part(profile, shuffled.subList(tested, shuffled.size())),
          part(profile, shuffled.subList(0, tested)));
    }

    Profile draw(int n, int seed) {
      return part(rest, shuffled(rest, Seeds.derive(seed, "training rows", n)).subList(0, n));
    }

    private static List<Profile.Sample> shuffled(Profile profile, long seed) {
      List<Profile.Sample> samples = new ArrayList<>(profile.samples());
      Collections.shuffle(samples, new Random(seed));
      return samples;
    }

    private static Profile part(Profile profile, List<Profile.Sample> samples) {
      return new Profile(profile.space(), profile.fingerprint(), samples);
    }

    Score judge(Predictor predictor) {
      // Held out as in a report, though of one fit; only its figures are used.
      PredictorReport report =
          new PredictorReport(
              2,
              test.samples().stream()
                  .map(
                      sample ->
                          new PredictorReport.Pair(
                              sample.measurement().millis(),
                              predictor.predict(sample.architecture())))
                  .toList());
      return new Score(
          report.spearman(),
          report.kendall(),
          report.medianError(),
          report.within(0.05),
          report.within(0.10));
    }
  }

  private record Key(String device, int n, String predictor) {}

  private void run(String space, PublishedLatencies published) throws InterruptedException {
    List<String> devices = list("devices", String.join(",", published.profiles().keySet()));
    devices.stream()
        .filter(device -> !published.profiles().containsKey(device))
        .forEach(device -> leftOut.put(device, "space " + space + " has no such device"));
    devices = devices.stream().filter(published.profiles()::containsKey).toList();
    Predictors.families().stream()
        .map(PredictorFamily::name)
        .filter(name -> !named.contains(name))
        .forEach(name -> leftOut.put(name + " by itself", "it takes part in best; -Dpredictors"));
    published
        .filtered()
        .forEach((device, rows) -> leftOut.put(device + ", " + rows + " rows", "nothing was run"));
    Bench.say(
        "PredictorBench: space %s, %d devices, n = %s, %d seeds, %d threads, %s; how long it"
            + " takes follows",
        space, devices.size(), Arrays.toString(sizes), seeds, threads, named);
    if (devices.isEmpty()) {
      printLeftOut();
      return;
    }
    Map<String, Split> splits = new LinkedHashMap<>();
    Map<String, Future<PredictorFamily>> transfers = new LinkedHashMap<>();
    for (String device : devices) {
      splits.put(
          device, Split.of(device, Objects.requireNonNull(published.profiles().get(device))));
      transfers.put(
          device, executor.submit(() -> Predictors.transfer(others(published.profiles(), device))));
    }
    estimate(splits, transfers);

    Map<String, Future<Double>> ceilings = new LinkedHashMap<>();
    splits.forEach((device, split) -> ceilings.put(device, executor.submit(() -> ceiling(split))));
    Map<Key, List<Score>> scores = new LinkedHashMap<>();
    List<Future<Map<Key, Score>>> jobs = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      for (int n : sizes) {
        for (String device : devices) {
          int drawn = seed;
          jobs.add(executor.submit(() -> job(device, n, drawn, splits, transfers)));
        }
      }
    }
    for (Future<Map<Key, Score>> job : jobs) {
      get(job)
          .forEach((key, score) -> scores.computeIfAbsent(key, k -> new ArrayList<>()).add(score));
    }
    print(space, scores, ceilings);
  }

  private static List<Profile> others(Map<String, Profile> profiles, String device) {
    List<Profile> others = new ArrayList<>();
    profiles.forEach(
        (name, profile) -> {
          if (!name.equals(device)) {
            others.add(profile);
          }
        });
    return others;
  }

  /** Runs one job of each kind to see how long all will take. */
  private void estimate(Map<String, Split> splits, Map<String, Future<PredictorFamily>> transfers)
      throws InterruptedException {
    String device = splits.keySet().iterator().next();
    for (Future<PredictorFamily> transfer : transfers.values()) {
      get(transfer);
    }
    long start = System.nanoTime();
    get(executor.submit(() -> ceiling(Objects.requireNonNull(splits.get(device)))));
    double seconds = (System.nanoTime() - start) / 1e9;
    for (int n : sizes) {
      long before = System.nanoTime();
      get(executor.submit(() -> job(device, n, 1, splits, transfers)));
      seconds += seeds * (System.nanoTime() - before) / 1e9;
    }
    Bench.say(
        "about %.1f minutes, judging by one device; at most -Dbudget=MINUTES",
        seconds * splits.size() / threads / 60);
  }

  /**
   * Nets are fitted in that form of a table which does better: on these rows that is no close call.
   */
  private static double ceiling(Split split) {
    double most = Double.NEGATIVE_INFINITY;
    boolean reachable = false;
    for (PredictorFamily family : Predictors.families()) {
      if (most == Double.NEGATIVE_INFINITY) {
        most = ceiling(split, family);
        double other = hasDeadParts(split.test()) ? ceiling(split, family.reachable()) : most;
        reachable = other > most;
        most = Math.max(most, other);
      } else {
        most = Math.max(most, ceiling(split, reachable ? family.reachable() : family));
      }
    }
    return most;
  }

  private static double ceiling(Split split, PredictorFamily family) {
    return split.judge(family.fit(split.rest())).spearman();
  }

  private static boolean hasDeadParts(Profile profile) {
    return profile.samples().stream()
        .map(Profile.Sample::architecture)
        .anyMatch(a -> !a.equals(profile.space().reachable(a)));
  }

  private Map<Key, Score> job(
      String device,
      int n,
      int seed,
      Map<String, Split> splits,
      Map<String, Future<PredictorFamily>> transfers)
      throws InterruptedException {
    Map<Key, Score> scores = new LinkedHashMap<>();
    Split split = Objects.requireNonNull(splits.get(device));
    if (n > split.rest().samples().size()) {
      leftOut.put(device + ", n = " + n, "there are " + split.rest().samples().size() + " rows");
      return scores;
    }
    if (System.nanoTime() > deadline) {
      leftOut.put(device + ", n = " + n + ", seed " + seed + " and later", "the budget is used up");
      return scores;
    }
    Profile training = split.draw(n, seed);
    scores.put(new Key(device, n, TABLE5), split.judge(OpCounts.fit(training)));
    String chosen = "";
    if (named.contains(BEST)) {
      Selection best = Predictors.best(training);
      chosen = best.family();
      scores.put(new Key(device, n, BEST), split.judge(best.predictor()));
    }
    List<PredictorFamily> all = new ArrayList<>();
    for (PredictorFamily family : Predictors.families()) {
      all.add(family);
      if (hasDeadParts(split.test())) {
        all.add(family.reachable());
      }
    }
    all.add(get(Objects.requireNonNull(transfers.get(device))));
    all.removeIf(family -> !named.contains(family.name()));
    for (PredictorFamily family : all) {
      Key key = new Key(device, n, family.name());
      try {
        scores.put(
            key,
            family.name().equals(chosen)
                ? Objects.requireNonNull(scores.get(new Key(device, n, BEST)))
                : split.judge(family.fit(training)));
      } catch (IllegalArgumentException e) {
        leftOut.put(device + ", n = " + n + ", " + family.name(), String.valueOf(e.getMessage()));
      }
    }
    return scores;
  }

  private static <T> T get(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private void print(
      String space, Map<Key, List<Score>> scores, Map<String, Future<Double>> ceilings)
      throws InterruptedException {
    List<List<?>> table = new ArrayList<>();
    table.add(
        List.of(
            "device",
            "n",
            "predictor",
            "Spearman",
            "Kendall",
            "error %",
            "5 % share",
            "10 % share",
            "over op counts",
            "of ceiling"));
    List<Map<String, Object>> results = new ArrayList<>();
    List<Key> keys = new ArrayList<>(scores.keySet());
    List<String> devices = new ArrayList<>(ceilings.keySet());
    keys.sort(
        (a, b) ->
            a.device().equals(b.device())
                ? Integer.compare(a.n(), b.n())
                : Integer.compare(devices.indexOf(a.device()), devices.indexOf(b.device())));
    for (Key key : keys) {
      Score score = Score.mean(Objects.requireNonNull(scores.get(key)));
      double table5 =
          Score.mean(Objects.requireNonNull(scores.get(new Key(key.device(), key.n(), TABLE5))))
              .spearman();
      double ceiling = get(Objects.requireNonNull(ceilings.get(key.device())));
      table.add(
          List.of(
              key.device(),
              key.n(),
              key.predictor(),
              score.spearman(),
              score.kendall(),
              100 * score.medianError(),
              score.within5(),
              score.within10(),
              score.spearman() - table5,
              score.spearman() / ceiling));
      if (!key.predictor().equals(TABLE5)) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("space", space);
        result.put("device", key.device());
        result.put("n", key.n());
        result.put("predictor", key.predictor());
        result.put("spearman", score.spearman());
        result.put("kendall", score.kendall());
        result.put("median_error", score.medianError());
        result.put("within5", score.within5());
        result.put("within10", score.within10());
        result.put("table5_spearman", table5);
        result.put("ceiling_spearman", ceiling);
        results.add(result);
      }
    }
    Bench.table(table);
    printLeftOut();
    results.forEach(Bench::result);
  }

  private void printLeftOut() {
    leftOut.forEach((what, why) -> Bench.say("left out: %s (%s)", what, why));
  }
}
