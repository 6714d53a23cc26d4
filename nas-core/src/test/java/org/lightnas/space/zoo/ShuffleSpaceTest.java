package org.lightnas.space.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.SpaceReader;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Cost;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ShuffleUnit;
import org.lightnas.space.op.ShuffleXception;
import org.lightnas.train.Trainer;

class ShuffleSpaceTest {

  private static final LayeredSpace LARGE = ShuffleSpace.imagenet();
  private static final LayeredSpace SMALL = ShuffleSpace.small(new FeatureShape(3, 32, 32), 10);

  private static final List<String> FULL =
      List.of("shuffle3w1.0", "shuffle5w1.0", "shuffle7w1.0", "xceptionw1.0");

  /** By the numbers of the published search: 0 to 2 for kernels 3, 5, 7, and 3 for Xception. */
  private static Architecture published(int... numbers) {
    int[] picks = new int[numbers.length];
    Arrays.setAll(picks, l -> LARGE.choices().get(l).indexOf(FULL.get(numbers[l])));
    return LARGE.architecture(picks);
  }

  /** The architecture that the authors of the supernet found, and the smallest of full width. */
  @Test
  void networksCostWhatThePublishedOnesDo() {
    assertThat(Cost.of(published(2, 1, 0, 1, 2, 0, 2, 0, 2, 0, 2, 3, 0, 0, 0, 0, 3, 2, 3, 3)))
        .isEqualTo(new Cost(322_918_720, 3_558_464));
    assertThat(Cost.of(published(new int[20]))).isEqualTo(new Cost(295_842_496, 3_154_880));
  }

  @Test
  void offersFourUnitsInTenWidthsAndASkip() {
    assertThat(LARGE.choices().stream().map(Choice::name)).startsWith("block1").endsWith("block20");
    assertThat(LARGE.choices())
        .hasSize(20)
        .allSatisfy(
            choice ->
                assertThat(choice.candidates().stream().map(Candidate::id))
                    .hasSize(41)
                    .startsWith("shuffle3w0.1", "shuffle3w0.2", "shuffle3w0.3")
                    .containsSubsequence(FULL)
                    .endsWith("xceptionw0.9", "xceptionw1.0", "skip"));
    assertThat(LARGE.size()).isEqualTo(BigInteger.valueOf(41).pow(20));
    assertThat(ShuffleSpace.duplicates(LARGE)).isEqualTo(20 * 9);
    assertThat(SMALL.size()).isEqualTo(BigInteger.valueOf(41).pow(8));
    assertThat(ShuffleSpace.duplicates(SMALL)).isEqualTo(8 * 9);
    assertThat(SMALL).isEqualTo(ShuffleSpace.small(new FeatureShape(3, 32, 32), 10));
  }

  /** int(out / 2 * factor), exactly: 0.7 of 80 is 56. */
  @Test
  void widthsAreRoundedDown() {
    assertThat(mids(64)).containsExactly(3, 6, 9, 12, 16, 19, 22, 25, 28, 32);
    assertThat(mids(160)).containsExactly(8, 16, 24, 32, 40, 48, 56, 64, 72, 80);
    assertThat(mids(640)).containsExactly(32, 64, 96, 128, 160, 192, 224, 256, 288, 320);
    assertThat(new ShuffleXception(0.7, 160, 1).mid()).isEqualTo(56);
  }

  private static List<Integer> mids(int channels) {
    return ShuffleSpace.candidates(channels, 1).stream()
        .filter(op -> op.weightKey().equals("shuffle5"))
        .map(op -> ((ShuffleUnit) op).mid())
        .toList();
  }

