package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.device.Device;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.LatencyRange;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;

class DominoBoundsTest extends DominoFixture {

  @Test
  @Tag("slow")
  void theBestMaskWithinALatencyBoundIsTaken() {
    Compressed all = domino(BY_MACS).preset(Domino.Preset.AGGRESSIVE).build().compress(network);
    // One block is enough for half a percent, and the last one is worth least.
    double bound = millis(all.before()) * 0.995;
    Compressed made =
        domino(BY_MACS).latency(Duration.ofNanos((long) (bound * 1e6))).build().compress(network);
    assertThat(kinds(made)).containsExactly(KEPT, KEPT, KEPT, MERGED);
    assertThat(millis(made.after())).isLessThanOrEqualTo(bound);
    Networks.close(all.network());
    Networks.close(made.network());
  }

  @Test
  @Tag("slow")
  void otherBoundsAreKeptByPrediction() {
    GraftingSpace space = GraftingSpace.of(network);
    Predictor linear =
        Predictor.of(space, new Metric("linear blocks", "blocks"), mask -> 1 + mask.pick(3));
    Compressed made =
        domino(BY_MACS)
            .preset(Domino.Preset.LITE)
            .constraint(Constraint.atMost(1.5, linear))
            .build()
            .compress(network);
    assertThat(kinds(made).get(3)).isEqualTo(KEPT);
    Networks.close(made.network());
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                domino(BY_MACS)
                    .constraint(Constraint.atMost(0.5, linear))
                    .build()
                    .compress(network))
        .withMessage(
            "No linear blocks bring the network within linear blocks <= 0.500 blocks and the other"
                + " bounds: the least predicted is 1.000 blocks.\n"
                + "Maybe raise the bound, or compress a narrower network.");
    LayeredSpace other =
        LayeredSpace.named("other", IMAGES.shape(), IMAGES.classes())
            .choice("one", new MbConv(3, 6, 8, 1))
            .build();
    ComputationGraph foreign = other.network(other.uniform(0), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                domino(BY_MACS)
                    .constraint(
                        Constraint.atMost(1e9, CostPredictor.macs(GraftingSpace.of(foreign))))
                    .build()
                    .compress(network))
        .withMessage(
            "Architecture none-none-none-none belongs to space 'grafting (3x24x24, 10 classes, 4"
                + " blocks)', not to 'grafting (3x24x24, 10 classes, 1 blocks)'.");
    Networks.close(foreign);
  }

  @Test
  @Tag("slow")
  void aLatencyThatIsKeptAlreadyIsNoReasonToPassOverOtherBounds() {
    Compressed made =
        domino(BY_MACS)
            .latency(Duration.ofSeconds(1))
            .constraint(bent(4.5))
            .build()
            .compress(network);
    assertThat(kinds(made)).containsExactly(KEPT, KEPT, KEPT, MERGED);
    Networks.close(made.network());
    Compressed kept =
        domino(BY_MACS)
            .latency(Duration.ofSeconds(1))
            .constraint(bent(5))
            .build()
            .compress(network);
    assertThat(kinds(kept)).containsOnly(KEPT);
    Networks.close(kept.network());
  }

  @Test
  void aNetworkThatDoesNotKeepTheBoundsIsNotHandedOutAsItIs() {
    Device slowWhenMerged = new ExactDevice(n -> 1000 - n.getVertices().length);
    Compressed made = domino(slowWhenMerged).constraint(bent(5)).build().compress(network);
    assertThat(kinds(made)).containsOnly(KEPT);
    Networks.close(made.network());
    for (Domino.Builder builder :
        List.of(domino(slowWhenMerged), domino(slowWhenMerged).latency(Duration.ofSeconds(1)))) {
      assertThatExceptionOfType(InfeasibleConstraintException.class)
          .isThrownBy(() -> builder.constraint(bent(4.5)).build().compress(network))
          .withMessageMatching(
              "The network as it is does not keep bent blocks <= 4\\.500 blocks \\(5\\.000 are"
                  + " predicted\\), and no other is made of it: with everything linear that is"
                  + " faster so, it takes \\S+ ±0\\.000 ms instead of \\S+ ±0\\.000 ms\\.\n"
                  + "Maybe raise the bound, or compress a narrower network\\.")
          .satisfies(e -> assertThat(e.bound()).isEqualTo(4.5))
          .satisfies(e -> assertThat(e.least()).isEqualTo(5));
    }
  }

  /** The fastest mask would keep the bound, the network does not, and which is faster is unsure. */
  @Test
  void aBoundWithinTheNoiseIsRefusedNotMissed() {
    LatencyRange exact = Domino.builder(BY_MACS, IMAGES).build().reachable(network);
    double least = exact.min().toNanos() / 1e6;
    double most = exact.max().toNanos() / 1e6;
    double spread = 0.3 * (most - least);
    double bound = (least + most) / 2 + 2 * spread;
    Device device = spread(spread);
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                domino(device)
                    .latency(Duration.ofNanos((long) (bound * 1e6)))
                    .build()
                    .compress(network))
        .withMessageMatching(
            "The network cannot be brought to \\S+ ms: it takes \\S+ ±\\S+ ms \\(\\S+ ms with two"
                + " spreads\\), and \\S+ ±\\S+ ms with everything merged that is faster so, which"
                + " is no less beyond doubt\\.\n"
                + "Maybe raise the bound, or measure where nothing else runs\\.")
        .satisfies(e -> assertThat(e.least()).isEqualTo(most + 2 * spread, within(2e-6)));
    // What is said to be reachable is.
    LatencyRange unsure = Domino.builder(device, IMAGES).build().reachable(network);
    assertThat(unsure.min()).isEqualTo(unsure.max());
    assertThat(unsure.min().toNanos() / 1e6).isEqualTo(most + 2 * spread, within(2e-6));
    Compressed made = domino(device).latency(unsure.min().plusNanos(1)).build().compress(network);
    assertThat(made.steps().get(0).text()).endsWith(" ms already");
    Networks.close(made.network());
  }

  @Test
  void aBoundBelowReachIsRefusedBeforeAnythingIsTrained() {
    Domino domino =
        domino(BY_MACS)
            .evaluator(
                (n, images) -> {
                  throw new AssertionError("scored");
                })
            .latency(Duration.ofNanos(1000))
            .build();
    double least = domino.reachable(network).min().toNanos() / 1e6;
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> domino.compress(network))
        .withMessageMatching(
            "The network cannot be brought to 0\\.001 ms: everything merged that is faster so, it"
                + " takes \\S+ ±0\\.000 ms \\(\\S+ ms with two spreads\\), and \\S+ ±0\\.000 ms as"
                + " it is\\.\\n"
                + "Maybe raise the bound, or compress a narrower network\\.")
        .satisfies(
            e -> {
              assertThat(e.bound()).isEqualTo(0.001);
              assertThat(e.least()).isEqualTo(least, within(1e-6));
            });
  }

  @Test
  void aBoundThatIsKeptAlreadyLeavesTheNetwork() {
    Compressed made = domino(BY_MACS).latency(Duration.ofSeconds(1)).build().compress(network);
    assertThat(made.steps().get(0).text())
        .isEqualTo("no saving here: it keeps 1000.000 ms already");
    Networks.close(made.network());
  }
}
