package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;

class GradientSumTest {

  private static final LayeredSpace SPACE =
      LayeredSpace.named("two", new FeatureShape(3, 6, 6), 2)
          .stem(new ConvBnAct(3, 4, 1))
          .choice("one", new ConvBnAct(3, 4, 1), new ConvBnAct(1, 4, 1))
          .build();

  private static final float[] IMAGES = new float[2 * 3 * 36];

  static {
    for (int i = 0; i < IMAGES.length; i++) {
      IMAGES[i] = (i * 37 % 101) / 101f;
    }
  }

  private static List<Weight> backward(Engine engine, Weights weights, int k) {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.uniform(k));
    weights.ensure(graph, 5);
    Plan plan = engine.training(graph, weights, 2, Set.of());
    plan.forward(IMAGES, Pass.shared(0));
    plan.loss(new int[] {0, 1}, 0);
    plan.backward();
    return plan.touched();
  }

  private static Map<String, double[]> gradients(List<Weight> touched) {
    Map<String, double[]> all = new LinkedHashMap<>();
    touched.forEach(w -> all.put(w.parameter().name(), w.gradient().dup('c').data().asDouble()));
    return all;
  }

  @Test
  void sharedWeightsGetTheSumAndOthersTheirOwn() {
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type());
        GradientSum sum = new GradientSum()) {
      Map<String, double[]> first = gradients(backward(engine, weights, 0));
      Map<String, double[]> second = gradients(backward(engine, weights, 1));
      for (int round = 0; round < 2; round++) { // the second time it must have begun anew
        sum.add(backward(engine, weights, 0));
        sum.add(backward(engine, weights, 1));
        Map<String, double[]> both = gradients(sum.release());
        assertThat(both).hasSizeGreaterThan(first.size()).containsKeys("stem/0/conv/W");
        both.forEach(
            (name, values) -> {
              for (int i = 0; i < values.length; i++) {
                double expected =
                    first.getOrDefault(name, new double[values.length])[i]
                        + second.getOrDefault(name, new double[values.length])[i];
                assertThat((float) values[i]).as(name).isEqualTo((float) expected);
              }
            });
      }
      assertThat(sum.release()).isEmpty();
    }
  }

  @Test
  void aSnapshotBringsWeightsAndOptimiserBack() {
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      Optimizer optimizer = new Optimizer.Sgd(0.9);
      Gradients.apply(backward(engine, weights, 0), optimizer, 0.1, 0, 5);
      backward(engine, weights, 1); // exists, but has no momentum yet
      Map<String, double[]> then = weights.snapshot();
      for (int step = 0; step < 3; step++) {
        Gradients.apply(backward(engine, weights, step % 2), optimizer, 0.1, 0, 5);
      }
      assertThat(weights.snapshot().get("value/stem/0/conv/W"))
          .isNotEqualTo(then.get("value/stem/0/conv/W"));
      weights.restore((name, size) -> then.get(name));
      Map<String, double[]> now = weights.snapshot();
      then.forEach((name, values) -> assertThat(now.get(name)).as(name).isEqualTo(values));
      now.forEach(
          (name, values) -> {
            if (!then.containsKey(name)) {
              assertThat(values).as(name).containsOnly(0); // momentum that was not there then
            }
          });
    }
  }

  @Test
  void plainBatchNormsHaveNothingToTrain() {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.uniform(0));
    assertThat(graph.parameters()).anyMatch(p -> p.name().endsWith("/gamma"));
    assertThat(graph.withPlainBatchNorms().parameters())
        .noneMatch(p -> p.name().endsWith("/gamma") || p.name().endsWith("/beta"))
        .anyMatch(p -> p.name().endsWith("/mean"));
  }
}
