package org.lightnas.examples.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.Estimator;
import org.lightnas.search.LogitSearch;
import org.lightnas.search.PathLoss;
import org.lightnas.search.Projections;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * How close learned multipliers bring a search to its bound, and what the bound costs: {@code mvn
 * -q -Pbench -Dbench=LambdaReplay -Dnas.data=DIR [-Dseeds=11-60] [-Dmode=faithful,robust]}. The
 * published latencies of LightNAS's space, five bounds, and losses from a generator in which dear
 * operations tend to be useful: seeds 1 to 10 are for choosing settings, 11 to 60 for judging.
 *
 * <p>The generator: {@code U[l][k] = 0.03 (b_k u_l + 0.15 n)}, {@code u_l} uniform in [0.5, 1.5],
 * {@code n} normal; a picked gate's derivative at a step is {@code -U[l][k] + 0.05 n}. The loss of
 * a path is the sum over its picks, with the step's noise: what the published estimator sees at the
 * gates, ours sees in the difference of two paths.
 */
public final class LambdaReplay {

  private static final int PASSES = 3200;
  private static final double[] BOUNDS = {16, 20, 24, 28, 32};

  /** What the projection may leave of a bound. */
  private static final double BAND_MS = 0.10;

  /** Usefulness by operation, in their order. */
  private static final double[] USEFUL = {.45, .7, .55, .85, .6, 1.0, 0};

  private static final double CONSTANT_MS = 3.67638;

  private LambdaReplay() {}

  private record Named(String id) implements Candidate {}

  private record Published(String name, List<Choice> choices) implements ChoiceSpace {}

  /**
   * One search.
   *
   * @param error most probable architecture's latency minus the bound
   * @param slack the bound minus the latency after the projection
   * @param loss utility lost against the best within the bound
   */
  private record Outcome(double error, double slack, double loss) {}

