package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.examples.bench.Bench.Spread;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.SpaceReader;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;

/**
 * What it costs to train another path at every step: {@code mvn -q -Pbench -Dbench=SupernetSpeed
 * [-Dbatch=64] [-Dtorch=PATH/torch_step.py] [-Dlightnas.kernels=…]}, and the options of {@link
 * Bench}.
 *
 * <p>Over the same random paths of the small space (6 choices of 7 candidates), the mean step is
 * taken three times: of a path never seen before, with everything that a search does to get one
 * ready; of the same path held for some steps right afterwards; of paths by turns, ready. The first
 * two alternate within a second, because this machine's speed drifts by more than they differ.
 * PyTorch's yardstick has no skip connections among its candidates, so it is compared with fresh
 * paths without them.
 */
public final class SupernetSpeed {

  private static final String OURS = "ours";
  private static final String TORCH = "torch channels_last";

  private static final String SWITCH = "switch_ms";
  private static final String KNOWN = "known_ms";
  private static final String FIXED = "fixed_ms";
  private static final String READY = "ready_ms";
  private static final String NO_SKIP = "noskip_ms";
  private static final String TRAIN = "train_ms";

  /** Until then the JVM has compiled what makes a path ready, as it soon has in a search. */
  private static final int WARM_UP = 150;

  /** Paths that are then taken by turns. */
  private static final int PATHS = 10;

  private static final int BLOCKS = 8;
  private static final int HELD = 4;

  private final LayeredSpace space = StepSpeed.space();
  private final SpaceReader reader = new SpaceReader(space);
  private final Optimizer optimizer = new Optimizer.Sgd(0.9);
  private final RandomGenerator random = new SplittableRandom(1);
  private final Set<Architecture> seen = new HashSet<>();
  private final int batch;
  private final Engine engine;
  private final Weights weights;
  private final float[] images;
  private final int[] labels;
  private double readyMillis;

  private SupernetSpeed(Engine engine, Weights weights, int batch) {
    this.engine = engine;
    this.weights = weights;
    this.batch = batch;
    this.images = StepSpeed.images(batch);
    this.labels = StepSpeed.labels(batch);
  }

  /** Compares with PyTorch; with an argument, is our side. */
  public static void main(String... args) {
    int batch = Options.whole("batch", 64, 1);
    if (args.length > 0) {
      try (Engine engine = Engine.create();
          Weights weights = new Weights(engine.type())) {
        System.out.println(Bench.json(new SupernetSpeed(engine, weights, batch).measure()));
      }
      return;
    }
    Bench bench = new Bench("SupernetSpeed", 1 + batch / 12.0, 4);
    List<Side> sides = new ArrayList<>();
    sides.add(
        bench.java(
            OURS,
            SupernetSpeed.class,
            "-Xmx1g",
            "-Dbatch=" + batch,
            "-Dlightnas.kernels=" + System.getProperty("lightnas.kernels", "auto")));
    String[] options = {"--batch", "" + batch, "--reps", "" + PATHS * BLOCKS, "--supernet"};
    bench.torchStep(TORCH, "channels_last", options).ifPresent(sides::add);
    Map<String, List<JsonNode>> runs = bench.alternate(sides, 1);
    print(batch, runs);
    bench.printLeftOut();
  }

