package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.compress.Chain.Norm;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.BatchNormFolding;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.metric.Cost;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ReparameterizeTest {

  private static final FeatureShape INPUT = new FeatureShape(2, 6, 5);

  private static GraphBuilder begin() {
    return new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
  }

  private static Layer conv(int in, int out, Activation activation) {
    return new ConvolutionLayer.Builder(3, 3)
        .nIn(in)
        .nOut(out)
        .padding(1, 1)
        .activation(activation)
        .build();
  }

  private static Layer norm(int channels) {
    return new BatchNormalization.Builder().nIn(channels).nOut(channels).build();
  }

  private static Layer identity() {
    return new ActivationLayer(Activation.IDENTITY);
  }

  /** What folding says it did. */
  private static List<String> steps(ComputationGraph network) {
    Compressed folded = Reparameterize.batchNorms().compress(network);
    assertThat(folded.equivalence().holds()).isTrue();
    return folded.steps().stream().map(Step::toString).toList();
  }

  @Test
  void leavesABatchNormThatComesFirst() {
    GraphBuilder builder =
        begin()
            .addLayer("norm", norm(2), Chain.size(INPUT), "in")
            .addLayer("conv", conv(2, 3, Activation.IDENTITY), "norm");
    assertThat(steps(Chain.filled(builder, "conv", 1)))
        .containsExactly("kept: batch norm 'norm' because it follows the network's input 'in'");
  }

  @Test
  void leavesABatchNormWhoseConvolutionIsReadBySomethingElse() {
    GraphBuilder builder =
        begin()
            .addLayer("conv", conv(2, 3, Activation.IDENTITY), Chain.size(INPUT), "in")
            .addLayer("norm", norm(3), "conv")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "conv");
    assertThat(steps(Chain.filled(builder, "sum", 2)))
        .containsExactly("kept: batch norm 'norm' because 'conv' is also read by 'sum'");
  }

  @Test
  void leavesABatchNormWhoseIdentityIsReadBySomethingElse() {
    GraphBuilder builder =
        begin()
            .addLayer("conv", conv(2, 3, Activation.IDENTITY), Chain.size(INPUT), "in")
            .addLayer("same", identity(), "conv")
            .addLayer("norm", norm(3), "same")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "same");
    assertThat(steps(Chain.filled(builder, "sum", 3)))
        .containsExactly(
            "dropped: 'same', which does nothing",
            "kept: batch norm 'norm' because 'same' is also read by 'sum'");
  }

  @Test
  void leavesABatchNormBehindAnIdentityWhoseConvolutionIsReadBySomethingElse() {
    GraphBuilder builder =
        begin()
            .addLayer("conv", conv(2, 3, Activation.IDENTITY), Chain.size(INPUT), "in")
            .addLayer("same", identity(), "conv")
            .addLayer("norm", norm(3), "same")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "conv");
    assertThat(steps(Chain.filled(builder, "sum", 3)))
        .containsExactly(
            "dropped: 'same', which does nothing",
            "kept: batch norm 'norm' because 'conv' is also read by 'sum'");
  }

  /** DL4J applies locked values only if neither is at its default. */
  @ParameterizedTest
  @CsvSource({"2, 0", "1, 0.5", "2, 0.5"})
  void foldsLockedValuesAsDl4jAppliesThem(double gamma, double beta) {
    GraphBuilder builder =
        begin()
            .addLayer("conv", conv(2, 3, Activation.IDENTITY), Chain.size(INPUT), "in")
            .addLayer("norm", new Norm(1e-3, true, gamma, beta, true).layer(3), "conv");
    assertThat(steps(Chain.filled(builder, "norm", 3)))
        .containsExactly("folded: batch norm 'norm' into convolution 'conv'");
  }

  @Test
  void leavesABatchNormBehindAnActivationASumAPoolingAndAnotherThatStays() {
    GraphBuilder builder =
        begin()
            .addLayer("conv", conv(2, 3, Activation.TANH), Chain.size(INPUT), "in")
            .addLayer("norm1", norm(3), "conv")
            .addLayer("norm2", norm(3), "norm1")
            .addLayer("act", new ActivationLayer(Activation.RELU6), "norm2")
            .addLayer("norm3", norm(3), "act")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "act", "norm3")
            .addLayer("norm4", norm(3), "sum")
            .addLayer(
                "slopes",
                new PReLULayer.Builder().inputShape(3, 6, 5).nIn(90).nOut(90).build(),
                "norm4")
            .addLayer("norm5", norm(3), "slopes")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "norm5")
            .addLayer("norm6", norm(3), "pool")
            .addLayer("last", new ActivationLayer(Activation.TANH), "norm6");
    assertThat(steps(Chain.filled(builder, "last", 4)))
        .containsExactly(
            "kept: batch norm 'norm1' because it follows the TANH of 'conv'",
            "kept: batch norm 'norm2' because it follows batch norm 'norm1', which stays as well",
            "kept: batch norm 'norm3' because it follows RELU6 'act'",
            "kept: batch norm 'norm4' because it follows add 'sum'",
            "kept: batch norm 'norm5' because it follows the PReLULayer 'slopes', which only DL4J"
                + " understands",
            "kept: batch norm 'norm6' because it follows global pool 'pool'");
  }

  @Test
  void foldsBatchNormsBehindEachOtherAndBehindIdentities() {
    GraphBuilder builder =
        begin()
            .addLayer("conv", conv(2, 3, Activation.IDENTITY), Chain.size(INPUT), "in")
            .addLayer("norm1", norm(3), "conv")
            .addLayer("same", identity(), "norm1")
            .addLayer("norm2", norm(3), "same");
    Compressed folded = Reparameterize.batchNorms().compress(Chain.filled(builder, "norm2", 5));
    assertThat(folded.steps())
        .containsExactly(
            new Step(
                Step.Action.FOLDED,
                List.of("conv", "norm1"),
                "batch norm 'norm1' into convolution 'conv'"),
            new Step(Step.Action.DROPPED, List.of("same"), "'same', which does nothing"),
            new Step(
                Step.Action.FOLDED,
                List.of("conv", "norm2"),
                "batch norm 'norm2' into convolution 'conv'"));
    assertThat(folded.network().getConfiguration().getVertices()).containsOnlyKeys("conv");
  }

  @Test
  void foldsIntoDenseLayersAndCountsTheCost() {
    GraphBuilder builder =
        begin()
            .addLayer("conv", conv(2, 3, Activation.RELU), Chain.size(INPUT), "in")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "conv")
            .addLayer(
                "dense",
                new DenseLayer.Builder()
                    .nIn(3)
                    .nOut(7)
                    .hasBias(false)
                    .activation(Activation.IDENTITY)
                    .build(),
                "pool")
            .addLayer("norm", norm(7), "dense")
            .addLayer("act", new ActivationLayer(Activation.TANH), "norm")
            .addLayer(
                "out",
                new OutputLayer.Builder().nIn(7).nOut(4).activation(Activation.SOFTMAX).build(),
                "act");
    Compressed folded = Reparameterize.batchNorms().compress(Chain.filled(builder, "out", 6));
    assertThat(folded.steps())
        .extracting(Step::toString)
        .containsExactly("folded: batch norm 'norm' into dense layer 'dense'");
    long macs = 6 * 5 * 9 * 2 * 3 + 3 * 7 + 7 * 4;
    long others = (9 * 2 * 3 + 3) + 3 * 7 + (7 * 4 + 4);
    assertThat(folded.before().cost()).isEqualTo(new Cost(macs, others + 2 * 7));
    assertThat(folded.after().cost()).isEqualTo(new Cost(macs, others + 7));
  }

  @Test
  @Tag("slow")
  void leavesNoBatchNormInANetworkOfTheZoo() {
    LayeredSpace space = LightNasSpace.small(new FeatureShape(3, 24, 24), 10);
    ComputationGraph network = space.network(space.architecture(0, 1, 6, 4, 6, 5), 7);
    for (org.deeplearning4j.nn.api.Layer layer : network.getLayers()) {
      if (layer.conf().getLayer() instanceof BatchNormalization) {
        layer.getParam("gamma").assign(0.9);
        layer.getParam("beta").assign(0.2);
        layer.getParam("mean").assign(-0.1);
      }
    }
    ImageSet images = ImageData.generated(40, 10, 3).train();
    Compressed folded = Reparameterize.batchNorms().checkedOn(images).compress(network);
    assertThat(folded.count(Step.Action.KEPT)).isZero();
    assertThat(folded.count(Step.Action.FOLDED)).isEqualTo(14);
    assertThat(folded.network().getConfiguration().getVertices().keySet())
        .noneMatch(name -> name.endsWith("bn"));
    assertThat(folded.after().macs()).isEqualTo(folded.before().macs());
    assertThat(folded.after().parameters()).isLessThan(folded.before().parameters());
  }

  @Test
  void handsOutAFreshNetworkEvenWhereNothingIsToBeDone() {
    ComputationGraph network =
        Chain.filled(
            begin().addLayer("conv", conv(2, 3, Activation.RELU), Chain.size(INPUT), "in"),
            "conv",
            7);
    Compressed same = Reparameterize.batchNorms().compress(network);
    assertThat(same.network()).isNotSameAs(network);
    assertThat(same.steps()).isEmpty();
    assertThat(same.equivalence()).isEqualTo(new Equivalence(64, 0, maxOutput(network), 1e-4));
  }

  private static double maxOutput(ComputationGraph network) {
    return Equivalence.compare(network, network, INPUT, 64, 0).maxOutput();
  }

  @Test
  void drawsItsImagesFromTheSeed() {
    ComputationGraph network = withNorm(INPUT, 8);
    Reparameterize fold = Reparameterize.batchNorms();
    assertThat(fold.seed(5).compress(network).equivalence())
        .isEqualTo(fold.seed(5).compress(network).equivalence());
    assertThat(fold.seed(6).compress(network).equivalence().maxOutput())
        .isNotEqualTo(fold.seed(5).compress(network).equivalence().maxOutput());
  }

  /** Convolution and batch norm, whose answer is the map. */
  private static ComputationGraph withNorm(FeatureShape input, long seed) {
    GraphBuilder builder =
        begin()
            .addLayer(
                "conv", conv(input.channels(), 3, Activation.IDENTITY), Chain.size(input), "in")
            .addLayer("norm", norm(3), "conv");
    return Chain.filled(builder, "norm", seed);
  }

  @Test
  void checksOnGivenImagesToo() {
    ImageSet images = ImageData.generated(40, 10, 1).train();
    Compressed folded =
        Reparameterize.batchNorms().checkedOn(images).compress(withNorm(images.shape(), 9));
    assertThat(folded.equivalence().inputs()).isEqualTo(64 + 40);
    assertThat(folded.equivalence().holds()).isTrue();
  }

  @Test
  void refusesImagesOfAnotherShape() {
    Reparameterize fold =
        Reparameterize.batchNorms().checkedOn(ImageData.generated(10, 10, 1).train());
    assertThatThrownBy(() -> fold.compress(withNorm(INPUT, 10)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The network takes images of 2x6x5, but those it is to be checked on are 3x24x24.");
  }

  @Test
  void refusesANetworkThatDoesNotSayTheSizeOfItsImages() {
    ComputationGraph network =
        new ComputationGraph(
            begin()
                .setInputTypes(InputType.convolutional(6, 5, 2))
                .addLayer("conv", conv(2, 3, Activation.IDENTITY), "in")
                .addLayer("norm", norm(3), "conv")
                .setOutputs("norm")
                .build());
    network.init();
    assertThatThrownBy(() -> Reparameterize.batchNorms().compress(network))
        .isInstanceOf(NasException.class)
        .hasMessageContaining("does not say the size of its input images")
        .hasMessageContaining("\nMaybe build it with InputType.convolutionalFlat");
  }

  @Test
  void refusesANetworkWithoutWeights() {
    ComputationGraph network =
        new ComputationGraph(
            begin()
                .addLayer("conv", conv(2, 3, Activation.IDENTITY), Chain.size(INPUT), "in")
                .setOutputs("conv")
                .build());
    assertThatThrownBy(() -> Reparameterize.batchNorms().compress(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The network has no weights yet.\nMaybe call init() and train it first.");
  }

  /** Folds, then changes one tensor. */
  private static Rewrite sabotage(String tensor, double factor) {
    return trained -> {
      TrainedGraph folded = BatchNormFolding.fold(trained);
      Map<String, double[]> values = new HashMap<>(folded.values());
      double[] changed = folded.value(tensor).clone();
      for (int i = 0; i < changed.length; i++) {
        changed[i] *= factor;
      }
      values.put(tensor, changed);
      TrainedGraph after = new TrainedGraph(folded.graph(), values);
      return new Rewrite.Result(folded, MergePlan.NOTHING, after, List.of());
    };
  }

  @Test
  void throwsAwayANetworkThatComputesSomethingElseAndNamesTheNumbers() {
    ComputationGraph network = withNorm(INPUT, 11);
    network.getLayer("norm").getParam("gamma").assign(1);
    network.getLayer("norm").getParam("log10stdev").assign(0);
    Reparameterize wrong = Reparameterize.rewriting(sabotage("conv/W", 1.01));
    EquivalenceException thrown =
        catchThrowableOfType(EquivalenceException.class, () -> wrong.compress(network));
    Equivalence equivalence = thrown.equivalence();
    assertThat(equivalence.relativeError()).isBetween(1e-3, 1e-1);
    assertThat(equivalence.inputs()).isEqualTo(64);
    assertThat(thrown)
        .isInstanceOf(NasException.class)
        .hasMessage(
            "The rewritten network does not compute what the given one does on 64 random images:"
                + " max|Δ| %.3g, max|y| %.3g, relative error %.3g, limit 1.0e-04.\n"
                    .formatted(
                        equivalence.maxDifference(),
                        equivalence.maxOutput(),
                        equivalence.relativeError())
                + "Maybe a layer of your own behaves otherwise in a copy of the network; if it has"
                + " none, the rewrite is wrong, and we would like to know.");
  }

  @Test
  void namesTheBatchNormThatAmplifiesMost() {
    ComputationGraph network = withNorm(INPUT, 12);
    INDArray gamma = network.getLayer("norm").getParam("gamma");
    gamma.assign(Nd4j.createFromArray(new double[] {1, -20, 3}).reshape(gamma.shape()));
    network.getLayer("norm").getParam("log10stdev").assign(-10);
    Reparameterize wrong = Reparameterize.rewriting(sabotage("conv/W", 1.01));
    // 20 / sqrt(1e-20 + 1e-5)
    assertThatThrownBy(() -> wrong.compress(network))
        .hasMessageContaining(
            "\nMaybe its batch norms amplify rounding, which multiply by much, most of all 'norm'"
                + " by 6.32e+03: raise its eps, train a little more, and try again.");
  }

  @Test
  void saysSoWhenTheGivenNetworkItselfIsBroken() {
    ComputationGraph network = withNorm(INPUT, 13);
    network.getLayer("conv").getParam("b").putScalar(0, Double.NaN);
    assertThatThrownBy(() -> Reparameterize.batchNorms().compress(network))
        .isInstanceOf(EquivalenceException.class)
        .hasMessageContaining("max|y| NaN, relative error NaN")
        .hasMessageContaining(
            "\nMaybe train it again: the given network itself answers with values that are not"
                + " finite.");
  }

  /** A network that sees only how bright an image is: random ones are all grey. */
  @Test
  void throwsAwayANetworkThatIsWrongOnGivenImagesOnly() {
    ImageSet images = ImageData.generated(40, 10, 1).train();
    int pixels = (int) images.shape().size();
    GraphBuilder builder =
        begin()
            .addLayer(
                "bright",
                new ConvolutionLayer.Builder(24, 24)
                    .nIn(3)
                    .nOut(1)
                    .activation(Activation.RELU)
                    .build(),
                Chain.size(images.shape()),
                "in")
            .addLayer(
                "conv",
                new ConvolutionLayer.Builder(1, 1)
                    .nIn(1)
                    .nOut(1)
                    .activation(Activation.IDENTITY)
                    .build(),
                "bright");
    ComputationGraph network = Chain.filled(builder, "conv", 14);
    network.getLayer("bright").getParam("W").assign(1.0 / pixels);
    network.getLayer("bright").getParam("b").assign(-0.55);
    Reparameterize wrong = Reparameterize.rewriting(sabotage("conv/W", 2));
    assertThat(wrong.compress(network).equivalence().maxDifference()).isZero();
    assertThatThrownBy(() -> wrong.checkedOn(images).compress(network))
        .isInstanceOf(EquivalenceException.class)
        .hasMessageContaining("on 40 given images");
  }

  @Test
  void sharesNoNumbersWithTheGivenNetwork() {
    ComputationGraph network = withNorm(INPUT, 15);
    ComputationGraph folded = Reparameterize.batchNorms().compress(network).network();
    double[] values = folded.params().dup().data().asDouble();
    network.params().assign(0);
    assertThat(folded.params().dup().data().asDouble()).isEqualTo(values);
  }
}
