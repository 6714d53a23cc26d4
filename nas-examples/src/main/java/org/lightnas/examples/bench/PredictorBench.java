package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.lightnas.examples.tables.PublishedLatencies;
import org.lightnas.predict.PredictorFamily;
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

  private static final String BEST = "best";
  private static final String TRANSFER = "transfer";
  private static final String TABLE5 = "op counts";

  private final ExecutorService executor;
  private final int threads;
  private final int[] sizes;
  private final int seeds;
  private final double minutes = Options.amount("budget", "1e9");
  private final long start = System.nanoTime();

  /** Rows of their own, beside best. */
  private final List<String> named =
      Options.list("predictors", "table,table-reachable," + TRANSFER + "," + BEST);

  private final Map<String, String> leftOut = Collections.synchronizedMap(new LinkedHashMap<>());

  private PredictorBench(ExecutorService executor, int threads, int[] sizes, int seeds) {
    this.executor = executor;
    this.threads = threads;
    this.sizes = sizes;
    this.seeds = seeds;
  }

  /** Measures what the system properties ask for. */
  public static void main(String... args) throws IOException, InterruptedException {
    List<String> spaces = Options.names("space", "nb201,fbnet,ofa_mbv3");
    Path data = Options.data(Options.SHARED, spaces.toArray(String[]::new));
    int[] sizes =
        Options.counts("n", "10,20,50,100,900", 1).stream()
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray();
    int seeds = Options.whole("seeds", 10, 1);
    int threads = Options.whole("threads", Runtime.getRuntime().availableProcessors(), 1);
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (String space : spaces) {
        PublishedLatencies published = PublishedLatencies.read(data, space);
        new PredictorBench(executor, threads, sizes, seeds).run(space, published);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  private record Key(String device, int n, String predictor) {}

  private void run(String space, PublishedLatencies published) throws InterruptedException {
    List<String> devices = Options.list("devices", String.join(",", published.profiles().keySet()));
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
    Map<String, PredictorSplit> splits = new LinkedHashMap<>();
    Map<String, Future<PredictorFamily>> transfers = new LinkedHashMap<>();
    for (String device : devices) {
      splits.put(
          device,
          PredictorSplit.of(device, Objects.requireNonNull(published.profiles().get(device))));
      transfers.put(
          device, executor.submit(() -> Predictors.transfer(others(published.profiles(), device))));
    }
    for (Future<PredictorFamily> transfer : transfers.values()) {
      get(transfer);
    }
    Map<String, Future<Timed<Double>>> ceilings = new LinkedHashMap<>();
    List<Future<Timed<Map<Key, PredictorScore>>>> jobs = new ArrayList<>();
    for (String device : devices) {
      PredictorSplit split = Objects.requireNonNull(splits.get(device));
      ceilings.put(device, submit(split::ceiling));
      for (int n : sizes) {
        jobs.add(submit(() -> job(device, n, 1, splits, transfers)));
      }
      if (jobs.size() == sizes.length) {
        double each = seconds(ceilings.values()) + seeds * seconds(jobs);
        Bench.say(
            "about %.1f minutes, judging by one of %d devices; at most -Dbudget=MINUTES",
            each * devices.size() / threads / 60, devices.size());
      }
    }
    double seed = seconds(jobs);
    seconds(ceilings.values());
    Bench.say(
        "about %.1f minutes more, judging by one of %d seeds",
        seed * (seeds - 1) / threads / 60, seeds);
    for (int s = 2; s <= seeds; s++) {
      for (int n : sizes) {
        for (String device : devices) {
          int drawn = s;
          jobs.add(submit(() -> job(device, n, drawn, splits, transfers)));
        }
      }
    }
    Map<Key, List<PredictorScore>> scores = new LinkedHashMap<>();
    for (Future<Timed<Map<Key, PredictorScore>>> job : jobs) {
      get(job)
          .value()
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

  /** What a job found, and how long it took while others ran beside it. */
  private record Timed<T>(T value, double seconds) {}

  private <T> Future<Timed<T>> submit(Callable<T> work) {
    return executor.submit(
        () -> {
          long start = System.nanoTime();
          return new Timed<>(work.call(), (System.nanoTime() - start) / 1e9);
        });
  }

  /** Waits for these; their time together. */
  private static <T> double seconds(Collection<Future<Timed<T>>> jobs) throws InterruptedException {
    double sum = 0;
    for (Future<Timed<T>> job : jobs) {
      sum += get(job).seconds();
    }
    return sum;
  }

  private Map<Key, PredictorScore> job(
      String device,
      int n,
      int seed,
      Map<String, PredictorSplit> splits,
      Map<String, Future<PredictorFamily>> transfers)
      throws InterruptedException {
    Map<Key, PredictorScore> scores = new LinkedHashMap<>();
    PredictorSplit split = Objects.requireNonNull(splits.get(device));
    if (n > split.rest().samples().size()) {
      leftOut.put(device + ", n = " + n, "there are " + split.rest().samples().size() + " rows");
      return scores;
    }
    if ((System.nanoTime() - start) / 60e9 > minutes) {
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
      if (split.hasDeadParts()) {
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
      String space,
      Map<Key, List<PredictorScore>> scores,
      Map<String, Future<Timed<Double>>> ceilings)
      throws InterruptedException {
    List<List<?>> table = new ArrayList<>();
    table.add(PredictorScore.heading());
    List<Map<String, Object>> results = new ArrayList<>();
    List<Key> keys = new ArrayList<>(scores.keySet());
    List<String> devices = new ArrayList<>(ceilings.keySet());
    keys.sort(
        (a, b) ->
            a.device().equals(b.device())
                ? Integer.compare(a.n(), b.n())
                : Integer.compare(devices.indexOf(a.device()), devices.indexOf(b.device())));
    for (Key key : keys) {
      PredictorScore score = PredictorScore.mean(Objects.requireNonNull(scores.get(key)));
      double table5 =
          PredictorScore.mean(
                  Objects.requireNonNull(scores.get(new Key(key.device(), key.n(), TABLE5))))
              .spearman();
      double ceiling = get(Objects.requireNonNull(ceilings.get(key.device()))).value();
      table.add(score.row(key.device(), key.n(), key.predictor(), table5, ceiling));
      if (!key.predictor().equals(TABLE5)) {
        results.add(score.result(space, key.device(), key.n(), key.predictor(), table5, ceiling));
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
