package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.examples.bench.Bench.Spread;
import org.lightnas.graph.LayerGraph;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.space.zoo.ShuffleSpace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;

/**
 * How long a training step (forward, loss, backward, SGD with momentum; no clipping) and inference
 * of the small space's reference network take, and how much memory training needs: our engine with
 * oneDNN and with ND4J, DL4J's own {@code fit} as shipped, PyTorch in both layouts. {@code mvn -q
 * -Pbench -Dbench=StepSpeed [-Dbatch=64] [-Dtorch=PATH/torch_step.py] [-Dside.heap=512m]}, and the
 * options of {@link Bench}. {@code -Dspace=shuffle} times a network of {@code ShuffleSpace} for
 * small images, which the PyTorch script does not have.
 */
public final class StepSpeed {

  private static final String SMALL = "small";
  private static final String SHUFFLE = "shuffle";

  private static final String ONEDNN = "onednn";
  private static final String ND4J = "nd4j";
  private static final String DL4J = "dl4j";
  private static final String TORCH = "torch channels_last";
  private static final String TORCH_NCHW = "torch NCHW";

  private static final List<String> SHUFFLES =
      List.of("shuffle3w0.7", "shuffle5w0.7", "shuffle7w0.7", "xceptionw0.7");

  private static final String TRAIN = "train_ms";
  private static final String INFER = "infer_ms";
  private static final String INFER_ONE = "infer1_ms";
  private static final String PEAK = "peak_rss_mb";

  private static final int WARM_UP = 10;
  private static final int STEPS = 30;

  /** DL4J takes 0.5 to 2 s for a step. */
  private static final int DL4J_STEPS = 3;

  private StepSpeed() {}

  /** Compares the sides; with the name of one of ours as argument, is that side. */
  public static void main(String... args) {
    int batch = Options.whole("batch", 0, 0);
    LayeredSpace space = space(spaceName());
    if (args.length > 0) {
      System.out.println(
          Bench.json(args[0].equals(DL4J) ? dl4j(space, batch) : ours(args[0], space, batch)));
      return;
    }
    int[] batches = batch > 0 ? new int[] {batch} : new int[] {64, 16, 128};
    double images = Arrays.stream(batches).sum();
    Bench bench = new Bench("StepSpeed", batches.length + images / 20, 4);
    Bench.say("network %s", reference(space));
    for (int size : batches) {
      compare(bench, size, size / images);
    }
    Bench.say("DL4J as shipped (NCHW, no oneDNN in its layers): %d steps a run", DL4J_STEPS);
    Bench.say("peak: of the process; ours and DL4J's after training, PyTorch's with inference");
    bench.printLeftOut();
  }