  private static void print(int batch, Map<String, List<JsonNode>> runs) {
    List<JsonNode> ours = runs.getOrDefault(OURS, List.of());
    List<JsonNode> torch =
        runs.getOrDefault(TORCH, List.of()).stream()
            .filter(line -> line.path("supernet").asBoolean())
            .toList();
    Map<String, Spread> rows = new LinkedHashMap<>();
    rows.put("a new path every step, made ready", Spread.of(ours, SWITCH));
    rows.put("  of which made ready", Spread.of(ours, READY));
    rows.put("known paths, another every step", Spread.of(ours, KNOWN));
    rows.put("the same paths, each held " + HELD + " steps", Spread.of(ours, FIXED));
    rows.put("a new path without skips (median)", Spread.of(ours, NO_SKIP));
    rows.put("PyTorch channels_last (median)", Spread.of(torch, TRAIN));
    List<List<?>> table = new ArrayList<>();
    table.add(List.of("batch " + batch, "ms", "lower", "upper", "runs"));
    rows.forEach(
        (name, spread) ->
            table.add(
                List.of(name, spread.median(), spread.lower(), spread.upper(), spread.count())));
    Bench.table(table);
    if (!ours.isEmpty()) {
      Bench.say("kernels: %s", ours.get(0).path("kernels").asText());
    }
    double fresh = Spread.of(ours, SWITCH).median();
    double fixed = Spread.of(ours, FIXED).median();
    double noSkip = Spread.of(ours, NO_SKIP).median();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put(SWITCH, fresh);
    result.put(FIXED, fixed);
    result.put("ratio", fresh / fixed);
    result.put(KNOWN, Spread.of(ours, KNOWN).median());
    result.put("known_ratio", Spread.of(ours, KNOWN).median() / fixed);
    result.put(READY, Spread.of(ours, READY).median());
    result.put("switch_quartiles", Spread.of(ours, SWITCH).quartiles());
    result.put("fixed_quartiles", Spread.of(ours, FIXED).quartiles());
    if (!torch.isEmpty()) {
      result.put(NO_SKIP, noSkip);
      result.put("torch_super_ms", Spread.of(torch, TRAIN).median());
      result.put("torch_ratio", noSkip / Spread.of(torch, TRAIN).median());
    }
    result.put("peak_rss_mb", Spread.of(ours, "peak_rss_mb").median());
    Bench.result(result);
  }

  private Map<String, Object> measure() {
    // Steady state: every candidate has been trained, the code is compiled.
    for (int k = 0; k < 7; k++) {
      step(ready(space.uniform(k)));
    }
    for (int i = 0; i < WARM_UP; i++) {
      step(ready(fresh(7)));
    }
    double fresh = 0;
    double known = 0;
    double held = 0;
    double[] noSkip = new double[PATHS * BLOCKS];
    readyMillis = 0;
    for (int block = 0; block < BLOCKS; block++) {
      List<Plan> plans = new ArrayList<>();
      for (int i = 0; i < PATHS; i++) {
        Architecture path = fresh(7);
        fresh += sum(Bench.millis(0, 1, () -> step(keep(plans, ready(path)))));
        Plan plan = plans.get(i);
        held += sum(Bench.millis(1, HELD, () -> step(plan)));
      }
      known += sum(Bench.millis(0, HELD, () -> plans.forEach(this::step)));
      double ready = readyMillis;
      double[] others = Bench.millis(0, PATHS, () -> step(ready(fresh(6))));
      readyMillis = ready;
      System.arraycopy(others, 0, noSkip, block * PATHS, PATHS);
    }
    int paths = PATHS * BLOCKS;
    Map<String, Object> figures = new HashMap<>();
    figures.put("kernels", engine.kernels());
    figures.put(SWITCH, fresh / paths);
    figures.put(READY, readyMillis / paths);
    figures.put(KNOWN, known / paths / HELD);
    figures.put(FIXED, held / paths / HELD);
    figures.put(NO_SKIP, Spread.of(noSkip).median());
    figures.put("peak_rss_mb", Bench.peakRssMb());
    return figures;
  }

  /** A path never run before, of the first so many candidates of each choice. */
  private Architecture fresh(int candidates) {
    Architecture architecture;
    do {
      int[] picks = space.choices().stream().mapToInt(c -> random.nextInt(candidates)).toArray();
      architecture = space.architecture(picks);
    } while (!seen.add(architecture));
    return architecture;
  }

  /** What a search does with a path that it has not kept. */
  private Plan ready(Architecture architecture) {
    long start = System.nanoTime();
    LayerGraph graph = reader.read(architecture);
    weights.ensure(graph, 1);
    Plan plan = engine.training(graph, weights, batch, Set.of());
    readyMillis += (System.nanoTime() - start) / 1e6;
    return plan;
  }

  private static Plan keep(List<Plan> plans, Plan plan) {
    plans.add(plan);
    return plan;
  }

  private void step(Plan plan) {
    plan.forward(images, Pass.shared(0));
    plan.loss(labels, 0);
    plan.backward();
    Gradients.apply(plan.touched(), optimizer, 0.01, 0, Double.POSITIVE_INFINITY);
  }

  private static double sum(double[] millis) {
    double sum = 0;
    for (double x : millis) {
      sum += x;
    }
    return sum;
  }
}
