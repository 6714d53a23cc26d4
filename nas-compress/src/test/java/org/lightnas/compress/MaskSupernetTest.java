package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.DivergedSearchException;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

class MaskSupernetTest {

  private static final ImageData IMAGES = ImageData.generated(1500, 200, 1);
  private static final ImageSet SMALL = IMAGES.train().shrunk(2);

  /** A stem and three inverted residuals. */
  private static final LayeredSpace NETWORK =
      LayeredSpace.named("three", SMALL.shape(), SMALL.classes())
          .stem(new ConvBnAct(3, 8, 1))
          .choice("down", new MbConv(3, 3, 16, 2))
          .choice("keep", new MbConv(3, 3, 16, 1))
          .choice("last", new MbConv(3, 3, 24, 2))
          .build();

  private static ComputationGraph network;

  @BeforeAll
  static void train() {
    network =
        Trainer.builder()
            .epochs(6)
            .batchSize(32)
            .build()
            .fit(NETWORK.uniform(0), ImageData.of("small", SMALL, SMALL));
  }

  @AfterAll
  static void close() {
    Networks.close(network);
  }

  private static MaskSupernet.Builder settings() {
    return MaskSupernet.builder().steps(40).batchSize(32).seed(3);
  }

  @Test
  @Tag("slow")
  void sameSeedSameScores() {
    try (MaskSupernet one = settings().train(network, SMALL);
        MaskSupernet other = settings().train(network, SMALL)) {
      double first = one.score(one.space().uniform(1));
      for (int pick = 0; pick < 8; pick++) {
        int[] picks = {pick & 1, pick >> 1 & 1, pick >> 2};
        // Scored after other masks, and in another supernet.
        assertThat(other.score(other.space().architecture(picks)))
            .isEqualTo(one.score(one.space().architecture(picks)));
      }
      assertThat(one.score(one.space().uniform(1))).isEqualTo(first);
      assertThat(one.name()).isEqualTo("accuracy with shared weights (%)");
    }
  }

  @Test
  @Tag("slow")
  void theNetworkItselfIsAboutAsGoodAsBeforeAndMasksAreBetterThanWithoutTraining() {
    ImageSet heldOut = SMALL.split(0.8, Seeds.derive(3, "mask supernet, held out", 0)).get(1);
    try (MaskSupernet trained = settings().steps(200).train(network, SMALL);
        MaskSupernet hardly = settings().steps(1).learningRate(1e-9).train(network, SMALL)) {
      Architecture none = trained.space().uniform(0);
      Architecture all = trained.space().uniform(1);
      // Nothing learned: only batch norms, of fewer images, are others.
      assertThat(Math.abs(hardly.score(none) - Accuracy.of(network, heldOut))).isLessThan(5);
      assertThat(trained.score(none)).isGreaterThan(hardly.score(none) - 12);
      assertThat(trained.score(all)).isGreaterThan(hardly.score(all) + 10);
    }
  }

  /** As in a second round: joined blocks have been trained, and are judged as they are by now. */
  @Test
  @Tag("slow")
  void beginsWithWhatWasTrainedAfterGrafting() {
    GraftingSpace space = GraftingSpace.of(network).joining(7);
    Architecture joined = space.uniform(0).with("keep", "joined").with("last", "all");
    assertThat(space.canonical(joined)).isEqualTo(joined);
    ComputationGraph grafted = space.graft(network, joined);
    ComputationGraph start =
        Trainer.builder()
            .epochs(3)
            .batchSize(32)
            .learningRate(0.05)
            .build()
            .fit(grafted, ImageData.of("small", SMALL, SMALL));
    MaskSupernet.Builder hardly = settings().steps(1).learningRate(1e-9);
    try (MaskSupernet before = hardly.train(space, network, network, SMALL);
        MaskSupernet after = hardly.train(space, network, start, SMALL)) {
      assertThat(after.score(joined)).isGreaterThan(before.score(joined) + 10);
      // All that can be joined, as far as it can: no mask is missing a tensor.
      assertThat(after.tryMasks(100, 1))
          .extracting(LabelledMask::mask)
          .allMatch(mask -> space.canonical(mask).equals(mask))
          .doesNotHaveDuplicates()
          .hasSizeGreaterThan(8);
    }
    Networks.close(grafted);
    Networks.close(start);
  }

