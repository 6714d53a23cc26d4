package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.internal.Seeds;
import org.lightnas.space.LayeredSpace;

class EmaTest {

  private static final LayeredSpace SPACE = Stripes.space();

  private static Map<String, double[]> random(LayerGraph graph, long step) {
    Map<String, double[]> values = new HashMap<>();
    graph
        .parameters()
        .forEach(
            p ->
                values.put(
                    p.name(), Seeds.random(1, p.name(), step).doubles(p.size(), -1, 1).toArray()));
    return values;
  }

  private static void requireClose(Map<String, double[]> actual, Map<String, double[]> expected) {
    expected.forEach(
        (name, data) -> assertThat(actual.get(name)).as(name).containsExactly(data, within(1e-6)));
    assertThat(actual).hasSameSizeAs(expected);
  }

  @Test
  void followsTheWeightsWithADecayThatGrowsToItsLimit() {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.architecture(0, 0));
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 1);
      Map<String, double[]> expected = weights.values(graph);
      // (1 + t) / (10 + t) exceeds 0.3 from t = 3 on: 0.1, 0.1818, 0.25, 0.3, 0.3.
      double[] decays = {0.1, 2 / 11.0, 0.25, 0.3, 0.3};
      try (Ema ema = new Ema(weights, graph, 0.3)) {
        requireClose(ema.values(), expected);
        for (int t = 0; t < decays.length; t++) {
          Map<String, double[]> now = random(graph, t);
          weights.load(now);
          ema.update(t);
          for (Map.Entry<String, double[]> entry : expected.entrySet()) {
            double[] average = entry.getValue();
            for (int i = 0; i < average.length; i++) {
              average[i] = decays[t] * average[i] + (1 - decays[t]) * now.get(entry.getKey())[i];
            }
          }
          requireClose(ema.values(), expected);
          requireClose(weights.values(graph), now);
        }
        ema.show();
        requireClose(weights.values(graph), expected);
        Map<String, double[]> other = random(graph, 99);
        ema.load(other);
        requireClose(ema.values(), other);
        requireClose(weights.values(graph), expected);
      }
    }
  }

  /** After one step the average is a tenth of the start and nine tenths of the end. */
  @Test
  void theTrainerHandsOutTheAverage() {
    ImageData images = Stripes.images(32, 4);
    Trainer.Builder oneStep =
        Trainer.builder().epochs(1).batchSize(32).warmup(0).batchNormReestimation(0);
    ComputationGraph start = SPACE.network(SPACE.architecture(0, 0), 8);
    LayerGraph graph = LayerGraph.read(start.getConfiguration());
    Map<String, double[]> before = NetworkValues.read(start, graph);
    Map<String, double[]> expected = NetworkValues.read(oneStep.build().fit(start, images), graph);
    expected.forEach(
        (name, data) -> {
          for (int i = 0; i < data.length; i++) {
            data[i] = 0.1 * before.get(name)[i] + 0.9 * data[i];
          }
        });
    Map<String, double[]> averaged =
        NetworkValues.read(oneStep.averaging(0.99).build().fit(start, images), graph);
    requireClose(averaged, expected);
  }
}
