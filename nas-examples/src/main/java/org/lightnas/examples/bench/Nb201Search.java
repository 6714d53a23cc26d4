package org.lightnas.examples.bench;

import com.google.common.collect.Maps;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lightnas.examples.tables.PublishedAccuracies;
import org.lightnas.search.population.GuidedSearch;
import org.lightnas.search.population.LocalSearch;
import org.lightnas.search.population.RandomSearch;
import org.lightnas.search.population.RegularizedEvolution;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.ScoreSearcher;
import org.lightnas.search.population.Scored;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.zoo.NasBench201Space;

/**
 * How good what searches find in NAS-Bench-201 is: {@code mvn -q -Pbench -Dbench=Nb201Search
 * -Dnas.data=DIR [-Ddataset=cifar10,cifar100,imagenet16-120,macro]
 * [-Dmethod=random,evolution,local,guided] [-Devaluations=50,100,200,500] [-Dseeds=300]
 * [-Dduplicates=kept,refused,exact]}. Searches are led by the validation accuracy after 12 epochs
 * and judged by the mean test accuracy after 200; where the first cannot tell the best apart, the
 * mean of them counts. With duplicates kept, cells count as often as they are drawn, as in
 * published comparisons; refused are cells that compute the same function as one before; {@code
 * exact} refuses the same cell only, so that another training of the same function may be scored.
 *
 * <p>NAS-Bench-Macro ({@code macro}) has no second table: led by one training of three, judged by
 * the mean of the others. Nothing was fitted to it; constants of guided search were chosen on the
 * tables of NAS-Bench-201 (decisions 61 and 71).
 */
public final class Nb201Search {

  private Nb201Search() {}

  /**
   * A table to search by and one to judge by.
   *
   * @param functions equal values for cells that compute the same; null where all differ
   */
  private record Task(
      String dataset,
      TabularEvaluator signal,
      TabularEvaluator truth,
      @Nullable Function<Architecture, ?> functions) {

    ChoiceSpace space() {
      return signal.scores().keySet().iterator().next().space();
    }
  }

