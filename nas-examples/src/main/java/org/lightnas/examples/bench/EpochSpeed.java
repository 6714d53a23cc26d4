package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.examples.bench.Bench.Spread;
import org.lightnas.graph.LayerGraph;
import org.lightnas.metric.Cost;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;

/**
 * How long an epoch of 12,000 images of CIFAR-10 takes for the smallest, a mean and the largest
 * network of the small space, trained as the trainer does by default: {@code mvn -q -Pbench
 * -Dbench=EpochSpeed -Dnas.data=DIR [-Dimages=12000] [-Dlightnas.kernels=…]}, and the options of
 * {@link Bench}. The files are in {@code DIR/images/cifar10}.
 *
 * <p>What the images cost is what a step would save without them: after the epoch some steps on
 * images as they come and some on batches held alternate, and the median difference counts. The
 * time spent in reading is given too: all of it, since the thread that trains reads.
 */
public final class EpochSpeed {

  private static final int BATCH = 64;
  private static final int WARM_UP = 20;

  private static final String EPOCH = "epoch_s";
  private static final String STEP = "step_ms";
  private static final String DATA = "data_share";
  private static final String READING = "reading_share";

  /** Comparisons of steps with and without images, each of so many ms. */
  private static final int PAIRS = 60;

  private static final double PAIR_MS = 150;

  private EpochSpeed() {}

  /** Compares the paths; with the picks of one as argument, trains it. */
  public static void main(String... args) {
    LayeredSpace space = StepSpeed.space();
    if (args.length > 0) {
      System.out.println(Bench.json(epoch(space.read(System.getProperty("path")))));
      return;
    }
    images();
    Bench bench = new Bench("EpochSpeed", 8, 4);
    Map<String, Architecture> paths = paths(space);
    List<Side> sides = new ArrayList<>();
    paths.forEach(
        (name, path) ->
            sides.add(
                bench.java(
                    name,
                    EpochSpeed.class,
                    "-Xmx1g",
                    "-Dpath=" + path.toJson(),
                    "-Dnas.data=" + data(),
                    "-Dimages=" + count(),
                    "-Dlightnas.kernels=" + System.getProperty("lightnas.kernels", "auto"))));
    Map<String, List<JsonNode>> runs = bench.alternate(sides, 1);

    List<List<?>> table = new ArrayList<>();
    table.add(
        List.of(
            "path",
            "M MACs",
            "epoch s",
            "lower",
            "upper",
            "step ms",
            "images/s",
            "data %",
            "reading %"));
    paths.forEach(
        (name, path) -> {
          List<JsonNode> figures = runs.getOrDefault(name, List.of());
          Spread epoch = Spread.of(figures, EPOCH);
          table.add(
              List.of(
                  name,
                  Cost.of(path).macs() / 1e6,
                  epoch.median(),
                  epoch.lower(),
                  epoch.upper(),
                  Spread.of(figures, STEP).median(),
                  Spread.of(figures, "images_per_s").median(),
                  100 * Spread.of(figures, DATA).median(),
                  100 * Spread.of(figures, READING).median()));
        });
    Bench.table(table);
    runs.values().stream()
        .filter(figures -> !figures.isEmpty())
        .findFirst()
        .ifPresent(figures -> Bench.say("kernels: %s", figures.get(0).path("kernels").asText()));
    bench.printLeftOut();
    paths.forEach(
        (name, path) -> Bench.result(result(name, path, runs.getOrDefault(name, List.of()))));
  }