  /** Eight inner channels: 0.8 is 1 like 1.6, and 4.0 is 4 like 4.8. */
  @Test
  void ofWidthsThatRoundingMakesEqualTheFirstIsKept() {
    List<Op> candidates = ShuffleSpace.candidates(16, 2);
    assertThat(mids(16)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
    assertThat(candidates).hasSize(4 * 8 + 1);
    assertThat(candidates.stream().map(Op::id))
        .contains("xceptionw0.1", "xceptionw0.5")
        .doesNotContain("xceptionw0.2", "xceptionw0.6");
    LayeredSpace space =
        LayeredSpace.named("narrow", new FeatureShape(3, 8, 8), 2)
            .choice("a", candidates.toArray(Op[]::new))
            .build();
    assertThat(ShuffleSpace.duplicates(space)).isEqualTo(50 - 33);
    // Every one of them is another network.
    assertThat(IntStream.range(0, 33).mapToObj(k -> Cost.of(space.architecture(k))).distinct())
        .hasSize(33);
  }

  /** An inner width changes inner channels only, so that leading slices can be shared. */
  @Test
  void widthsOfAUnitDifferInInnerChannelsOnly() {
    for (String unit : List.of("shuffle3", "shuffle7", "xceptionw")) {
      for (int l : new int[] {0, 1}) {
        Choice choice = SMALL.choices().get(l);
        String key = unit.replace("xceptionw", "xception");
        LayerGraph narrow = network(l, choice.indexOf(key + "w0.2"));
        LayerGraph wide = network(l, choice.indexOf(key + "w1.0"));
        assertThat(narrow.nodes().stream().map(Node::name))
            .isEqualTo(wide.nodes().stream().map(Node::name).toList());
        for (int i = 0; i < wide.parameters().size(); i++) {
          List<Long> less = narrow.parameters().get(i).shape();
          List<Long> more = wide.parameters().get(i).shape();
          assertThat(less).hasSameSizeAs(more);
          for (int axis = 0; axis < more.size(); axis++) {
            assertThat(less.get(axis)).isIn(more.get(axis), more.get(axis) == 16 ? 3L : null);
          }
        }
      }
    }
  }

  private static LayerGraph network(int choice, int pick) {
    return LayerGraph.of(SMALL, SMALL.uniform(40).with(choice, pick));
  }

  /** What a search reads many networks by; twice, so that most come from parts. */
  @Test
  void networksAreReadFromParts() {
    SpaceReader reader = new SpaceReader(SMALL);
    for (int i = 0; i < 40; i++) {
      Architecture drawn = SMALL.sample(Seeds.random(1, "drawn", i));
      assertThat(reader.read(drawn)).isEqualTo(LayerGraph.of(SMALL, drawn));
      assertThat(reader.read(drawn)).isEqualTo(LayerGraph.of(SMALL, drawn));
    }
  }

  @Test
  void mapsAreAnEighthOfSmallImagesAndA32ndOfLargeOnes() {
    assertThat(lastMap(LARGE)).isEqualTo(new FeatureShape(1024, 7, 7));
    assertThat(lastMap(SMALL)).isEqualTo(new FeatureShape(256, 8, 8));
    assertThat(lastMap(ShuffleSpace.small(new FeatureShape(1, 28, 28), 10)))
        .isEqualTo(new FeatureShape(256, 7, 7));
  }

  private static FeatureShape lastMap(LayeredSpace space) {
    return LayerGraph.of(space, space.uniform(0)).nodes().stream()
        .filter(Node.GlobalPool.class::isInstance)
        .map(node -> ((Node.GlobalPool) node).in())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theTrainerTakesThem() {
    ImageData images = ImageData.generated(32, 8, 1);
    LayeredSpace space = ShuffleSpace.small(images.shape(), images.classes());
    Architecture all = space.architecture(9, 14, 21, 33, 40, 0, 39, 25);
    ComputationGraph network =
        Trainer.builder().epochs(1).batchSize(16).batchNormReestimation(1).build().fit(all, images);
    assertThat(Cost.of(network.getConfiguration())).isEqualTo(Cost.of(all));
    assertThat(network.params().sumNumber().doubleValue()).isFinite();
    Networks.close(network);
  }
}
