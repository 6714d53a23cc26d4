package org.lightnas.examples.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.lightnas.Progress;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.examples.bench.Bench.Spread;
import org.lightnas.graph.LayerGraph;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.search.LightNas;
import org.lightnas.search.Phase;
import org.lightnas.search.SearchListener;
import org.lightnas.search.SearchPlan;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SearchStep;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;

/**
 * What a pass of a search costs against a step of ordinary training: {@code mvn -q -Pbench
 * -Dbench=SearchCost -Dnas.data=DIR [-Dsteps=120]}. A search trains sampled paths; right after it
 * each of these paths is trained by itself, with weights of its own, on the same kind of batches.
 * The mean over the same paths counts, search and training by turns. Also: passes per phase, and
 * the engine's own count of activation memory against that of the largest path sampled.
 */
public final class SearchCost {

  private static final int BATCH = 64;

  /** Timed steps of each path alone, after two that warm up; their median counts. */
  private static final int ALONE = 6;

  private SearchCost() {}

  /** Hears which path was trained, and how long its pass took. */
  private static final class Clock implements SearchListener {

    final Map<Architecture, List<Double>> millis = new LinkedHashMap<>();
    final List<Double> logits = new ArrayList<>();
    final Set<Architecture> sampled = new LinkedHashSet<>();
    @Nullable SearchPlan plan;
    private @Nullable Architecture path;
    private long last;

    @Override
    public void onStart(SearchPlan started) {
      plan = started;
      last = System.nanoTime();
    }

    @Override
    public void onPath(Phase phase, Architecture run) {
      sampled.add(run);
      path = phase == Phase.LOGITS ? null : run;
    }

    @Override
    public void onStep(Progress progress, SearchStep step) {
      long now = System.nanoTime();
      double took = (now - last) / 1e6;
      if (step.phase() == Phase.LOGITS) {
        logits.add(took);
      } else if (path != null) {
        millis.computeIfAbsent(path, none -> new ArrayList<>()).add(took);
      }
      last = System.nanoTime();
    }
  }

  /** Compares. */
  public static void main(String... args) {
    int steps = Options.whole("steps", 120, 2);
    int rounds = Options.whole("alternations", 4, 1);
    Path data = Options.data("images/cifar10");
    Bench.say("SearchCost: about %.1f minutes, %d rounds", rounds * steps * 0.012, rounds);
    LayeredSpace space = StepSpeed.space();
    ImageData images = BoundSweep.images("cifar10", data);
    double[] ratios = new double[rounds];
    double[] inSearch = new double[rounds];
    double[] alone = new double[rounds];
    double[] logits = new double[rounds];
    long largest = 0;
    long taken = 0;
    String plan = "";
    for (int round = 0; round < rounds; round++) {
      Clock clock = new Clock();
      Constraint bound = Constraint.atMost(1e12, CostPredictor.macs(space));
      SearchResult found =
          LightNas.builder()
              .steps(steps)
              .warmup(0.7)
              .seed(round)
              .listener(clock)
              .build()
              .search(space.on(images), bound);
      plan = String.valueOf(clock.plan);
      taken = Math.max(taken, found.memory().activationBytes());
      double sum = 0;
      int count = 0;
      double sumAlone = 0;
      for (Map.Entry<Architecture, List<Double>> entry : clock.millis.entrySet()) {
        Spread times =
            Spread.of(entry.getValue().stream().mapToDouble(Double::doubleValue).toArray());
        sum += times.median() * entry.getValue().size();
        sumAlone += alone(space, entry.getKey(), images) * entry.getValue().size();
        count += entry.getValue().size();
      }
      largest = Math.max(largest, largest(space, clock.sampled));
      inSearch[round] = sum / count;
      alone[round] = sumAlone / count;
      ratios[round] = sum / sumAlone;
      logits[round] =
          Spread.of(clock.logits.stream().mapToDouble(Double::doubleValue).toArray()).median();
    }
    print(plan, Spread.of(inSearch), Spread.of(alone), Spread.of(ratios), Spread.of(logits));
    Bench.say(
        "activation memory: engine %.2f MB, largest path sampled %.2f MB",
        taken / 1e6, largest / 1e6);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("search_ms", Spread.of(inSearch).median());
    result.put("alone_ms", Spread.of(alone).median());
    result.put("ratio", Spread.of(ratios).median());
    result.put("ratio_quartiles", Spread.of(ratios).quartiles());
    result.put("logit_pass_ms", Spread.of(logits).median());
    result.put("activation_bytes", taken);
    result.put("largest_path_bytes", largest);
    Bench.result(result);
  }

  private static void print(
      String plan, Spread inSearch, Spread alone, Spread ratio, Spread logits) {
    Bench.say("%s", plan);
    List<List<?>> table = new ArrayList<>();
    table.add(List.of("mean over the same paths", "ms", "lower", "upper"));
    table.add(
        List.of(
            "weight pass in the search", inSearch.median(), inSearch.lower(), inSearch.upper()));
    table.add(List.of("step of training alone", alone.median(), alone.lower(), alone.upper()));
    table.add(List.of("ratio", ratio.median(), ratio.lower(), ratio.upper()));
    table.add(List.of("logit pass (two paths)", logits.median(), logits.lower(), logits.upper()));
    Bench.table(table);
  }

  /** By the engine's own count, in bytes. */
  private static long largest(LayeredSpace space, Set<Architecture> sampled) {
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      return sampled.stream()
          .map(path -> LayerGraph.of(space, path))
          .mapToLong(g -> engine.training(g, weights, BATCH, Set.of()).activationBytes())
          .max()
          .orElse(0);
    }
  }

  /** Median milliseconds of a step. */
  private static double alone(LayeredSpace space, Architecture path, ImageData images) {
    LayerGraph graph = LayerGraph.of(space, path);
    Batches batches = new Batches(images.train(), BATCH, Augmentation.cropAndFlip(), 1);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 1);
      Plan plan = engine.training(graph, weights, BATCH, Set.of());
      Optimizer optimizer = new Optimizer.Sgd(0.9);
      AtomicLong step = new AtomicLong();
      double[] millis =
          Bench.millis(
              2,
              ALONE,
              () -> {
                Batches.Batch batch = batches.read(step.getAndIncrement());
                plan.forward(batch.nhwc(), Pass.training(0));
                plan.loss(batch.labels(), 0.1);
                plan.backward();
                Gradients.apply(plan.touched(), optimizer, 0.05, 3e-5, 5);
              });
      return Spread.of(millis).median();
    }
  }
}
