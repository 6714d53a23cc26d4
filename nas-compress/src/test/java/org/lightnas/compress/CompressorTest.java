package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.compress.Chain.Link;
import org.lightnas.compress.Chain.Norm;
import org.nd4j.linalg.activations.Activation;

class CompressorTest {

  private static final FeatureShape INPUT = new FeatureShape(2, 5, 4);

  private static ComputationGraph network() {
    Link link =
        new Link(
            false,
            3,
            3,
            3,
            1,
            1,
            false,
            false,
            Activation.IDENTITY,
            new Norm(1e-3, false, 1, 0, true),
            Activation.RELU6);
    return new Chain(INPUT, List.of(link, link), true, 1).network();
  }

  /** Copies a network and says so. */
  private static Compressor copying(String text, List<ComputationGraph> seen) {
    return network -> {
      seen.add(network);
      Figures cost = Figures.of(network);
      return new Compressed(
          network.clone(),
          List.of(new Step(Step.Action.KEPT, List.of("conv0"), text)),
          cost,
          cost,
          new Equivalence(8, 0.25, 1, 0.5));
    };
  }

  @Test
  void chainsAddUpStepsErrorsAndCosts() {
    ComputationGraph network = network();
    Compressed folded = Reparameterize.batchNorms().compress(network);
    Compressed chained =
        Reparameterize.batchNorms().then(copying("again", new ArrayList<>())).compress(network);
    assertThat(chained.steps()).startsWith(folded.steps().toArray(Step[]::new));
    assertThat(chained.steps()).extracting(Step::text).endsWith("again");
    assertThat(chained.before()).isEqualTo(folded.before());
    assertThat(chained.after()).isEqualTo(folded.after());
    assertThat(chained.after()).isNotEqualTo(chained.before());
    assertThat(chained.equivalence())
        .isEqualTo(folded.equivalence().then(new Equivalence(8, 0.25, 1, 0.5)));
    assertThat(Equivalence.compare(network, chained.network(), INPUT, 8, 1).holds()).isTrue();
  }

  @Test
  void closesTheNetworkBetweenAndNoOther() {
    ComputationGraph network = network();
    List<ComputationGraph> seen = new ArrayList<>();
    Compressed chained =
        copying("first", seen)
            .then(copying("second", seen))
            .then(copying("third", seen))
            .compress(network);
    assertThat(seen).hasSize(3);
    assertThat(seen.get(0)).isSameAs(network);
    assertThat(seen.get(1).params().wasClosed()).isTrue();
    assertThat(seen.get(2).params().wasClosed()).isTrue();
    assertThat(network.params().wasClosed()).isFalse();
    assertThat(chained.network().params().wasClosed()).isFalse();
  }

  @Test
  void closesTheNetworkBetweenWhenTheSecondFails() {
    ComputationGraph network = network();
    List<ComputationGraph> seen = new ArrayList<>();
    Compressor failing =
        given -> {
          seen.add(given);
          throw new IllegalStateException("on purpose");
        };
    Compressor chain = Reparameterize.batchNorms().then(failing);
    assertThatThrownBy(() -> chain.compress(network)).hasMessage("on purpose");
    assertThat(seen.get(0).params().wasClosed()).isTrue();
    assertThat(network.params().wasClosed()).isFalse();
  }

  @Test
  void closesNothingThatIsHandedThrough() {
    ComputationGraph network = network();
    Compressor through =
        given -> {
          Figures cost = Figures.of(given);
          return new Compressed(given, List.of(), cost, cost, new Equivalence(1, 0, 1, 1e-4));
        };
    assertThat(through.then(through).compress(network).network()).isSameAs(network);
    assertThat(network.params().wasClosed()).isFalse();
    ComputationGraph folded = Reparameterize.batchNorms().then(through).compress(network).network();
    assertThat(folded.params().wasClosed()).isFalse();
  }
}
