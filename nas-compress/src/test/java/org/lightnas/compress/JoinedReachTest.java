package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

/** Which blocks to join, without training anything. */
class JoinedReachTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 12, 12);

  private static final LayeredSpace NETWORK =
      LayeredSpace.named("row", IMAGE, 4)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("a", new MbConv(3, 6, 8, 1))
          .choice("b", new MbConv(3, 6, 8, 1))
          .choice("c", new MbConv(3, 6, 8, 2))
          .choice("d", new MbConv(3, 6, 8, 1))
          .build();

  /** Costly: where activations are gone, and the more so, the earlier. */
  private static final Evaluator COSTS =
      Evaluator.of(
          "costs",
          mask -> -mask.pick(0) * 3.1 - mask.pick(1) * 2.3 - mask.pick(2) * 1.7 - mask.pick(3));

  private static GraftingSpace space;
  private static TrainedGraph network;
  private static Reach layers;

  @BeforeAll
  static void measure() {
    ComputationGraph made = NETWORK.network(NETWORK.uniform(0), 1);
    Chain.fill(made, 1);
    network = TrainedGraph.of(made);
    Networks.close(made);
    space = GraftingSpace.of(network.graph()).joining(7);
    layers = Reach.measure(space, network, ExactDevice.BY_LAYERS);
  }

  private static double millis(Reach reach, Architecture mask) {
    return reach.deployed().confirm(space.graft(network, mask, 1)).millis();
  }

  /** All that can be told apart. */
  private static List<Architecture> masks() {
    List<Architecture> masks = new ArrayList<>();
    for (int i = 0; i < 54; i++) {
      Architecture mask = space.architecture(i % 3, i / 3 % 3, i / 9 % 3, i / 27);
      if (space.canonical(mask).equals(mask)) {
        masks.add(mask);
      }
    }
    return masks;
  }

  @Test
  void everyRowOfBlocksIsMeasuredApartAndAsOneConvolution() {
    assertThat(layers.spans()).extracting(SpanTimes::kernel).containsExactly(5, 7, 5, 7);
    SpanTimes first = layers.spans().get(0);
    assertThat(first.span()).isEqualTo(new BlockSpan(0, 1));
    // Two convolutions with an activation behind each, but for the input; then one of each.
    double area = 12 * 12 * 8 * 8 / 1e9;
    assertThat(first.apart().millis()).isEqualTo(1e-3 * 5 + 2 * 9 * area, within(1e-12));
    assertThat(first.joined().millis()).isEqualTo(1e-3 * 3 + 25 * area, within(1e-12));
    assertThat(first.share()).isEqualTo(first.joined().millis() / first.apart().millis());
  }

  @Test
  void theFastestMaskSplitsTheRowBest() {
    double least = masks().stream().mapToDouble(mask -> millis(layers, mask)).min().orElseThrow();
    assertThat(layers.least().millis()).isEqualTo(least);
    assertThat(layers.fastest().id()).isIn("joined-all-joined-all", "joined-joined-all-all");
    assertThat(layers.worthwhileSpans()).hasSize(4);
    // Without joining, everything is linear and each block one convolution.
    GraftingSpace apart = GraftingSpace.of(network.graph());
    Reach alone = Reach.measure(apart, network, ExactDevice.BY_LAYERS);
    assertThat(alone.fastest()).isEqualTo(apart.uniform(1));
    assertThat(alone.spans()).isEmpty();
    assertThat(layers.least().millis()).isLessThan(alone.least().millis());
  }

  /**
   * A kernel of 5x5 takes more operations than two of 3x3, one of 7x7 with a stride fewer than
   * three.
   */
  @Test
  void whatIsSlowerJoinedStaysApart() {
    Reach macs = Reach.measure(space, network, ExactDevice.BY_MACS);
    assertThat(macs.worthwhileSpans()).containsExactly(new BlockSpan(0, 2), new BlockSpan(1, 2));
    assertThat(macs.fastest().id()).isEqualTo("joined-joined-all-all");
    double least = masks().stream().mapToDouble(mask -> millis(macs, mask)).min().orElseThrow();
    assertThat(macs.least().millis()).isEqualTo(least);
    List<Architecture> scored = new ArrayList<>();
    Evaluator noted =
        Evaluator.of(
            "noted",
            mask -> {
              scored.add(mask);
              return 0;
            });
    new MaskChoice(macs, noted, 1).best(List.of(), space.uniform(0));
    new MaskChoice(macs, noted, 1, 1).best(List.of(), space.uniform(0));
    assertThat(scored)
        .hasSizeGreaterThan(8)
        .allSatisfy(mask -> assertThat(macs.worthwhileSpans()).containsAll(space.spans(mask)));
  }

  @Test
  void differencesWithinTheNoiseJoinNothing() {
    Measurement apart = new Measurement(1, 0.02, 6, 1, 1, 1);
    BlockSpan span = new BlockSpan(0, 1);
    assertThat(new SpanTimes(span, 5, apart, new Measurement(0.95, 0.02, 6, 1, 1, 1)).saves())
        .isFalse();
    assertThat(new SpanTimes(span, 5, apart, new Measurement(0.9, 0.02, 6, 1, 1, 1)).saves())
        .isTrue();
  }

  @Test
  @Tag("slow")
  void masksThatJoinAreTriedAndSearchedFor() {
    LatencyTable table = LatencyTable.fit(layers.profile(30, 1));
    for (double share : new double[] {0.3, 0.6, 0.9}) {
      List<Constraint> bounds = List.of(Constraint.atMost(layers.atShare(share), table));
      Architecture best =
          masks().stream()
              .filter(mask -> table.predict(mask) <= layers.atShare(share))
              .max((a, b) -> Double.compare(COSTS.score(a), COSTS.score(b)))
              .orElseThrow();
      assertThat(new MaskChoice(layers, COSTS, 1).best(bounds, space.uniform(0))).isEqualTo(best);
      assertThat(new MaskChoice(layers, COSTS, 1, 1).best(bounds, space.uniform(0)))
          .isEqualTo(best);
    }
  }

  @Test
  @Tag("slow")
  void whatIsLinearStaysSoInTheNextRound() {
    Architecture from = space.architecture(2, 1, 0, 0);
    for (double enumerated : new double[] {1e6, 1}) {
      MaskChoice choice = new MaskChoice(layers, COSTS, 1, enumerated);
      assertThat(choice.best(List.of(), from)).isEqualTo(from);
      LatencyTable table = LatencyTable.fit(layers.profile(30, 1));
      double bound = millis(layers, from) * 0.9;
      Architecture more = choice.best(List.of(Constraint.atMost(bound, table)), from);
      assertThat(more.pick(0)).isEqualTo(2);
      assertThat(more.pick(1)).isPositive();
      assertThat(more).isNotEqualTo(from);
    }
  }

  /** As a mask may say that was chosen when they were faster. */
  @Test
  void blocksThatAreSlowerJoinedAreNotSaidToBe() {
    Reach macs = Reach.measure(space, network, ExactDevice.BY_MACS);
    Architecture mask = space.architecture(2, 1, 0, 0);
    assertThat(macs.worthwhileSpans()).doesNotContain(new BlockSpan(0, 1));
    assertThat(macs.forms(List.of(mask)))
        .extracting(BlockForm::kind)
        .containsExactly(
            BlockForm.Kind.MERGED, BlockForm.Kind.MERGED, BlockForm.Kind.KEPT, BlockForm.Kind.KEPT);
    TrainedGraph deployed = macs.deployed().merging().apply(space.graft(network, mask, 1)).after();
    assertThat(
            deployed.graph().nodes().stream()
                .map(Node::name)
                .filter(name -> name.startsWith("a/") || name.startsWith("b/")))
        .hasSize(3);
  }

  @Test
  void joinedBlocksShareTheirTime() {
    Architecture mask = space.architecture(2, 1, 0, 1);
    List<BlockForm> forms = layers.forms(List.of(space.architecture(1, 0, 0, 1), mask));
    assertThat(forms)
        .extracting(BlockForm::kind)
        .containsExactly(
            BlockForm.Kind.JOINED,
            BlockForm.Kind.JOINED,
            BlockForm.Kind.KEPT,
            BlockForm.Kind.MERGED);
    assertThat(forms).extracting(BlockForm::round).containsExactly(2, 2, 0, 1);
    double alone =
        layers.times().get(0).fastest().millis() + layers.times().get(1).fastest().millis();
    assertThat(forms.get(0).millisAfter() + forms.get(1).millisAfter())
        .isEqualTo(alone * layers.spans().get(0).share(), within(1e-12));
    assertThat(forms.get(0).toString()).startsWith("a: joined in round 2, ");
  }
}