  private static Map<String, Object> result(
      String name, Architecture path, List<JsonNode> figures) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("path", name);
    result.put("macs", Cost.of(path).macs());
    for (String figure : new String[] {EPOCH, STEP, DATA, READING, "images_per_s", "peak_rss_mb"}) {
      result.put(figure, Spread.of(figures, figure).median());
    }
    result.put("epoch_quartiles", Spread.of(figures, EPOCH).quartiles());
    return result;
  }

  private static Map<String, Object> epoch(Architecture architecture) {
    LayerGraph graph = LayerGraph.of((LayeredSpace) architecture.space(), architecture);
    Batches batches = new Batches(images(), BATCH, Augmentation.cropAndFlip(), 1);
    int steps = batches.perEpoch();
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 1);
      Plan plan = engine.training(graph, weights, BATCH, Set.of());
      Optimizer optimizer = new Optimizer.Sgd(0.9);
      AtomicLong next = new AtomicLong();
      Supplier<Batches.Batch> coming = () -> batches.read(next.getAndIncrement());
      Consumer<Batches.Batch> step = batch -> step(plan, optimizer, batch);
      Bench.millis(0, WARM_UP, () -> step.accept(coming.get()));
      Duration before = batches.taken();
      double[] millis = Bench.millis(0, steps, () -> step.accept(coming.get()));
      Duration reading = batches.taken().minus(before);
      double seconds = Arrays.stream(millis).sum() / 1e3;
      double median = Spread.of(millis).median();
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("kernels", engine.kernels());
      figures.put(EPOCH, seconds);
      figures.put(STEP, median);
      figures.put("images_per_s", steps * BATCH / seconds);
      figures.put(DATA, saved(coming, step, (int) Math.max(1, PAIR_MS / median)));
      figures.put(READING, reading.toNanos() / 1e9 / seconds);
      figures.put("peak_rss_mb", Bench.peakRssMb());
      return figures;
    }
  }

  /**
   * What share of a step would be saved if the images were there already: as many batches as a
   * block has steps, because a network that sees one batch again and again learns it by heart, and
   * its steps are faster for that alone.
   */
  private static double saved(
      Supplier<Batches.Batch> coming, Consumer<Batches.Batch> step, int steps) {
    ImageSet images = images();
    List<Batches.Batch> held = new ArrayList<>();
    for (int i = 0; i < steps; i++) {
      held.add(new Batches(images, BATCH, Augmentation.cropAndFlip(), 2).read(i));
    }
    AtomicInteger next = new AtomicInteger();
    AtomicBoolean fresh = new AtomicBoolean();
    // Of two lambdas each would be compiled with a step of its own, and one came out 10 % faster.
    Runnable either =
        () -> step.accept(fresh.get() ? coming.get() : held.get(next.getAndIncrement() % steps));
    double[] share = new double[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
      // Each is as often the first as the second: the speed of the machine drifts.
      boolean freshFirst = i % 2 == 0;
      fresh.set(freshFirst);
      double first = sum(Bench.millis(0, steps, either));
      fresh.set(!freshFirst);
      double second = sum(Bench.millis(0, steps, either));
      share[i] = freshFirst ? 1 - second / first : 1 - first / second;
    }
    return Spread.of(share).median();
  }

  private static double sum(double[] millis) {
    return Arrays.stream(millis).sum();
  }

  private static void step(Plan plan, Optimizer optimizer, Batches.Batch batch) {
    plan.forward(batch.nhwc(), Pass.training(0));
    plan.loss(batch.labels(), 0.1);
    plan.backward();
    Gradients.apply(plan.touched(), optimizer, 0.01, 3e-5, 5);
  }

  private static ImageSet images() {
    ImageSet train = ImageData.cifar10(data().resolve("images/cifar10")).train();
    return train.take(Math.min(train.size(), count()));
  }

  private static Path data() {
    return Options.data("images/cifar10");
  }

  private static int count() {
    return Options.whole("images", 12_000, BATCH);
  }

  /**
   * The paths with most and fewest multiply-accumulate operations, and among 10,000 random ones the
   * one nearest to their mean. Which candidate a choice takes does not change the others' cost.
   */
  static Map<String, Architecture> paths(LayeredSpace space) {
    long[][] macs = new long[space.choices().size()][];
    for (int l = 0; l < macs.length; l++) {
      int choice = l;
      macs[l] =
          IntStream.range(0, space.choices().get(l).size())
              .mapToLong(k -> Cost.of(space.uniform(0).with(choice, k)).macs())
              .toArray();
    }
    SplittableRandom random = new SplittableRandom(1);
    List<int[]> sample = Stream.generate(() -> space.sample(random).picks()).limit(10_000).toList();
    double mean = sample.stream().mapToLong(picks -> sum(macs, picks)).average().orElseThrow();
    int[] nearest =
        sample.stream()
            .min((a, b) -> Double.compare(off(macs, a, mean), off(macs, b, mean)))
            .orElseThrow();
    Map<String, Architecture> paths = new LinkedHashMap<>();
    paths.put("smallest", space.architecture(extreme(macs, -1)));
    paths.put("mean", space.architecture(nearest));
    paths.put("largest", space.architecture(extreme(macs, 1)));
    return paths;
  }

  private static int[] extreme(long[][] macs, int sign) {
    return Arrays.stream(macs)
        .mapToInt(
            row ->
                IntStream.range(0, row.length)
                    .boxed()
                    .max((a, b) -> sign * Long.compare(row[a], row[b]))
                    .orElseThrow())
        .toArray();
  }

  private static double off(long[][] macs, int[] picks, double mean) {
    return Math.abs(sum(macs, picks) - mean);
  }

  /** Up to a constant of the space. */
  private static long sum(long[][] macs, int[] picks) {
    return IntStream.range(0, picks.length).mapToLong(l -> macs[l][picks[l]]).sum();
  }
}
