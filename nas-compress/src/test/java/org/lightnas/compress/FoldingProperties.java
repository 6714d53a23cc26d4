package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.lightnas.FeatureShape;
import org.lightnas.compress.Chain.Link;
import org.lightnas.compress.Chain.Norm;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.nd4j.linalg.activations.Activation;

class FoldingProperties {

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  @Tag("slow")
  void foldingKeepsTheFunctionAndTheGivenNetwork(@ForAll("chains") Chain chain) {
    ComputationGraph network = chain.network();
    float[] given = network.params().dup().data().asFloat();
    String configuration = network.getConfiguration().toJson();

    Compressed folded = Reparameterize.batchNorms().compress(network);

    assertThat(folded.equivalence().relativeError()).isLessThanOrEqualTo(1e-4);
    assertThat(network.params().dup().data().asFloat()).isEqualTo(given);
    assertThat(network.getConfiguration().toJson()).isEqualTo(configuration);
    LayerGraph graph = LayerGraph.read(folded.network().getConfiguration());
    assertThat(graph.input()).isEqualTo(chain.input());
    for (int i = 0; i < chain.links().size(); i++) {
      boolean foldable = chain.links().get(i).own() == Activation.IDENTITY;
      Step.Action expected = foldable ? Step.Action.FOLDED : Step.Action.KEPT;
      String norm = "norm" + i;
      assertThat(folded.steps())
          .filteredOn(step -> step.vertices().contains(norm))
          .extracting(Step::action)
          .containsExactly(expected);
      assertThat(graph.nodes().stream().map(Node::name).anyMatch(norm::equals))
          .isEqualTo(!foldable);
    }
  }

  @Property(tries = 25, edgeCases = EdgeCasesMode.NONE)
  @Tag("slow")
  void foldedNetworksSurviveBeingSaved(@ForAll("chains") Chain chain) throws IOException {
    ComputationGraph folded = Reparameterize.batchNorms().compress(chain.network()).network();
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ModelSerializer.writeModel(folded, file, false);
    ComputationGraph opened =
        ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file.toByteArray()));
    assertThat(Equivalence.compare(folded, opened, chain.input(), 8, 1).maxDifference()).isZero();
  }

  @Property(tries = 25, edgeCases = EdgeCasesMode.NONE)
  @Tag("slow")
  void foldingTwiceChangesNothingMore(@ForAll("chains") Chain chain) {
    ComputationGraph once = Reparameterize.batchNorms().compress(chain.network()).network();
    Compressed twice = Reparameterize.batchNorms().compress(once);
    assertThat(twice.steps()).allMatch(step -> step.action() == Step.Action.KEPT);
    assertThat(twice.network()).isNotSameAs(once);
    assertThat(twice.network().params().dup().data().asFloat())
        .isEqualTo(once.params().dup().data().asFloat());
    assertThat(LayerGraph.read(twice.network().getConfiguration()).nodes())
        .extracting(Node::name)
        .isEqualTo(
            LayerGraph.read(once.getConfiguration()).nodes().stream().map(Node::name).toList());
  }

  @Provide
  Arbitrary<Chain> chains() {
    return Combinators.combine(
            Combinators.combine(
                    Arbitraries.integers().between(1, 3),
                    Arbitraries.integers().between(1, 7),
                    Arbitraries.integers().between(1, 7))
                .as(FeatureShape::new),
            links().list().ofMinSize(1).ofMaxSize(3),
            Arbitraries.of(true, false),
            Arbitraries.longs())
        .as(Chain::new);
  }

  private static Arbitrary<Link> links() {
    Arbitrary<Integer> kernels = Arbitraries.of(1, 2, 3, 5);
    return Combinators.combine(
            Arbitraries.integers().between(0, 7),
            Arbitraries.integers().between(1, 3),
            Combinators.combine(kernels, kernels).as(List::of),
            Arbitraries.integers().between(1, 2),
            Arbitraries.integers().between(1, 2),
            Arbitraries.frequency(Tuple.of(4, Activation.IDENTITY), Tuple.of(1, Activation.TANH)),
            norms(),
            Arbitraries.of(
                Activation.RELU6, Activation.SWISH, Activation.LEAKYRELU, Activation.IDENTITY))
        .as(
            (flags, width, kernel, stride, dilation, own, norm, activation) ->
                new Link(
                    (flags & 1) != 0,
                    width,
                    kernel.get(0),
                    kernel.get(1),
                    stride,
                    // The tests' backend has no dilated depthwise convolution: oneDNN refuses.
                    (flags & 1) != 0 ? 1 : dilation,
                    (flags & 2) != 0,
                    (flags & 4) != 0,
                    own,
                    norm,
                    activation));
  }

  private static Arbitrary<Norm> norms() {
    return Combinators.combine(
            Arbitraries.of(1e-5, 1e-3, 0.1),
            Arbitraries.frequency(Tuple.of(3, false), Tuple.of(1, true)),
            Arbitraries.of(0.0, 0.5, -2.0, 1.0),
            Arbitraries.of(true, false))
        .as(
            (eps, locked, gamma, logStd) ->
                new Norm(eps, locked, gamma, gamma == 1 ? 0 : -0.25, logStd));
  }
}