  /** Runs what the options ask for. */
  public static void main(String... args) throws IOException, InterruptedException {
    Path data = Options.data("nb201", "nbmacro");
    List<String> datasets = Options.names("dataset", "cifar10,cifar100,imagenet16-120", "macro");
    List<String> methods = Options.names("method", "random,evolution,local,guided");
    List<Integer> evaluations = Options.counts("evaluations", "50,100,200,500", 1);
    int seeds = Options.whole("seeds", 300, 2);
    List<String> duplicates = Options.names("duplicates", "kept,refused", "exact");
    int threads = Options.whole("threads", Runtime.getRuntime().availableProcessors(), 1);
    Bench.say(
        "Nb201Search: %s, %s, %s evaluations, duplicates %s, %d seeds, %d threads; a minute or two,"
            + " guided search longer",
        datasets, methods, evaluations, duplicates, seeds, threads);
    List<Map<String, Object>> results = new ArrayList<>();
    Baselines baselines = Baselines.read();
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      for (String dataset : datasets) {
        Task task = task(data, dataset);
        for (String method : methods) {
          for (String kept : duplicates) {
            for (int n : evaluations) {
              double[] found = run(task, method, kept, n, seeds, executor);
              results.add(row(task, method, n, kept, found, baselines));
            }
          }
        }
      }
    } finally {
      executor.shutdownNow();
    }
    Bench.results(results, "seeds");
  }

  private static Task task(Path data, String dataset) throws IOException {
    if (dataset.equals("macro")) {
      PublishedAccuracies macro = PublishedAccuracies.read(data, "nbmacro");
      return new Task(
          dataset, macro.table("test_a"), mean(macro.table("test_b"), macro.table("test_c")), null);
    }
    PublishedAccuracies cells = PublishedAccuracies.read(data, "nb201");
    String column = dataset.replace('-', '_');
    TabularEvaluator signal = cells.table(column + "_val_12ep");
    return new Task(dataset, signal, cells.table(column + "_test_200ep"), functions(signal));
  }

  private static TabularEvaluator mean(TabularEvaluator one, TabularEvaluator other) {
    Map<Architecture, Double> scores = new LinkedHashMap<>();
    one.scores().forEach((a, score) -> scores.put(a, (score + other.score(a)) / 2));
    ChoiceSpace space = scores.keySet().iterator().next().space();
    return TabularEvaluator.of(one.name() + ", " + other.name(), space, scores);
  }

  /** True accuracies of what is found, by seed. */
  private static double[] run(
      Task task,
      String method,
      String duplicates,
      int evaluations,
      int seeds,
      ExecutorService executor)
      throws InterruptedException {
    List<Future<Double>> jobs = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      int drawn = seed;
      jobs.add(
          executor.submit(
              () -> {
                ScoreSearcher.Builder<?> search = searcher(method, task.signal());
                switch (duplicates) {
                  case "kept" -> search.keepDuplicates(true);
                  case "exact" -> search.keepDuplicates(false);
                  case "refused" -> {
                    if (task.functions() != null) {
                      search.sameness(task.functions());
                    }
                  }
                  default -> throw new IllegalStateException(duplicates);
                }
                ScoreResult found =
                    search
                        .seed(drawn)
                        .stop(StopRule.evaluations(evaluations))
                        .build()
                        .search(task.space());
                return truth(found, task.truth(), method.equals("guided"));
              }));
    }
    double[] found = new double[seeds];
    for (int i = 0; i < seeds; i++) {
      try {
        found[i] = jobs.get(i).get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
    return found;
  }

  /**
   * The true accuracy of the result. Where the score alone chooses, several may share the largest:
   * then their mean, as nothing tells them apart.
   */
  static double truth(ScoreResult found, TabularEvaluator truth, boolean chosenByModel) {
    return chosenByModel
        ? truth.score(found.architecture())
        : truth.mean(
            found.leaders().stream()
                .filter(leader -> leader.score() == found.score())
                .map(Scored::architecture)
                .toList());
  }

  /** Equal values for cells that compute the same. */
  static Function<Architecture, String> functions(TabularEvaluator cells) {
    NasBench201Space space = new NasBench201Space();
    Map<Architecture, String> ids = Maps.toMap(cells.scores().keySet(), space::canonicalId);
    return cell -> Objects.requireNonNull(ids.get(cell));
  }

  /** With the settings of published comparisons. */
  static ScoreSearcher.Builder<?> searcher(String method, TabularEvaluator signal) {
    return switch (method) {
      case "random" -> RandomSearch.builder(signal);
      case "evolution" -> RegularizedEvolution.builder(signal).population(10).sample(3);
      case "local" -> LocalSearch.builder(signal);
      case "guided" -> GuidedSearch.builder(signal);
      default -> throw new IllegalStateException(method);
    };
  }

  private static Map<String, Object> row(
      Task task,
      String method,
      int evaluations,
      String duplicates,
      double[] found,
      Baselines baselines) {
    double mean = Arrays.stream(found).average().orElseThrow();
    double squares = Arrays.stream(found).map(v -> (v - mean) * (v - mean)).sum();
    double sd = Math.sqrt(squares / (found.length - 1));
    double se = sd / Math.sqrt(found.length);
    // Others kept them.
    double[] band =
        duplicates.equals("kept") ? baselines.band(task.dataset(), method, evaluations, se) : null;
    String text = band == null ? "-" : String.format(Locale.ROOT, "%.2f to %.2f", band[0], band[1]);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("dataset", task.dataset());
    result.put("method", method);
    result.put("evaluations", evaluations);
    result.put("duplicates", duplicates);
    // Four digits, as of other figures, are too few here.
    result.put("mean", BigDecimal.valueOf(mean).setScale(3, RoundingMode.HALF_EVEN));
    result.put("sd", sd);
    result.put("se", se);
    result.put("published_band", text);
    if (band != null) {
      result.put("within", mean >= band[0] && mean <= band[1]);
    }
    result.put("seeds", found.length);
    return result;
  }
}
