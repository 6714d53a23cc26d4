package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.FeatureShape;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.Bottleneck;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

/** From measured blocks to a mask within a bound, without training anything. */
class ReachTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 16, 16);

  /** Merged, the bottleneck of 4 channels takes more operations than apart, and fewer layers. */
  private static final LayeredSpace NETWORK =
      LayeredSpace.named("mixed", IMAGE, 4)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("one", new MbConv(3, 6, 8, 1))
          .choice("two", new Bottleneck(4, 2))
          .choice("three", new MbConv(3, 6, 16, 1))
          .build();

  private static GraftingSpace space;
  private static TrainedGraph network;
  private static Reach macs;
  private static Reach layers;
  private static Profile profile;

  @BeforeAll
  static void measure() {
    ComputationGraph made = NETWORK.network(NETWORK.uniform(0), 1);
    Chain.fill(made, 1);
    network = TrainedGraph.of(made);
    Networks.close(made);
    space = GraftingSpace.of(network.graph());
    macs = Reach.measure(space, network, ExactDevice.BY_MACS);
    layers = Reach.measure(space, network, ExactDevice.BY_LAYERS);
    profile = layers.profile(16, 1);
  }

  private static BlockTimes times(Reach reach, int block, Linearity linearity) {
    return reach.times().stream()
        .filter(time -> time.block() == block && time.linearity() == linearity)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void blocksAreMeasuredByThemselvesInEveryForm() {
    assertThat(macs.times()).hasSize(1 + 3 + 1);
    BlockTimes one = times(macs, 0, Linearity.ALL);
    long pixels = 16 * 16;
    // 1x1, depthwise, 1x1; then with a ring of a pixel before the depthwise one; then dense 3x3.
    assertThat(one.kept().millis())
        .isEqualTo(1e-3 + pixels * (8 * 48 + 9 * 48 + 48 * 8) / 1e6, within(1e-9));
    assertThat(one.linear().millis())
        .isEqualTo(1e-3 + (18 * 18 * 8 * 48 + pixels * (9 * 48 + 48 * 8)) / 1e6, within(1e-9));
    assertThat(one.merged().millis()).isEqualTo(1e-3 + pixels * 9 * 8 * 8 / 1e6, within(1e-9));
    assertThat(one.merges()).isTrue();
    assertThat(one.saves()).isTrue();
  }

  @Test
  void whatIsSlowerAsOneConvolutionStaysApart() {
    for (Linearity part : List.of(Linearity.LAST_TWO, Linearity.FIRST_TWO, Linearity.ALL)) {
      // The first two padded before the stride take more than merged, but less as they are.
      assertThat(times(macs, 1, part).merges()).isEqualTo(part == Linearity.FIRST_TWO);
      assertThat(times(macs, 1, part).saves()).isFalse();
      assertThat(times(layers, 1, part).merges()).isTrue();
    }
    assertThat(macs.fastest().id()).isEqualTo("all-none-all");
    assertThat(macs.worthwhile()).containsExactly(List.of(0, 1), List.of(0), List.of(0, 1));
    assertThat(layers.fastest().id()).isEqualTo("all-all-all");
    // Linear all the same, it is not one convolution: only its first two are.
    Architecture mask = space.uniform(0).with("two", "all");
    BlockForm two = macs.forms(List.of(mask)).get(1);
    assertThat(two.kind()).isEqualTo(BlockForm.Kind.LINEAR);
    assertThat(two.toString()).startsWith("two: linear, ");
    BlockMerging folding = new BlockMerging(space.blocks(), Set.of());
    TrainedGraph grafted = space.graft(network, mask, 1);
    assertThat(convolutions(macs.deployed().merging(), grafted))
        .isEqualTo(convolutions(folding, network) - 1);
    // Slopes are gone without any merge.
    assertThat(convolutions(folding, grafted)).isEqualTo(convolutions(folding, network));
    assertThat(two.millisAfter()).isEqualTo(times(macs, 1, Linearity.ALL).linear().millis());
  }

  private static long convolutions(BlockMerging merging, TrainedGraph of) {
    return merging.apply(of).after().graph().nodes().stream()
        .filter(Node.Convolution.class::isInstance)
        .count();
  }

  @Test
  void sharesOfTheSavingAreBetweenTheLeastAndTheOriginal() {
    assertThat(macs.saves()).isTrue();
    assertThat(macs.atShare(1)).isEqualTo(macs.least().millis());
    assertThat(macs.atShare(0)).isEqualTo(macs.original().millis());
    double merged =
        Cost.of(
                    macs.deployed()
                        .merging()
                        .apply(space.graft(network, macs.fastest(), 1))
                        .after()
                        .graph()
                        .toConfiguration())
                .macs()
            / 1e6;
    assertThat(macs.least().millis()).isEqualTo(1e-3 + merged, within(1e-9));
  }

  /** What is not faster beyond doubt is not worth any accuracy. */
  @Test
  void differencesWithinTheNoiseSaveNothing() {
    Measurement kept = new Measurement(1, 0.02, 6, 1, 1, 1);
    Measurement slow = new Measurement(2, 0.02, 6, 1, 1, 1);
    Measurement little = new Measurement(0.95, 0.02, 6, 1, 1, 1);
    Measurement much = new Measurement(0.9, 0.02, 6, 1, 1, 1);
    assertThat(new BlockTimes(0, Linearity.ALL, kept, slow, little).saves()).isFalse();
    assertThat(new BlockTimes(0, Linearity.ALL, kept, slow, much).saves()).isTrue();
    assertThat(new BlockTimes(0, Linearity.ALL, kept, much, slow).saves()).isTrue();
    assertThat(new BlockTimes(0, Linearity.ALL, kept, much, slow).merges()).isFalse();
  }

  /** The more so, the earlier the block. */
  private static final Evaluator COSTS =
      Evaluator.of("costs", mask -> -mask.pick(0) * 3 - mask.pick(1) * 2.2 - mask.pick(2));

  @Test
  void theBestMaskWithinBoundsIsChosenByTryingAllOrBySearching() {
    LatencyTable table = LatencyTable.fit(profile);
    for (double share : new double[] {0.2, 0.5, 0.8, 0.99}) {
      List<Constraint> bounds = List.of(Constraint.atMost(layers.atShare(share), table));
      Architecture tried = new MaskChoice(layers, COSTS, 1).best(bounds, space.uniform(0));
      Architecture found = new MaskChoice(layers, COSTS, 1, 1).best(bounds, space.uniform(0));
      assertThat(found).isEqualTo(tried);
      assertThat(table.predict(tried)).isLessThanOrEqualTo(layers.atShare(share));
    }
    assertThat(new MaskChoice(layers, COSTS, 1).best(List.of(), space.uniform(0)))
        .isEqualTo(space.uniform(0));
  }

  @Test
  void masksPredictedTooFastAreReplacedByOthers() {
    // What is predicted is measured as long as it was when only single blocks were linear.
    ExactDevice slow =
        new ExactDevice(
            made -> {
              double millis = ExactDevice.BY_LAYERS.millis().applyAsDouble(made);
              return millis < layers.original().millis() * 0.75 ? millis : millis * 1.02;
            });
    Reach reach = Reach.measure(space, network, slow);
    Settlement settlement =
        new Settlement(
            reach,
            new MaskTimes(reach, network),
            new MaskChoice(reach, COSTS, 1),
            LatencyTable.fit(profile),
            List.of());
    double bound = layers.original().millis() * 0.99;
    Architecture mask = settlement.mask(bound, space.uniform(0));
    assertThat(reach.deployed().confirm(space.graft(network, mask, 1)).millis())
        .isLessThanOrEqualTo(bound);
    // Without repair the last block alone would do.
    assertThat(layers.deployed().confirm(space.graft(network, mask, 1)).millis()).isLessThan(bound);
  }

  @Test
  void theFastestMaskIsTakenWhereOthersAreMeasuredTooSlow() {
    Settlement settlement =
        new Settlement(
            layers,
            new MaskTimes(layers, network),
            new MaskChoice(layers, COSTS, 1),
            LatencyTable.fit(profile),
            List.of());
    assertThat(settlement.mask(layers.least().upperMillis(), space.uniform(0)))
        .isEqualTo(layers.fastest());
    Predictor first = Predictor.of(space, new Metric("first", "blocks"), mask -> 1 + mask.pick(0));
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                new Settlement(
                        layers,
                        new MaskTimes(layers, network),
                        new MaskChoice(layers, COSTS, 1),
                        LatencyTable.fit(profile),
                        List.of(Constraint.atMost(1.5, first)))
                    .mask(layers.least().upperMillis(), space.uniform(0)))
        .withMessageContaining("the other bounds");
  }

  /** Whether the next prediction asked for is still positive or not. */
  @ParameterizedTest
  @ValueSource(doubles = {1.2, 10})
  void otherBoundsThatLeaveOnlySlowMasksAreNamed(double slower) {
    ExactDevice slow =
        new ExactDevice(
            made -> {
              double millis = ExactDevice.BY_LAYERS.millis().applyAsDouble(made);
              return millis == layers.least().millis() ? millis : slower * millis;
            });
    Reach reach = Reach.measure(space, network, slow);
    assertThat(reach.fastest()).isEqualTo(layers.fastest());
    Predictor first = Predictor.of(space, new Metric("first", "blocks"), mask -> 1 + mask.pick(0));
    double bound = LatencyTable.fit(profile).predict(space.architecture(0, 3, 1)) + 1e-6;
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                new Settlement(
                        reach,
                        new MaskTimes(reach, network),
                        new MaskChoice(reach, COSTS, 1),
                        LatencyTable.fit(profile),
                        List.of(Constraint.atMost(1.5, first)))
                    .mask(bound, space.uniform(0)))
        .withMessage(
            String.format(
                Locale.ROOT,
                "Of masks that keep the other bounds, none was measured within %.3f ms, only"
                    + " predicted.\nMaybe raise the bound on latency, or one of the others.",
                bound))
        .satisfies(e -> assertThat(e.least()).isEqualTo(layers.least().upperMillis()));
  }

  @Test
  void whatWasLinearIsGivenUpWhereTheBoundsDemandIt() {
    Predictor second =
        Predictor.of(space, new Metric("second", "blocks"), mask -> 1 + mask.pick(1));
    Settlement settlement =
        new Settlement(
            layers,
            new MaskTimes(layers, network),
            new MaskChoice(layers, COSTS, 1),
            LatencyTable.fit(profile),
            List.of(Constraint.atMost(1.5, second)));
    double bound = layers.atShare(0.2);
    Architecture anew = settlement.mask(bound, space.uniform(0));
    assertThat(settlement.mask(bound, space.uniform(0).with(1, 1))).isEqualTo(anew);
    assertThat(anew.pick(1)).isZero();
    Architecture first = space.uniform(0).with(0, 1);
    assertThat(settlement.mask(bound, first).pick(0)).isEqualTo(1);
    assertThat(anew.pick(0)).isZero();
  }

  @Test
  void noMaskIsScoredTwiceOrForNothing() {
    List<Architecture> asked = new ArrayList<>();
    Evaluator noted =
        Evaluator.of(
            "noted",
            mask -> {
              asked.add(mask);
              return 0;
            });
    new MaskChoice(macs, noted, 1).best(List.of(), space.uniform(0));
    assertThat(asked).hasSize(4).doesNotHaveDuplicates().allMatch(mask -> mask.pick(1) == 0);
  }
}
