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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
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
 * both layouts. {@code mvn -q -Pbench -Dbench=LossCurves}; {@link Bench}'s options but the budget.
 *
 * <p>Twice: with classical momentum, which DL4J lacks (its momentum is Nesterov's), and without
 * any, where all take part. How far apart PyTorch's own two layouts come is the measure: the rest
 * is order of summation, grown by 30 steps and the kinks of ReLU6. Noise, because in drawn images
 * whole areas are equal and cross a kink together: there PyTorch's own curves part by hundreds of
 * times more, and the comparison would tell nothing.
 */
public final class LossCurves {

  private static final int STEPS = 30;
  private static final int BATCH = 64;
  private static final double RATE = 0.01;
  private static final double MOMENTUM = 0.9;
  private static final long SEED = 1;

  private static final String DL4J = "dl4j";
  private static final String TORCH = "torch NCHW";
  private static final String TORCH_NHWC = "torch channels_last";

  private final LayeredSpace space = StepSpeed.space();
  private final Architecture architecture = StepSpeed.reference(space);
  private final LayerGraph graph = LayerGraph.of(space, architecture);
  private final float[] nhwc = StepSpeed.images(BATCH);
  private final int[] labels = StepSpeed.labels(BATCH);

  private LossCurves() {}

  /** Compares the sides; with the name of one of ours as argument, is that side. */
  public static void main(String... args) throws IOException {
    if (args.length > 0) {
      double momentum = Double.parseDouble(System.getProperty("momentum"));
      LossCurves curves = new LossCurves();
      double[] losses = args[0].equals(DL4J) ? curves.dl4j() : curves.ours(args[0], momentum);
      System.out.println(Bench.json(Map.of("losses", losses)));
      return;
    }
    Bench bench = new Bench("LossCurves", 4, 1);
    Path dir = Files.createTempDirectory("loss-curves");
    Path script = dir.resolve("loss_curve.py");
    Path file = dir.resolve("start.bin");
    try {
      try (InputStream resource = LossCurves.class.getResourceAsStream("loss_curve.py")) {
        Files.copy(Objects.requireNonNull(resource, "loss_curve.py"), script);
      }
      new LossCurves().write(file);
      compare(bench, script, file, 0);
      compare(bench, script, file, MOMENTUM);
    } finally {
      Files.deleteIfExists(script);
      Files.deleteIfExists(file);
      Files.delete(dir);
    }
    Bench.say("left out with momentum: dl4j (it has Nesterov's only)");
    bench.printLeftOut();
  }

  private static void compare(Bench bench, Path script, Path file, double momentum) {
    String option = "-Dmomentum=" + momentum;
    List<Side> sides = new ArrayList<>();
    for (String kernels : new String[] {"onednn", "nd4j"}) {
      sides.add(bench.java(kernels, LossCurves.class, option, "-Dlightnas.kernels=" + kernels));
    }
    if (momentum == 0) {
      sides.add(bench.java(DL4J, LossCurves.class, option));
    }
    String[] command = {script.toString(), file.toString(), "NCHW", Double.toString(momentum)};
    bench.torch(TORCH, command).ifPresent(sides::add);
    command[2] = "channels_last";
    bench.torch(TORCH_NHWC, command).ifPresent(sides::add);
    Map<String, double[]> curves = new LinkedHashMap<>();
    bench
        .alternate(sides, 0)
        .forEach(
            (name, lines) -> lines.forEach(line -> curves.put(name, array(line.path("losses")))));

    String reference = curves.containsKey(TORCH) ? TORCH : "nd4j";
    double[] yardstick = Objects.requireNonNull(curves.get(reference), reference + " failed");
    double spread =
        curves.containsKey(TORCH_NHWC)
            ? distance(yardstick, Objects.requireNonNull(curves.get(TORCH_NHWC)))
            : Double.NaN;
    List<List<?>> table = new ArrayList<>();
    table.add(
        List.of("momentum " + momentum, "first", "step 10", "step 20", "last", "max |difference|"));
    curves.forEach(
        (name, curve) ->
            table.add(
                List.of(
                    name,
                    digits(curve[0]),
                    digits(curve[9]),
                    digits(curve[19]),
                    digits(curve[STEPS - 1]),
                    name.equals(reference)
                        ? "(compared with it)"
                        : digits(distance(curve, yardstick)))));
    Bench.table(table);
    curves.forEach(
        (name, curve) -> {
          Map<String, Object> result = new LinkedHashMap<>();
          result.put("side", name);
          result.put("momentum", momentum);
          result.put("loss_first", digits(curve[0]));
          result.put("loss_last", digits(curve[STEPS - 1]));
          result.put("max_diff", digits(distance(curve, yardstick)));
          result.put("torch_spread", digits(spread));
          Bench.result(result);
        });
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
      weights.ensure(graph, SEED);
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
      weights.ensure(graph, SEED);
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
