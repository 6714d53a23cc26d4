package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;

/** What runs of {@link Nb201OneShot} found, beside the cells that they might have found. */
final class OneShotTable {

  /** A tenth of all cells, of any latency, are as good or better, by mean accuracy on CIFAR-10. */
  private static final double NINETIETH = 92.9;

  private static final double ALL_BUT_A_TENTH = 0.9;

  private final List<List<?>> rows = new ArrayList<>();
  private final List<Map<String, Object>> results = new ArrayList<>();

  OneShotTable() {
    rows.add(
        List.of(
            "method",
            "seed",
            "device",
            "bound ms",
            "latency ms",
            "cell",
            "true %",
            "a tenth has %",
            "of all %",
            "best %",
            "better cells",
            "tau",
            "low",
            "high",
            "minutes"));
  }

  /**
   * Adds a run.
   *
   * @param rivals accuracies of all cells that it might have found
   */
  void add(OneShotRun run, double[] rivals) {
    double[] sorted = rivals.clone();
    Arrays.sort(sorted);
    double best = sorted[sorted.length - 1];
    double tenth = sorted[(int) Math.ceil(ALL_BUT_A_TENTH * sorted.length) - 1];
    long better = DoubleStream.of(sorted).filter(other -> other > run.accuracy()).count();
    OneShotRun.Key key = run.key();
    double bound = key.bounded() ? key.bound() : Double.NaN;
    double latency = key.bounded() ? run.latency() : Double.NaN;
    rows.add(
        List.of(
            key.method(),
            key.seed(),
            key.device(),
            bound,
            latency,
            run.index(),
            percent(run.accuracy()),
            percent(tenth),
            percent(NINETIETH),
            percent(best),
            better,
            run.tau(),
            run.low(),
            run.high(),
            run.minutes()));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("method", key.method());
    result.put("seed", key.seed());
    result.put("bounded", key.bounded());
    result.put("device", key.device());
    result.put("bound_ms", bound);
    result.put("latency_ms", latency);
    result.put("violated", run.violated());
    result.put("arch_idx", run.index());
    result.put("true_acc", run.accuracy());
    result.put("ninetieth_within", tenth);
    result.put("above_ninetieth_within", run.accuracy() >= tenth);
    result.put("above_ninetieth", run.accuracy() >= NINETIETH);
    result.put("best_within", best);
    result.put("better_cells", better);
    result.put("cells_within", sorted.length);
    result.put("tau", run.tau());
    result.put("tau_low", run.low());
    result.put("tau_high", run.high());
    result.put("minutes", run.minutes());
    results.add(result);
  }

  /** Two digits, as published: the table of numbers would round them away. */
  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  void print() {
    Bench.table(rows);
    Bench.say(
        "what a tenth has, the best and better cells are of those within the bound, if there is"
            + " one; of all cells a tenth have %.1f %% or more. Published one-shot searches, which"
            + " have no bound and spend hours on a GPU on whole supernets: RSPS 87.66, SETN 87.64,"
            + " DARTS 54.30, SNAS 92.77, FairNAS 93.23, PC-DARTS 93.41, DARTS- 93.80",
        NINETIETH);
    results.forEach(Bench::result);
  }
}
