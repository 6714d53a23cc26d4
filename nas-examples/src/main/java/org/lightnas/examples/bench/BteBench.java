package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.lightnas.DivergedSearchException;
import org.lightnas.metric.Kendall;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.proxy.BteReport;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

/**
 * How well batchwise training estimation and free proxies rank random networks of one latency,
 * against {@link ShortTraining}. {@code mvn -q -Pbench -Dbench=BteBench -Dnas.data=DIR
 * -Dnas.results=DIR}; options {@code -Dproxy=bte,params,macs,gradnorm,synflow,naswot}, {@code
 * -Dbatches=25,50,100,200}, {@code -Drate=0.1} of these batches at its peak, {@code -Dnetworks=24},
 * {@code -Dbounds=0.5} (shares of the reachable range of latencies; networks are within 5 % of it),
 * {@code -Dseeds=1,2} of the trainings, and {@code -Dtable}, {@code -Dbudget=120}, {@code
 * -Ddataset}, {@code -Depochs}, {@code -Dimages} as of {@link SearchValue}. All that takes long is
 * kept in {@code nas.results}, so it can be run in pieces; about an hour where nothing is known.
 *
 * <p>{@code tau} is Kendall's tau-b with the mean test accuracy over the seeds, with its 95 %
 * interval as far as the choice of the networks goes (test images are three times as many as those
 * held out, and nothing is chosen by them). {@code tau_one} is the mean of the taus with single
 * seeds, which is to be compared with that of the row {@code label}: tau of one seed's training and
 * another's, what no proxy can be expected to beat. {@code cost} is the share of a training's
 * steps.
 */
public final class BteBench {

  private static final double WITHIN = 0.05;
  private static final long DRAWN_BY = 1;

  /** Of the trainer's defaults, with which networks are trained. */
  private static final int BATCH = 64;

  private final Settings settings;
  private final ShortTraining training;
  private final LatencyTable table;
  private final BenchProxies proxies;
  private final Budget budget;

  /**
   * What is compared.
   *
   * @param bounds shares of the reachable range of latencies
   * @param networks at each
   * @param seeds of trainings, at least 2
   * @param minutes the budget
   */
  record Settings(List<Double> bounds, int networks, List<Long> seeds, double minutes) {

    /**
     * Checks the seeds.
     *
     * @throws IllegalArgumentException if there are fewer than two
     */
    Settings {
      checkArgument(
          seeds.size() >= 2,
          "Labels are compared with themselves by at least 2 seeds, but -Dseeds is %s.\n"
              + "Maybe give -Dseeds=1,2.",
          seeds);
    }

    static Settings ofProperties() {
      return new Settings(
          Options.numbers("bounds", "0.5", 1),
          Options.whole("networks", 24, 2),
          Options.wholes("seeds", "1,2"),
          Options.number("budget", "120", 1e6));
    }
  }

  /**
   * A bench.
   *
   * @param start of the program, by {@link System#nanoTime}
   */
  BteBench(
      Settings settings,
      ShortTraining training,
      LatencyTable table,
      BenchProxies proxies,
      long start) {
    this.settings = settings;
    this.training = training;
    this.table = table;
    this.proxies = proxies;
    this.budget = new Budget(settings.minutes(), start);
  }

  /** Compares what the system properties ask for. */
  public static void main(String... args) throws IOException {
    long start = System.nanoTime();
    Settings settings = Settings.ofProperties();
    List<String> names = Options.names("proxy", String.join(",", BenchProxies.NAMES));
    List<Long> batches = Options.wholes("batches", "25,50,100,200");
    double rate = Options.number("rate", "0.1", 1e6);
    ExperimentImages images = ExperimentImages.ofProperties();
    LayeredSpace space = LightNasSpace.small(images.train().shape(), images.train().classes());
    ResultsFolder folder = ResultsFolder.ofProperty();
    int epochs = Options.whole("epochs", ShortTraining.EPOCHS, 1);
    ShortTraining training = new ShortTraining(images, space, epochs, folder);
    BenchProxies proxies = new BenchProxies(names, batches, rate, training, folder);
    LatencyTable table = new SharedTable(space, folder).get();
    new BteBench(settings, training, table, proxies, start).run();
  }

  /** Computes what is missing, as far as the budget goes, and prints all. */
  void run() throws IOException {
    double each = training.expectedSeconds();
    double networks = settings.bounds().size() * settings.networks();
    double seconds =
        networks * each * (settings.seeds().size() + proxies.batchesEach() / (double) steps());
    Bench.say(
        "BteBench: about %.0f minutes where nothing is known, at most %.0f; %s, space %s",
        Math.ceil(seconds / 60),
        settings.minutes(),
        training.images().fingerprint(),
        training.space());
    Map<Double, List<Architecture>> drawn = new LinkedHashMap<>();
    for (double share : settings.bounds()) {
      double at = table.range().at(share).toNanos() / 1e6;
      drawn.put(at, BteReport.candidates(table, at, WITHIN, settings.networks(), DRAWN_BY));
    }
    for (List<Architecture> candidates : drawn.values()) {
      candidates.forEach(this::compute);
    }
    print(drawn);
    budget.print();
  }

