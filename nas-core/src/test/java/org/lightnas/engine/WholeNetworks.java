package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.api.buffer.DataType;

/** Networks run from first to last on two engines from the same weights. */
final class WholeNetworks {

  private static final int ATTEMPTS = 8;

  private WholeNetworks() {}

  /** Everything a network computes, in the engine's element type. */
  record Results(double[] inferred, double[] logits, Map<String, double[]> gradients) {}

  /** Initial values, but with batch norms behind which ReLU6 clips on both sides. */
  static Map<String, double[]> clippingValues(LayerGraph graph, long seed) {
    try (Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, seed);
      Map<String, double[]> values = new LinkedHashMap<>(weights.values(graph));
      values.forEach(
          (name, data) -> {
            RandomGenerator random = Seeds.random(seed, name, 1);
            for (int i = 0; i < data.length; i++) {
              if (name.endsWith("/gamma") || name.endsWith("/beta")) {
                data[i] = (float) random.nextDouble(2, 4);
              } else if (name.endsWith("/mean")) {
                data[i] = (float) random.nextDouble(-1, 1);
              } else if (name.endsWith("/var")) {
                data[i] = (float) random.nextDouble(0.5, 2);
              }
            }
          });
      return values;
    }
  }

  /** Inference, then a training step's forward and backward pass. */
  static Results run(
      Engine engine, LayerGraph graph, Map<String, double[]> values, int batch, long seed) {
    FeatureShape input = graph.input();
    float[] images = new float[(int) (batch * input.size())];
    RandomGenerator random = Seeds.random(seed, "images", 0);
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    try (Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 0);
      weights.load(values);
      Plan inference = engine.inference(graph, weights, batch);
      inference.forward(images, Pass.inference());
      double[] inferred = inference.logits();
      Plan plan = engine.training(graph, weights, batch, Set.of());
      int[] labels = random.ints(batch, 0, plan.classes()).toArray();
      plan.forward(images, Pass.shared(seed));
      double[] logits = plan.logits();
      plan.loss(labels, 0.1);
      plan.backward();
      Map<String, double[]> gradients = new LinkedHashMap<>();
      for (Weight weight : plan.touched()) {
        gradients.put(weight.parameter().name(), Host.read(weight.gradient()));
      }
      return new Results(inferred, logits, gradients);
    }
  }

  /**
   * Holds one engine against another. Of some millions of values rounding puts one on the other
   * side of a bend of ReLU6 in about every third network, and that changes gradients by far more
   * than rounding does. So the gradients need to be close for one of several sets of weights and
   * images only; a wrong kernel is wrong for all of them.
   */
  static void assertSame(
      Supplier<Engine> one, Supplier<Engine> other, LayerGraph graph, long seed, double rounding) {
    List<String> worst = new ArrayList<>();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      long drawn = Seeds.derive(seed, "attempt", attempt);
      Map<String, double[]> values = clippingValues(graph, drawn);
      Results a = run(one, graph, values, drawn);
      Results b = run(other, graph, values, drawn);
      assertThat(distance(a.inferred(), b.inferred())).as("inference").isLessThan(rounding);
      assertThat(distance(a.logits(), b.logits())).as("logits").isLessThan(rounding);
      assertThat(a.gradients().keySet()).isEqualTo(b.gradients().keySet()).isNotEmpty();
      Map<String, Double> distances = new HashMap<>();
      a.gradients().forEach((n, g) -> distances.put(n, distance(g, b.gradients().get(n))));
      var largest = Collections.max(distances.entrySet(), Map.Entry.comparingByValue());
      if (largest.getValue() < rounding) {
        return;
      }
      worst.add(largest.toString());
    }
    fail("No gradients within " + rounding + ", but " + worst);
  }

  private static Results run(
      Supplier<Engine> supplier, LayerGraph graph, Map<String, double[]> values, long seed) {
    try (Engine engine = supplier.get()) {
      return run(engine, graph, values, 4, seed);
    }
  }

  /** {@code ||a - b|| / max(||b||, 1e-3)}: the gradient of what a batch norm removes is 0. */
  private static double distance(double[] a, double[] b) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < b.length; i++) {
      error += (a[i] - b[i]) * (a[i] - b[i]);
      size += b[i] * b[i];
    }
    return Math.sqrt(error) / Math.max(Math.sqrt(size), 1e-3);
  }
}