  /** Runs both modes. */
  public static void main(String... args) throws IOException {
    Path data = Options.data("lut");
    long[] seeds = Options.range("seeds", "11-60");
    List<String> modes = Options.names("mode", "faithful,robust", "paths");
    Bench.say(
        "LambdaReplay: about %.1f minutes; %d seeds, bounds %s ms, %d passes",
        0.01 * seeds.length * modes.size(), seeds.length, Arrays.toString(BOUNDS), PASSES);
    LatencyTable table = table(data);
    List<List<?>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "mode",
            "mean |error| ms",
            "± (95 %)",
            "bias ms",
            "worst ms",
            "over bound",
            "max slack ms",
            "utility loss",
            "± (95 %)"));
    List<Map<String, Object>> results = new ArrayList<>();
    for (String mode : modes) {
      Map<Long, List<Outcome>> outcomes = new LinkedHashMap<>();
      for (long seed : seeds) {
        List<Outcome> ofSeed = new ArrayList<>();
        for (double bound : BOUNDS) {
          ofSeed.add(search(mode, Constraint.atMost(bound, table), seed));
        }
        outcomes.put(seed, ofSeed);
      }
      results.add(summary(mode, outcomes, rows));
    }
    Bench.table(rows);
    results.forEach(Bench::result);
  }

  private static Map<String, Object> summary(
      String mode, Map<Long, List<Outcome>> outcomes, List<List<?>> rows) {
    List<Outcome> all = outcomes.values().stream().flatMap(List::stream).toList();
    double[] errors =
        outcomes.values().stream()
            .mapToDouble(o -> o.stream().mapToDouble(x -> Math.abs(x.error())).average().orElse(0))
            .toArray();
    double[] losses =
        outcomes.values().stream()
            .mapToDouble(o -> o.stream().mapToDouble(Outcome::loss).average().orElse(0))
            .toArray();
    double bias = all.stream().mapToDouble(Outcome::error).average().orElse(0);
    double worst = all.stream().mapToDouble(o -> Math.abs(o.error())).max().orElse(0);
    long over = all.stream().filter(o -> o.slack() < 0).count();
    double slack = all.stream().mapToDouble(Outcome::slack).max().orElse(0);
    rows.add(
        List.of(
            mode,
            mean(errors),
            interval(errors),
            bias,
            worst,
            over,
            slack,
            mean(losses),
            interval(losses)));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("mode", mode);
    result.put("mae_before_ms", mean(errors));
    result.put("mae_interval_ms", interval(errors));
    result.put("over_bound", over);
    result.put("max_slack_ms", slack);
    result.put("utility_loss", mean(losses));
    result.put("utility_loss_interval", interval(losses));
    result.put("runs", all.size());
    return result;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  /** Half of the 95 % interval of the mean over seeds. */
  private static double interval(double[] values) {
    double mean = mean(values);
    double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
    return 1.96 * Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
  }

  private static Outcome search(String mode, Constraint constraint, long seed) {
    double[][] utility = utility(seed);
    LogitSearch search =
        switch (mode) {
          case "faithful" -> LogitSearch.faithful(constraint, PASSES, seed);
          case "robust" -> LogitSearch.robust(constraint, Estimator.GATES, PASSES, seed);
          case "paths" -> LogitSearch.robust(constraint, Estimator.PATHS, PASSES, seed);
          default -> throw new IllegalStateException(mode);
        };
    for (int pass = 0; pass < PASSES; pass++) {
      search.learn(new Losses(utility, seed, pass));
    }
    double before = constraint.predict(search.mostProbable());
    Architecture found =
        Projections.project(search.logProbabilities(), constraint, constraint.bound() - BAND_MS);
    Architecture best = Projections.project(utility, constraint, 0);
    return new Outcome(
        before - constraint.bound(),
        constraint.bound() - constraint.predict(found),
        sum(utility, best) - sum(utility, found));
  }

  private static double sum(double[][] utility, Architecture architecture) {
    return IntStream.range(0, utility.length)
        .mapToDouble(l -> utility[l][architecture.pick(l)])
        .sum();
  }

  private static double[][] utility(long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    double[][] utility = new double[21][USEFUL.length];
    for (double[] row : utility) {
      double scale = random.nextDouble(0.5, 1.5);
      for (int k = 0; k < row.length; k++) {
        row[k] = 0.03 * (USEFUL[k] * scale + 0.15 * random.nextGaussian());
      }
    }
    return utility;
  }

  /** The losses of one pass. */
  private static final class Losses implements PathLoss {

    private final double[][] losses;

    Losses(double[][] utility, long seed, int pass) {
      RandomGenerator random = Seeds.random(seed, "losses", pass);
      losses = new double[utility.length][];
      for (int l = 0; l < losses.length; l++) {
        losses[l] = Arrays.stream(utility[l]).map(u -> -u + 0.05 * random.nextGaussian()).toArray();
      }
    }

    @Override
    public double loss(Architecture path) {
      return sum(losses, path);
    }

    @Override
    public Gates gates(Architecture path) {
      return new Gates(
          loss(path),
          IntStream.range(0, losses.length).mapToDouble(l -> losses[l][path.pick(l)]).toArray(),
          new double[losses.length]);
    }
  }

  private static LatencyTable table(Path data) throws IOException {
    List<Candidate> operations = new ArrayList<>();
    for (String id :
        List.of("MBK3E3", "MBK3E6", "MBK5E3", "MBK5E6", "MBK7E3", "MBK7E6", "SkipConnect")) {
      operations.add(new Named(id));
    }
    List<Choice> choices = new ArrayList<>();
    for (int l = 1; l <= 21; l++) {
      choices.add(new Choice(String.format(Locale.ROOT, "%d", l), operations));
    }
    return LatencyTable.readPublished(
        data.resolve("lut/lightnas_xavier_bs8_lut.csv"),
        new Published("lightnas", choices),
        CONSTANT_MS);
  }
}