  private long steps() {
    return (long) training.epochs() * (training.images().train().size() / BATCH);
  }

  private void compute(Architecture architecture) {
    try {
      for (long seed : settings.seeds()) {
        if (training.known(architecture, seed).isEmpty()
            && budget.fits(
                training.expectedSeconds(), "training " + architecture + " by seed " + seed)) {
          ShortTraining.Outcome outcome = training.train(architecture, seed);
          Bench.say(
              "  %s, seed %d: %.2f %% (%.0f s)",
              architecture, seed, outcome.testAccuracy(), outcome.seconds());
        }
      }
      double expected = training.expectedSeconds() * proxies.batchesEach() / steps();
      boolean known =
          proxies.columns().stream().allMatch(c -> proxies.known(c, architecture).isPresent());
      if (!known && budget.fits(expected, "proxies of " + architecture)) {
        proxies.score(architecture);
      }
    } catch (DivergedSearchException | IOException e) {
      budget.leaveOut(architecture + ": " + e.getMessage());
    }
  }

  private void print(Map<Double, List<Architecture>> drawn) {
    List<Map<String, Object>> results = new ArrayList<>();
    drawn.forEach(
        (at, candidates) -> {
          List<Architecture> whole = candidates.stream().filter(this::isWhole).toList();
          if (whole.size() < 2) {
            return;
          }
          for (Map<String, Object> figures : figures(whole)) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("dataset", training.images().name());
            result.put("at_ms", at);
            result.put("networks", whole.size());
            result.putAll(figures);
            results.add(result);
          }
        });
    Bench.results(results, "dataset");
  }

  private boolean isWhole(Architecture architecture) {
    return settings.seeds().stream()
            .allMatch(seed -> training.known(architecture, seed).isPresent())
        && proxies.columns().stream().allMatch(c -> proxies.known(c, architecture).isPresent());
  }

  private List<Map<String, Object>> figures(List<Architecture> candidates) {
    List<Map<String, Object>> figures = new ArrayList<>();
    double label = label(candidates);
    Map<String, Object> first = new LinkedHashMap<>();
    double[] other = accuracies(candidates, settings.seeds().get(1));
    Kendall same = new Kendall(accuracies(candidates, settings.seeds().get(0)), other);
    first.put("proxy", "label");
    first.put("batches", steps());
    first.put("tau", same.tau());
    first.put("tau_low", same.interval()[0]);
    first.put("tau_high", same.interval()[1]);
    first.put("tau_one", label);
    first.put("cost", 1.0);
    first.put("seconds", median(candidates, a -> outcome(a, settings.seeds().get(0)).seconds()));
    figures.add(first);
    for (BenchProxies.Column column : proxies.columns()) {
      double[] scores = column(candidates, a -> score(column, a).score());
      Kendall kendall = new Kendall(column(candidates, this::mean), scores);
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("proxy", column.proxy());
      row.put("batches", (long) column.batches());
      row.put("tau", kendall.tau());
      row.put("tau_low", kendall.interval()[0]);
      row.put("tau_high", kendall.interval()[1]);
      row.put(
          "tau_one",
          settings.seeds().stream()
              .mapToDouble(seed -> new Kendall(accuracies(candidates, seed), scores).tau())
              .average()
              .orElseThrow());
      row.put("cost", column.cost(steps()));
      row.put("seconds", median(candidates, a -> score(column, a).seconds()));
      figures.add(row);
    }
    return figures;
  }

  /** Mean tau over all pairs of seeds. */
  private double label(List<Architecture> candidates) {
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < settings.seeds().size(); i++) {
      for (int j = 0; j < i; j++) {
        double[] one = accuracies(candidates, settings.seeds().get(i));
        sum += new Kendall(one, accuracies(candidates, settings.seeds().get(j))).tau();
        pairs++;
      }
    }
    return sum / pairs;
  }

  private double[] accuracies(List<Architecture> candidates, long seed) {
    return column(candidates, a -> outcome(a, seed).testAccuracy());
  }

  private double mean(Architecture architecture) {
    return settings.seeds().stream()
        .mapToDouble(seed -> outcome(architecture, seed).testAccuracy())
        .average()
        .orElseThrow();
  }

  private ShortTraining.Outcome outcome(Architecture architecture, long seed) {
    return training.known(architecture, seed).orElseThrow();
  }

  private ProxyScore score(BenchProxies.Column column, Architecture architecture) {
    return proxies.known(column, architecture).orElseThrow();
  }

  private static double[] column(
      List<Architecture> candidates, ToDoubleFunction<Architecture> value) {
    return candidates.stream().mapToDouble(value).toArray();
  }

  private static double median(
      List<Architecture> candidates, ToDoubleFunction<Architecture> value) {
    return Bench.Spread.of(column(candidates, value)).median();
  }
}
