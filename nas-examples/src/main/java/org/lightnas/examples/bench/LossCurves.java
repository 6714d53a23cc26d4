package org.lightnas.examples.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
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
import org.lightnas.graph.NetworkValues;
import org.lightnas.graph.Parameter;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Whether all sides compute the same: the losses of 30 steps of SGD from the same weights on one
 * batch of noise, by our engine with either kernels, by DL4J's own {@code fit} and by PyTorch in
 * both layouts. {@code mvn -q -Pbench -Dbench=LossCurves [-Dseeds=8]}; {@link Bench}'s options but
 * the budget.
 *
 * <p>Twice: with classical momentum, which DL4J lacks (its momentum is Nesterov's), and without
 * any, where all take part. How far apart PyTorch's own two layouts come is the measure: the rest
 * is order of summation, grown by 30 steps and the kinks of ReLU6. How much it grows is chance, so
 * there are several starts and batches, and the largest distance of each side counts (of DL4J,
 * which is slow, the first). Noise, because in drawn images whole areas are equal and cross a kink
 * together: there PyTorch's own curves part by hundreds of times more, and the comparison would
 * tell nothing.
 */
public final class LossCurves {

  private static final int STEPS = 30;
  private static final int BATCH = 64;
  private static final double RATE = 0.01;
  private static final double MOMENTUM = 0.9;

  private static final String DL4J = "dl4j";
  private static final String TORCH = "torch NCHW";
  private static final String TORCH_NHWC = "torch channels_last";

  private final LayeredSpace space = StepSpeed.space();
  private final Architecture architecture = StepSpeed.reference(space);
  private final LayerGraph graph = LayerGraph.of(space, architecture);
  private final int[] labels = StepSpeed.labels(BATCH);
  private final long seed;
  private final float[] nhwc;

  private LossCurves(long seed) {
    this.seed = seed;
    this.nhwc = StepSpeed.images(BATCH, seed);
  }

  /** Compares the sides; with the name of one of ours as argument, is that side. */
  public static void main(String... args) throws IOException {
    int seeds = Options.whole("seeds", 8, 1);
    if (args.length > 0) {
      double momentum = Options.amount("momentum", "0");
      for (int seed = 1; seed <= seeds; seed++) {
        LossCurves curves = new LossCurves(seed);
        double[] losses = args[0].equals(DL4J) ? curves.dl4j() : curves.ours(args[0], momentum);
        System.out.println(Bench.json(Map.of("losses", losses)));
      }
      return;
    }
    Bench bench = new Bench("LossCurves", 2 + seeds / 1.5, 1);
    Path dir = Files.createTempDirectory("loss-curves");
    List<Path> files = new ArrayList<>();
    Path script = dir.resolve("loss_curve.py");
    try {
      try (InputStream resource = LossCurves.class.getResourceAsStream("loss_curve.py")) {
        Files.copy(Objects.requireNonNull(resource, "loss_curve.py"), script);
      }
      for (int seed = 1; seed <= seeds; seed++) {
        files.add(dir.resolve("start" + seed + ".bin"));
        new LossCurves(seed).write(files.get(seed - 1));
      }
      compare(bench, script, files, 0);
      compare(bench, script, files, MOMENTUM);
    } finally {
      Files.deleteIfExists(script);
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.delete(dir);
    }
    Bench.say("left out: dl4j with momentum (it has Nesterov's only) and on other seeds than 1");
    bench.printLeftOut();
  }

  private static void compare(Bench bench, Path script, List<Path> files, double momentum) {
    String option = "-Dmomentum=" + momentum;
    List<Side> sides = new ArrayList<>();
    for (String kernels : new String[] {"onednn", "nd4j"}) {
      String[] options = {option, "-Dlightnas.kernels=" + kernels, "-Dseeds=" + files.size()};
      sides.add(bench.java(kernels, LossCurves.class, options));
    }
    if (momentum == 0) {
      sides.add(bench.java(DL4J, LossCurves.class, option, "-Dseeds=1"));
    }
    for (String side : new String[] {TORCH, TORCH_NHWC}) {
      List<String> command = new ArrayList<>();
      command.add(script.toString());
      command.add(side.equals(TORCH) ? "NCHW" : "channels_last");
      command.add(Double.toString(momentum));
      files.forEach(file -> command.add(file.toString()));
      bench.torch(side, command.toArray(String[]::new)).ifPresent(sides::add);
    }
    Map<String, List<double[]>> curves = new LinkedHashMap<>();
    bench
        .alternate(sides, 0)
        .forEach(
            (name, lines) ->
                curves.put(name, lines.stream().map(line -> array(line.path("losses"))).toList()));
    curves.values().removeIf(List::isEmpty);

    String reference = curves.containsKey(TORCH) ? TORCH : "nd4j";
    List<double[]> yardstick = Objects.requireNonNull(curves.get(reference), reference + " failed");
    List<List<?>> table = new ArrayList<>();
    table.add(
        List.of("momentum " + momentum, "first", "last", "curves", "median |diff|", "max |diff|"));
    curves.forEach(
        (name, some) -> {
          double[] distances = distances(some, yardstick);
          table.add(
              List.of(
                  name,
                  digits(some.get(0)[0]),
                  digits(some.get(0)[STEPS - 1]),
                  some.size(),
                  name.equals(reference) ? "(compared" : digits(Spread.of(distances).median()),
                  name.equals(reference) ? "with it)" : digits(largest(distances))));
        });
    Bench.table(table);
    double spread =
        curves.containsKey(TORCH_NHWC) && reference.equals(TORCH)
            ? largest(distances(Objects.requireNonNull(curves.get(TORCH_NHWC)), yardstick))
            : Double.NaN;
    curves.forEach(
        (name, some) -> {
          Map<String, Object> result = new LinkedHashMap<>();
          result.put("side", name);
          result.put("momentum", momentum);
          result.put("curves", some.size());
          result.put("max_diff", digits(largest(distances(some, yardstick))));
          result.put("median_diff", digits(Spread.of(distances(some, yardstick)).median()));
          result.put("torch_spread", digits(spread));
          Bench.result(result);
        });
  }

  /** The largest distance of each curve from the one of the same seed. */
  private static double[] distances(List<double[]> some, List<double[]> yardstick) {
    return IntStream.range(0, some.size())
        .mapToDouble(i -> distance(some.get(i), yardstick.get(i)))
        .toArray();
  }

  private static double largest(double[] values) {
    return Arrays.stream(values).max().orElse(Double.NaN);
  }

  /** Losses need more digits than times; NaN stays a number, for the one way to print it. */
  private static Object digits(double value) {
    return Double.isNaN(value)
        ? value
        : new BigDecimal(value).round(new MathContext(Math.abs(value) < 0.1 ? 2 : 7));
  }

  private static double distance(double[] a, double[] b) {
    double distance = 0;
    for (int i = 0; i < a.length; i++) {
      distance = Math.max(distance, Math.abs(a[i] - b[i]));
    }
    return distance;
  }

  private static double[] array(JsonNode numbers) {
    double[] array = new double[numbers.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = numbers.get(i).doubleValue();
    }
    return array;
  }

  private double[] ours(String kernels, double momentum) {
    try (Engine engine = StepSpeed.engine(kernels);
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, seed);
      Plan plan = engine.training(graph, weights, BATCH, Set.of());
      Optimizer optimizer = new Optimizer.Sgd(momentum);
      double[] losses = new double[STEPS];
      for (int step = 0; step < STEPS; step++) {
        plan.forward(nhwc, Pass.training(step));
        losses[step] = plan.loss(labels, 0).mean();
        plan.backward();
        Gradients.apply(plan.touched(), optimizer, RATE, 0, Double.POSITIVE_INFINITY);
      }
      return losses;
    }
  }

  private double[] dl4j() {
    ComputationGraph network = StepSpeed.dl4j(space, architecture, new Sgd(RATE));
    NetworkValues.write(network, graph, start());
    DataSet data = StepSpeed.dl4jData(space, nhwc, labels);
    double[] losses = new double[STEPS];
    for (int step = 0; step < STEPS; step++) {
      network.fit(data);
      losses[step] = network.score();
    }
    return losses;
  }

  /** The weights all sides start from; they depend on the seed only. */
  private Map<String, double[]> start() {
    try (Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, seed);
      return weights.values(graph);
    }
  }

  /** Writes what the script reads; the format is explained there. */
  private void write(Path file) throws IOException {
    List<Map<String, ?>> tensors = new ArrayList<>();
    int values = nhwc.length + labels.length;
    for (Parameter parameter : graph.parameters()) {
      tensors.add(Map.of("name", parameter.name(), "shape", parameter.shape()));
      values += (int) parameter.size();
    }
    FeatureShape shape = space.input();
    int[] input = {shape.height(), shape.width(), shape.channels()};
    byte[] header =
        Bench.json(
                Map.of(
                    "tensors", tensors, "input", input, "batch", BATCH, "steps", STEPS, "rate",
                    RATE))
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer =
        ByteBuffer.allocate(4 + header.length + 4 * values).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(header.length).put(header);
    Map<String, double[]> start = start();
    for (Parameter parameter : graph.parameters()) {
      for (double value : Objects.requireNonNull(start.get(parameter.name()))) {
        buffer.putFloat((float) value);
      }
    }
    for (float value : nhwc) {
      buffer.putFloat(value);
    }
    for (int label : labels) {
      buffer.putInt(label);
    }
    Files.write(file, buffer.array());
  }
}
