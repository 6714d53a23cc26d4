package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.TrainedGraph;

/** Merging DL4J's networks, run by DL4J, in float32. */
class MergedNetworksProperties {

  @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
  @Tag("slow")
  void mergedNetworksComputeTheSame(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int channels,
      @ForAll @IntRange(min = 1, max = 8) int height,
      @ForAll @IntRange(min = 1, max = 8) int width,
      @ForAll @IntRange(min = 1, max = 5) int parts) {
    check(RandomBlocks.network(seed, new FeatureShape(channels, height, width), parts, true));
  }

  @Tag("slow")
  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void manyMergedNetworksComputeTheSame(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int channels,
      @ForAll @IntRange(min = 1, max = 8) int height,
      @ForAll @IntRange(min = 1, max = 8) int width,
      @ForAll @IntRange(min = 1, max = 6) int parts) {
    check(RandomBlocks.network(seed, new FeatureShape(channels, height, width), parts, true));
  }

  private static void check(TrainedGraph drawn) {
    ComputationGraph network = drawn.toNetwork();
    float[] given = network.params().dup().data().asFloat();
    String configuration = network.getConfiguration().toJson();
    for (Reparameterize merging :
        new Reparameterize[] {Reparameterize.chains(), Reparameterize.all()}) {
      Compressed merged = merging.compress(network);
      assertThat(merged.equivalence().relativeError()).isLessThanOrEqualTo(1e-4);
      assertThat(merged.maps()).allMatch(MapEquivalence::holds);
      LayerGraph written = LayerGraph.read(merged.network().getConfiguration());
      assertThat(written.input()).isEqualTo(drawn.graph().input());
    }
    assertThat(network.params().dup().data().asFloat()).isEqualTo(given);
    assertThat(network.getConfiguration().toJson()).isEqualTo(configuration);
  }
}
