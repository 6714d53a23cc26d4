package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.lightnas.data.ImageData;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.examples.bench.Bench.Spread;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.SpaceReader;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The published space at its size, 224 pixels, batch 8: {@code mvn -q -Pbench -Dbench=ImageNetStep
 * [-Dpaths=8]}. One side trains single random paths of the supernet, all of whose weights are in
 * memory; the other runs the published search for one ordered warm-up step (seven paths, one
 * update), one weight step and one logit step. The authors' own PyTorch code was measured elsewhere
 * ({@value #AUTHORS_MS} ms channels_last and {@value #AUTHORS_MB} MB, where the yardstick script
 * takes {@value #YARDSTICK_MS} ms), so the yardstick runs beside.
 */
public final class ImageNetStep {

  private static final int BATCH = 8;
  private static final double AUTHORS_MS = 211;
  private static final double AUTHORS_MB = 1290;
  private static final double YARDSTICK_MS = 70;

  private ImageNetStep() {}

  /** Compares; with "path" or "search" as argument, is one side. */
  public static void main(String... args) {
    if (args.length > 0) {
      System.out.println(Bench.json(args[0].equals("path") ? paths() : search()));
      return;
    }
    Bench bench = new Bench("ImageNetStep", 4, 4);
    List<Side> sides = new ArrayList<>();
    // The collector that the JVM itself takes where memory is scarce.
    sides.add(
        bench.java(
            "path",
            ImageNetStep.class,
            "-Xmx64m",
            "-XX:+UseSerialGC",
            "-Dpaths=" + Options.whole("paths", 8, 1)));
    Optional<Side> torch = bench.torchStep("yardstick", "channels_last", "--batch", "64");
    torch.ifPresent(sides::add);
    Map<String, List<JsonNode>> runs = bench.alternate(sides, 1);
    List<JsonNode> whole = bench.java("search", ImageNetStep.class, "-Xmx1g").run();
    Spread ours = Spread.of(runs.getOrDefault("path", List.of()), "step_ms");
    Spread rss = Spread.of(runs.getOrDefault("path", List.of()), "peak_rss_mb");
    Spread yardstick = Spread.of(runs.getOrDefault("yardstick", List.of()), "train_ms");
    double authors = AUTHORS_MS * yardstick.median() / YARDSTICK_MS;
    List<List<?>> table = new ArrayList<>();
    table.add(List.of("224 pixels, batch 8", "ms", "lower", "upper", "peak MB"));
    table.add(
        List.of("a path's weight step", ours.median(), ours.lower(), ours.upper(), rss.median()));
    table.add(List.of("authors' code, by the yardstick", authors, 0.0, 0.0, AUTHORS_MB));
    Bench.table(table);
    whole.forEach(
        line ->
            Bench.say(
                "a published search of three passes: %.1f s, %s, %.0f MB",
                line.path("seconds").asDouble(),
                line.path("found").asText(),
                line.path("peak_rss_mb").asDouble()));
    bench.printLeftOut();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("step_ms", ours.median());
    result.put("step_quartiles", ours.quartiles());
    result.put("yardstick_ms", yardstick.median());
    result.put("authors_ms", authors);
    result.put("ratio", ours.median() / authors);
    result.put("peak_rss_mb", rss.median());
    result.put("rss_ratio", rss.median() / AUTHORS_MB);
    Bench.result(result);
  }

  /** Single paths, the mean over them of the median of a few steps each. */
  private static Map<String, Object> paths() {
    LayeredSpace space = LightNasSpace.imagenetSupernet();
    SpaceReader reader = new SpaceReader(space);
    SplittableRandom random = new SplittableRandom(1);
    float[] nhwc = new float[BATCH * 3 * 224 * 224];
    for (int i = 0; i < nhwc.length; i++) {
      nhwc[i] = (float) random.nextGaussian();
    }
    int[] labels = random.ints(BATCH, 0, 1000).toArray();
    int count = Options.whole("paths", 8, 1);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      for (int l = 0; l < space.choices().size(); l++) {
        for (int k = 0; k < space.choices().get(l).size(); k++) {
          weights.ensure(read(reader, space.uniform(0).with(l, k)), 1);
        }
      }
      Optimizer optimizer = new Optimizer.Sgd(0.9);
      double sum = 0;
      for (int i = 0; i < count; i++) {
        Plan plan = engine.training(read(reader, space.sample(random)), weights, BATCH, Set.of());
        double[] millis =
            Bench.millis(
                1,
                3,
                () -> {
                  plan.forward(nhwc, Pass.shared(0));
                  plan.loss(labels, 0.1);
                  plan.backward();
                  Gradients.apply(plan.touched(), optimizer, 0.01, 3e-5, 5);
                });
        sum += Spread.of(millis).median();
      }
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("kernels", engine.kernels());
      figures.put("step_ms", sum / count);
      figures.put("weight_mb", weights.bytes() / 1048576.0);
      figures.put("activation_mb", engine.arenaBytes() / 1048576.0);
      figures.put("peak_rss_mb", Bench.peakRssMb());
      return figures;
    }
  }

  private static LayerGraph read(SpaceReader reader, Architecture architecture) {
    return reader.read(architecture).withPlainBatchNorms();
  }

  private static Map<String, Object> search() {
    LayeredSpace space = LightNasSpace.imagenet();
    ImageData images = ImageData.of("noise", noise(2 * BATCH, 1), noise(1, 2));
    long start = System.nanoTime();
    SearchResult found =
        LightNas.faithful()
            .supernet(LightNasSpace.imagenetSupernet())
            .batchSize(BATCH)
            .steps(2)
            .warmup(0.5)
            .build()
            .search(space.on(images), Constraint.atMost(350e6, CostPredictor.macs(space)));
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("seconds", (System.nanoTime() - start) / 1e9);
    figures.put("found", found.toString());
    figures.put("peak_rss_mb", Bench.peakRssMb());
    return figures;
  }

  private static ListDataSetIterator<DataSet> noise(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count * 3 * 224 * 224];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble();
    }
    INDArray images = Nd4j.create(values, new long[] {count, 3, 224, 224}, 'c');
    INDArray labels = Nd4j.zeros(count, 1000);
    for (int i = 0; i < count; i++) {
      labels.putScalar(i, (i * 37) % 1000, 1);
    }
    return new ListDataSetIterator<>(List.of(new DataSet(images, labels)), count);
  }
}
