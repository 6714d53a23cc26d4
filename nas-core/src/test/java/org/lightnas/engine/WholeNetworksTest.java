package org.lightnas.engine;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.LightNasSpace;

/** The default engine computes in float32 what ND4J computes in float64. */
class WholeNetworksTest {

  /** About 30 layers deep; seen were 5e-5, and 2e-6 for most gradients. */
  private static final double ROUNDING = 3e-4;

  private static final double FLIPS = 2e-2;

  @Test
  void aSmallLightNasNetworkOn28Pixels() {
    check(LightNasSpace.small(new FeatureShape(1, 28, 28), 10), 1);
  }

  @Test
  @Tag("slow")
  void smallLightNasNetworksOn32Pixels() {
    for (int seed = 0; seed < 4; seed++) {
      check(LightNasSpace.small(new FeatureShape(3, 32, 32), 10), seed);
    }
  }

  private static void check(SearchSpace space, long seed) {
    LayerGraph graph = LayerGraph.of(space, space.sample(Seeds.random(seed, "architecture", 0)));
    WholeNetworks.assertSame(Engine::create, Engine::inDouble, graph, seed, ROUNDING, FLIPS);
  }
}
