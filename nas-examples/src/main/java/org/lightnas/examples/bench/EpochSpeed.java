package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.data.Prefetch;
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
 * network of the small space, trained as the trainer does by default, and what share of it goes by
 * waiting for images: {@code mvn -q -Pbench -Dbench=EpochSpeed -Dnas.data=DIR [-Dimages=12000]
 * [-Dlightnas.kernels=…]}, and the options of {@link Bench}. The files are in {@code
 * DIR/images/cifar10}.
 */
public final class EpochSpeed {

  private static final int BATCH = 64;
  private static final int WARM_UP = 20;

  private static final String EPOCH = "epoch_s";
  private static final String STEP = "step_ms";
  private static final String DATA = "data_share";

  private EpochSpeed() {}

  /** Compares the paths; with the picks of one as argument, trains it. */
  public static void main(String... args) {
    LayeredSpace space = StepSpeed.space();
    if (args.length > 0) {
      System.out.println(Bench.json(epoch(space.read(System.getProperty("path")))));
      return;
    }
    images();
    Bench bench = new Bench("EpochSpeed", 4, 4);
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
                    "-Dnas.data=" + System.getProperty("nas.data"),
                    "-Dimages=" + Integer.getInteger("images", 12_000),
                    "-Dlightnas.kernels=" + System.getProperty("lightnas.kernels", "auto"))));
    Map<String, List<JsonNode>> runs = bench.alternate(sides, 1);

    List<List<?>> table = new ArrayList<>();
    table.add(
        List.of("path", "M MACs", "epoch s", "lower", "upper", "step ms", "images/s", "data %"));
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
                  100 * Spread.of(figures, DATA).median()));
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
    for (String figure : new String[] {EPOCH, STEP, DATA, "images_per_s", "peak_rss_mb"}) {
      result.put(figure, Spread.of(figures, figure).median());
    }
    result.put("epoch_quartiles", Spread.of(figures, EPOCH).quartiles());
    return result;
  }

  private static Map<String, Object> epoch(Architecture architecture) {
    ImageSet images = images();
    LayerGraph graph = LayerGraph.of((LayeredSpace) architecture.space(), architecture);
    Batches batches = new Batches(images, BATCH, Augmentation.cropAndFlip(), 1);
    int steps = batches.perEpoch();
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type());
        Prefetch coming = new Prefetch(batches, 0, WARM_UP + steps)) {
      weights.ensure(graph, 1);
      Plan plan = engine.training(graph, weights, BATCH, Set.of());
      Optimizer optimizer = new Optimizer.Sgd(0.9);
      double[] millis = new double[steps];
      long waited = 0;
      long begin = 0;
      for (int step = -WARM_UP; step < steps; step++) {
        long start = System.nanoTime();
        if (step == 0) {
          begin = start;
          waited = 0;
        }
        Prefetch.Batch batch = coming.next();
        waited += System.nanoTime() - start;
        plan.forward(batch.nhwc(), Pass.training(step));
        plan.loss(batch.labels(), 0.1);
        plan.backward();
        Gradients.apply(plan.touched(), optimizer, 0.01, 3e-5, 5);
        if (step >= 0) {
          millis[step] = (System.nanoTime() - start) / 1e6;
        }
      }
      double seconds = (System.nanoTime() - begin) / 1e9;
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("kernels", engine.kernels());
      figures.put(EPOCH, seconds);
      figures.put(STEP, Spread.of(millis).median());
      figures.put("images_per_s", steps * BATCH / seconds);
      figures.put(DATA, waited / 1e9 / seconds);
      figures.put("peak_rss_mb", Bench.peakRssMb());
      return figures;
    }
  }

  private static ImageSet images() {
    String dir = System.getProperty("nas.data", "");
    checkArgument(
        !dir.isEmpty(),
        "EpochSpeed needs CIFAR-10.\nMaybe give -Dnas.data=DIR; the files are looked for in"
            + " DIR/images/cifar10.");
    ImageSet train = ImageData.cifar10(Path.of(dir, "images", "cifar10")).train();
    return train.take(Math.min(train.size(), Integer.getInteger("images", 12_000)));
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
