package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import org.lightnas.FeatureShape;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.population.LocalSearch;
import org.lightnas.search.population.ParetoSearch;
import org.lightnas.search.population.RandomSearch;
import org.lightnas.search.population.RegularizedEvolution;
import org.lightnas.search.population.ScoreListener;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.ScoreSearcher;
import org.lightnas.search.population.Scored;
import org.lightnas.search.population.StopRule;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.zoo.LightNasSpace;

/**
 * What the loop of a search by scores costs by itself, where scores and latencies come from tables:
 * candidates per second on one thread, the share of scores that were remembered, and whether memory
 * stays flat. {@code mvn -q -Pbench -Dbench=PopulationSpeed}; options {@code -Dcandidates=1000000},
 * {@code -Dspace=small,imagenet}, {@code -Dmethod=random,evolution,local,pareto}.
 *
 * <p>Both tables hold seeded random numbers: what they say costs as much time as if it were
 * measured. The bound lies in the middle of the range. Duplicates are kept, and counted as
 * candidates; those refused because of the bound are not. The heap is what a collection leaves, a
 * tenth of the way, at the end, and the most of the ten looks between.
 */
public final class PopulationSpeed {

  private static final int LOOKS = 10;

  private PopulationSpeed() {}

  /** Runs what the options ask for. */
  public static void main(String... args) {
    int candidates = Options.whole("candidates", 1_000_000, LOOKS);
    List<String> spaces = Options.names("space", "small,imagenet");
    List<String> methods = Options.names("method", "random,evolution,local,pareto");
    Bench.say(
        "PopulationSpeed: %,d candidates by each of %s in %s; a quarter of a minute each",
        candidates, methods, spaces);
    List<Map<String, Object>> results = new ArrayList<>();
    for (String name : spaces) {
      ChoiceSpace space = space(name);
      for (String method : methods) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("space", name);
        result.put("method", method);
        result.putAll(run(space, method, candidates));
        results.add(result);
      }
    }
    Bench.results(results);
  }

  private static ChoiceSpace space(String name) {
    return name.equals("imagenet")
        ? LightNasSpace.imagenet()
        : LightNasSpace.small(new FeatureShape(3, 32, 32), 10);
  }

  static Map<String, Object> run(ChoiceSpace space, String method, int candidates) {
    LatencyTable latency = table(space, "latency");
    LatencyTable accuracy = table(space, "accuracy");
    Evaluator score = Evaluator.of("accuracy", accuracy::predict);
    ScoreSearcher.Builder<?> search =
        switch (method) {
          case "random" -> RandomSearch.builder(score);
          case "evolution" -> RegularizedEvolution.builder(score);
          case "local" -> LocalSearch.builder(score);
          case "pareto" -> ParetoSearch.builder(score, latency);
          default -> throw new IllegalStateException(method);
        };
    Looks looks = new Looks(Math.max(1, candidates / LOOKS));
    Constraint bound = Constraint.latency(latency.range().at(0.5), latency);
    long start = System.nanoTime();
    ScoreResult found =
        search
            .keepDuplicates(true)
            .stop(StopRule.evaluations(candidates))
            .listener(looks)
            .build()
            .search(space, bound);
    double seconds = (System.nanoTime() - start - looks.nanos) / 1e9;
    double[] heap = looks.megabytes.stream().mapToDouble(Double::doubleValue).toArray();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("candidates", found.tally().evaluations());
    result.put("candidates_per_s", found.tally().evaluations() / seconds);
    result.put("hit_rate", (double) found.tally().remembered() / found.tally().evaluations());
    result.put("beyond_bound", found.tally().beyondBounds());
    result.put("heap_mb_first", heap[0]);
    result.put("heap_mb_last", heap[heap.length - 1]);
    result.put("heap_mb_most", DoubleStream.of(heap).max().orElseThrow());
    return result;
  }

  private static LatencyTable table(ChoiceSpace space, String purpose) {
    RandomGenerator random = Seeds.random(1, purpose, 0);
    double[][] entries =
        space.choices().stream()
            .map(c -> DoubleStream.generate(random::nextDouble).limit(c.size()).toArray())
            .toArray(double[][]::new);
    return LatencyTable.of(space, 1, entries);
  }

  /** Looks at the heap now and then; what that takes is not the search's. */
  private static final class Looks implements ScoreListener {

    private final int every;
    private final List<Double> megabytes = new ArrayList<>();
    private long nanos;

    Looks(int every) {
      this.every = every;
    }

    @Override
    public void onScored(Scored scored, StopRule.Standing standing) {
      if (scored.number() % every == 0) {
        long before = System.nanoTime();
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        megabytes.add((runtime.totalMemory() - runtime.freeMemory()) / 1048576.0);
        nanos += System.nanoTime() - before;
      }
    }
  }
}
