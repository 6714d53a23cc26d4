package org.lightnas.examples.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.lightnas.FeatureShape;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

/**
 * How long the engine takes for a training step and for inference of the small space's reference
 * network (11.5 M MACs at 3 x 32 x 32): {@code mvn -q -Pbench -Dbench=StepSpeed [-Dbatch=64]
 * [-Dbudget=MINUTES]}.
 */
public final class StepSpeed {

  private static final int WARM_UP = 5;

  private StepSpeed() {}

  /** Measures until the budget is used up, at least 15 steps. */
  public static void main(String[] args) {
    int batch = Integer.getInteger("batch", 64);
    double budget = Double.parseDouble(System.getProperty("budget", "0.5"));
    System.out.printf(Locale.ROOT, "StepSpeed at batch %d: about %.1f minutes%n", batch, budget);
    LayeredSpace space = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);
    LayerGraph graph = LayerGraph.of(space, space.architecture(0, 1, 3, 1, 3, 5));
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 1);
      Optimizer optimizer = new Optimizer.Sgd(0.9);
      float[] images = images(batch);
      int[] labels = new int[batch];
      Arrays.setAll(labels, i -> i % 10);
      Plan training = engine.training(graph, weights, batch, Set.of());
      double[] train =
          times(
              0.6 * budget,
              () -> {
                training.forward(images, Pass.training(0));
                training.loss(labels, 0);
                training.backward();
                Gradients.apply(training.touched(), optimizer, 0.01, 0, Double.POSITIVE_INFINITY);
              });
      Plan many = engine.inference(graph, weights, batch);
      double[] infer = times(0.2 * budget, () -> many.forward(images, Pass.inference()));
      Plan one = engine.inference(graph, weights, 1);
      float[] single = images(1);
      double[] inferOne = times(0.2 * budget, () -> one.forward(single, Pass.inference()));
      System.out.println("                     median ms   quartiles        runs");
      print("training step", train);
      print("inference", infer);
      print("inference of one", inferOne);
      System.out.println(
          "left out: oneDNN kernels and DL4J's own fit, which are no part of it yet");
      System.out.printf(
          Locale.ROOT,
          "RESULT {\"batch\": %d, \"kernels\": \"%s\", \"nd4j_ms\": %.2f, \"infer_ms\": %.2f, "
              + "\"infer1_ms\": %.3f, \"activation_mb\": %.1f}%n",
          batch,
          engine.kernels(),
          quantile(train, 0.5),
          quantile(infer, 0.5),
          quantile(inferOne, 0.5),
          training.activationBytes() / 1e6);
    }
  }

  private static float[] images(int batch) {
    RandomGenerator random = new SplittableRandom(1);
    float[] nhwc = new float[batch * 3 * 32 * 32];
    for (int i = 0; i < nhwc.length; i++) {
      nhwc[i] = random.nextFloat();
    }
    return nhwc;
  }

  private static double[] times(double minutes, Runnable step) {
    for (int i = 0; i < WARM_UP; i++) {
      step.run();
    }
    double[] times = new double[15];
    int runs = 0;
    long start = System.nanoTime();
    while (runs < 15 || System.nanoTime() - start < minutes * 60e9) {
      if (runs == times.length) {
        times = Arrays.copyOf(times, 2 * runs);
      }
      long before = System.nanoTime();
      step.run();
      times[runs++] = (System.nanoTime() - before) / 1e6;
    }
    double[] sorted = Arrays.copyOf(times, runs);
    Arrays.sort(sorted);
    return sorted;
  }

  private static void print(String name, double[] sorted) {
    System.out.printf(
        Locale.ROOT,
        "%-18s %11.2f   %7.2f %7.2f %6d%n",
        name,
        quantile(sorted, 0.5),
        quantile(sorted, 0.25),
        quantile(sorted, 0.75),
        sorted.length);
  }

  private static double quantile(double[] sorted, double share) {
    return sorted[(int) (share * (sorted.length - 1))];
  }
}