  private static void compare(Bench bench, int batch, double share) {
    String spaceName = spaceName();
    String size = "-Dbatch=" + batch;
    String space = "-Dspace=" + spaceName;
    String heap = "-Xmx" + Options.text("side.heap", "512m");
    List<Side> sides = new ArrayList<>();
    for (String kernels : new String[] {ONEDNN, ND4J}) {
      sides.add(
          bench.java(kernels, StepSpeed.class, heap, size, space, "-Dlightnas.kernels=" + kernels));
    }
    sides.add(bench.java(DL4J, StepSpeed.class, "-Xmx2g", size, space));
    if (spaceName.equals(SMALL)) {
      String[] options = {"--batch", "" + batch, "--reps", "" + STEPS};
      bench.torchStep(TORCH, "channels_last", options).ifPresent(sides::add);
      bench.torchStep(TORCH_NCHW, "NCHW", options).ifPresent(sides::add);
    }
    Map<String, List<JsonNode>> runs = bench.alternate(sides, share);

    List<List<?>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "batch " + batch,
            "step ms",
            "quartiles",
            "range",
            "runs",
            "infer ms",
            "infer 1 ms",
            "peak MB"));
    runs.forEach(
        (name, figures) -> {
          if (!figures.isEmpty()) {
            rows.add(row(name, figures));
          }
        });
    Bench.table(rows);
    Bench.result(result(batch, runs));
  }

  private static List<?> row(String name, List<JsonNode> runs) {
    Spread train = Spread.of(runs, TRAIN);
    return List.of(
        name,
        train.median(),
        String.format(Locale.ROOT, "%.1f-%.1f", train.lower(), train.upper()),
        String.format(Locale.ROOT, "%.1f-%.1f", train.min(), train.max()),
        train.count(),
        median(runs, INFER),
        median(runs, INFER_ONE),
        median(runs, PEAK));
  }

  private static Map<String, Object> result(int batch, Map<String, List<JsonNode>> runs) {
    List<JsonNode> onednn = runs.getOrDefault(ONEDNN, List.of());
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("space", spaceName());
    result.put("batch", batch);
    result.put("onednn_ms", median(onednn, TRAIN));
    result.put("nd4j_ms", median(runs.getOrDefault(ND4J, List.of()), TRAIN));
    result.put("dl4j_ms", median(runs.getOrDefault(DL4J, List.of()), TRAIN));
    result.put("infer_ms", median(onednn, INFER));
    result.put("infer1_ms", median(onednn, INFER_ONE));
    result.put("peak_rss_mb", median(onednn, PEAK));
    List<JsonNode> torch = runs.getOrDefault(TORCH, List.of());
    if (!torch.isEmpty()) {
      result.put("torch_ms", median(torch, TRAIN));
      result.put("torch_nchw_ms", median(runs.getOrDefault(TORCH_NCHW, List.of()), TRAIN));
      result.put("torch_infer_ms", median(torch, INFER));
      result.put("torch_infer1_ms", median(torch, INFER_ONE));
      result.put("torch_rss_mb", median(torch, PEAK));
      result.put("ratio", median(onednn, TRAIN) / median(torch, TRAIN));
      result.put("rss_ratio", median(onednn, PEAK) / median(torch, PEAK));
    }
    runs.forEach(
        (name, figures) -> {
          if (!figures.isEmpty()) {
            result.put(
                name.replace(' ', '_').toLowerCase(Locale.ROOT) + "_quartiles",
                Spread.of(figures, TRAIN).quartiles());
          }
        });
    return result;
  }

  private static double median(List<JsonNode> runs, String figure) {
    return Spread.of(runs, figure).median();
  }

  private static Map<String, Object> ours(String kernels, LayeredSpace space, int batch) {
    LayerGraph graph = LayerGraph.of(space, reference(space));
    try (Engine engine = engine(kernels);
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 1);
      Optimizer optimizer = new Optimizer.Sgd(0.9);
      float[] images = images(batch);
      int[] labels = labels(batch);
      Plan training = engine.training(graph, weights, batch, Set.of());
      Spread train =
          Spread.of(
              Bench.millis(
                  WARM_UP,
                  STEPS,
                  () -> {
                    training.forward(images, Pass.training(0));
                    training.loss(labels, 0);
                    training.backward();
                    Gradients.apply(
                        training.touched(), optimizer, 0.01, 0, Double.POSITIVE_INFINITY);
                  }));
      double peak = Bench.peakRssMb();
      Plan many = engine.inference(graph, weights, batch);
      Spread infer =
          Spread.of(Bench.millis(WARM_UP, STEPS, () -> many.forward(images, Pass.inference())));
      Plan one = engine.inference(graph, weights, 1);
      float[] single = images(1);
      Spread inferOne =
          Spread.of(
              Bench.millis(3 * WARM_UP, 3 * STEPS, () -> one.forward(single, Pass.inference())));
      return figures(train, infer, inferOne, peak);
    }
  }

  /**
   * An engine that computes with what was asked for.
   *
   * @throws IllegalStateException if it does not
   */
  static Engine engine(String kernels) {
    Engine engine = Engine.create();
    if (!engine.kernels().toLowerCase(Locale.ROOT).contains(kernels)) {
      String others = engine.kernels();
      engine.close();
      throw new IllegalStateException(
          "asked for kernels '" + kernels + "', but the engine has '" + others + "'");
    }
    return engine;
  }

  private static Map<String, Object> dl4j(LayeredSpace space, int batch) {
    // Nesterov's: DL4J has no classical momentum. The work is the same.
    ComputationGraph network = dl4j(space, reference(space), new Nesterovs(0.01, 0.9));
    DataSet data = dl4jData(space, images(batch), labels(batch));
    Spread train = Spread.of(Bench.millis(1, DL4J_STEPS, () -> network.fit(data)));
    double peak = Bench.peakRssMb();
    INDArray images = data.getFeatures();
    Spread infer = Spread.of(Bench.millis(1, DL4J_STEPS, () -> network.output(false, images)));
    INDArray single = dl4jData(space, images(1), labels(1)).getFeatures();
    Spread inferOne =
        Spread.of(Bench.millis(3, 3 * DL4J_STEPS, () -> network.output(false, single)));
    return figures(train, infer, inferOne, peak);
  }

  private static Map<String, Object> figures(
      Spread train, Spread infer, Spread inferOne, double peak) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put(TRAIN, train.median());
    figures.put(INFER, infer.median());
    figures.put(INFER_ONE, inferOne.median());
    figures.put(PEAK, peak);
    return figures;
  }

  /** A network as DL4J trains it itself: the space's configuration, with an updater. */
  static ComputationGraph dl4j(LayeredSpace space, Architecture architecture, IUpdater updater) {
    ComputationGraphConfiguration configuration = space.toConfiguration(architecture);
    for (GraphVertex vertex : configuration.getVertices().values()) {
      if (vertex instanceof LayerVertex layer
          && layer.getLayerConf().getLayer() instanceof BaseLayer trained) {
        trained.setIUpdater(updater.clone());
      }
    }
    ComputationGraph network = new ComputationGraph(configuration);
    network.init();
    return network;
  }

  /** Images {@code [N, H, W, C]} as DL4J takes them: {@code [N, C, H, W]}, labels one-hot. */
  static DataSet dl4jData(LayeredSpace space, float[] nhwc, int[] labels) {
    FeatureShape shape = space.input();
    long[] dimensions = {labels.length, shape.height(), shape.width(), shape.channels()};
    INDArray features = Nd4j.createFromArray(nhwc).reshape('c', dimensions);
    INDArray classes = Nd4j.create(labels.length, space.classes());
    for (int i = 0; i < labels.length; i++) {
      classes.putScalar(i, labels[i], 1);
    }
    return new DataSet(features.permute(0, 3, 1, 2).dup('c'), classes);
  }

  static LayeredSpace space() {
    return LightNasSpace.small(new FeatureShape(3, 32, 32), 10);
  }

  /** What {@code -Dspace} asks for. */
  static String spaceName() {
    return Options.name("space", SMALL, SHUFFLE);
  }

  static LayeredSpace space(String name) {
    return name.equals(SHUFFLE) ? ShuffleSpace.small(space().input(), 10) : space();
  }

  /**
   * The network that is timed: of the small space that of the yardstick script, {@code FIXED}
   * there, 11.5 M MACs at 3 x 32 x 32; of {@link ShuffleSpace} its operations by turns, with widths
   * as searches find them.
   */
  static Architecture reference(LayeredSpace space) {
    if (!space.name().equals(space(SHUFFLE).name())) {
      return space.architecture(0, 1, 3, 1, 3, 5);
    }
    List<Choice> choices = space.choices();
    int[] picks = new int[choices.size()];
    Arrays.setAll(picks, l -> choices.get(l).indexOf(SHUFFLES.get(l % SHUFFLES.size())));
    return space.architecture(picks);
  }

  static float[] images(int batch) {
    return images(batch, 1);
  }

  /** Noise in [0, 1). */
  static float[] images(int batch, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    float[] nhwc = new float[batch * 3 * 32 * 32];
    for (int i = 0; i < nhwc.length; i++) {
      nhwc[i] = random.nextFloat();
    }
    return nhwc;
  }

  static int[] labels(int batch) {
    int[] labels = new int[batch];
    Arrays.setAll(labels, i -> i % 10);
    return labels;
  }
}