  @Test
  void doesNotChangeTheNetwork() {
    double[] before = network.params().toDoubleVector();
    settings().train(network, SMALL).close();
    assertThat(network.params().toDoubleVector()).isEqualTo(before);
  }

  @Test
  void activationsBecomeLinearInTheFirstFifth() {
    assertThat(MaskSupernet.share(0.001)).isEqualTo(0.25);
    assertThat(MaskSupernet.share(0.05)).isEqualTo(0.25);
    assertThat(MaskSupernet.share(0.06)).isEqualTo(0.5);
    assertThat(MaskSupernet.share(0.19)).isEqualTo(1);
    assertThat(MaskSupernet.share(1)).isEqualTo(1);
  }

  /** What is trained without writing and reading it is what a written network would be. */
  @Test
  void graftedNodesAreThoseThatWouldBeRead() {
    GraftingSpace space = GraftingSpace.of(network);
    for (double share : new double[] {0.25, 1}) {
      for (int l = 0; l < 3; l++) {
        LayerGraph grafted = space.grafted(space.uniform(0).with(l, 1), share);
        assertThat(LayerGraph.read(grafted.toConfiguration())).isEqualTo(grafted);
      }
    }
  }

  @Test
  void masksOfAnyShareAreDrawnAlike() {
    GraftingSpace space = GraftingSpace.of(network);
    int[] counts = new int[4];
    RandomGenerator random = Seeds.random(1, "draws", 0);
    for (int i = 0; i < 4000; i++) {
      Architecture mask = MaskSupernet.random(space, random);
      counts[mask.pick(0) + mask.pick(1) + mask.pick(2)]++;
    }
    // Uniform shares make uniform counts; 140 is five standard deviations.
    for (int count : counts) {
      assertThat(count).isBetween(860, 1140);
    }
  }

  @Test
  void fewImagesAreOneBatchUnlessMoreAreAskedFor() {
    ImageSet few = SMALL.take(40);
    try (MaskSupernet trained = MaskSupernet.builder().steps(2).train(network, few)) {
      assertThat(trained.score(trained.space().uniform(0))).isBetween(0.0, 100.0);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskSupernet.builder().batchSize(64).train(network, few))
        .withMessageStartingWith("A batch of 64 images cannot be filled from a set of 32 images.");
  }

  @Test
  void badInputIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().train(network, IMAGES.train()))
        .withMessage(
            "The network takes images of 3x12x12 in 10 classes, but these are 3x24x24 in 10.\n"
                + "Maybe they are of another data set.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().steps(0))
        .withMessage("A supernet needs at least 1 step, but has 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().batchSize(1))
        .withMessage("Batch norm needs at least 2 images in a batch, but has 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().learningRate(Double.NaN))
        .withMessage("The learning rate must be positive, but is NaN.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings().validation(1))
        .withMessage("The share held out must lie between 0 and 1, but is 1.0.");
    assertThatExceptionOfType(DivergedSearchException.class)
        .isThrownBy(() -> settings().learningRate(1e30).train(network, SMALL))
        .withMessageMatching(
            "The loss of mask .* is NaN at step \\d+ of 40 of its supernet \\(learning rate"
                + " .*\\)\\.\nMaybe lower the learning rate \\(now 1\\.00e\\+30 at its peak\\)\\.");
  }

  /** So that a search does not go on with scores of another supernet. */
  @Test
  void saysWhatDecidesItsScores() {
    try (MaskSupernet one = settings().steps(1).train(network, SMALL);
        MaskSupernet other = settings().steps(2).train(network, SMALL)) {
      assertThat(one.settings())
          .containsEntry("supernet steps", "1")
          .containsKeys("supernet network", "supernet images")
          .isNotEqualTo(other.settings());
    }
  }
}
