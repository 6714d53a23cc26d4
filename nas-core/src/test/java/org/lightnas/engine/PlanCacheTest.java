package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

class PlanCacheTest {

  @Test
  void keepsTheLastUsedPlansWithinItsLimit() {
    LayeredSpace space = LightNasSpace.small(new FeatureShape(3, 28, 28), 10);
    LayerGraph graph = LayerGraph.of(space, space.uniform(1));
    List<Integer> made = new ArrayList<>();
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      long one = engine.training(graph, weights, 4, Set.of()).bytes();
      PlanCache<Integer> cache = new PlanCache<>(2 * one + 1);
      for (int key : new int[] {1, 2, 1, 3, 1, 2}) {
        cache.get(
            key,
            k -> {
              made.add(k);
              return engine.training(graph, weights, 4, Set.of());
            });
      }
      // 3 pushed out 2, which had not been used since 1 was.
      assertThat(made).containsExactly(1, 2, 3, 2);
      assertThat(cache).asString().startsWith("4 plans made, 2 found again, 2 kept in ");
    }
  }

  @Test
  void keepsOneHoweverSmallTheLimit() {
    LayeredSpace space = LightNasSpace.small(new FeatureShape(3, 28, 28), 10);
    LayerGraph graph = LayerGraph.of(space, space.uniform(1));
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      PlanCache<Integer> cache = new PlanCache<>(0);
      Plan first = cache.get(1, k -> engine.training(graph, weights, 4, Set.of()));
      assertThat(cache.get(1, k -> engine.training(graph, weights, 4, Set.of()))).isSameAs(first);
    }
  }
}
