package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.train.Trainer;
import org.nd4j.linalg.activations.Activation;

class MergingTest {

  private static final FeatureShape INPUT = new FeatureShape(4, 6, 5);

  private static GraphBuilder begin() {
    return new NeuralNetConfiguration.Builder().graphBuilder().addInputs("in");
  }

  private static ConvolutionLayer conv(int in, int out, int kernel, int padding) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(in)
        .nOut(out)
        .padding(padding, padding)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static Layer depthwise(int channels, int kernel, int padding) {
    return new DepthwiseConvolution2D.Builder(kernel, kernel)
        .depthMultiplier(1)
        .nIn(channels)
        .nOut(channels)
        .padding(padding, padding)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static Layer norm(int channels) {
    return new BatchNormalization.Builder().nIn(channels).nOut(channels).build();
  }

  private static ElementWiseVertex sum() {
    return new ElementWiseVertex(ElementWiseVertex.Op.Add);
  }

  /** 1x1, depthwise 3x3, 1x1 with batch norms and a shortcut, all linear. */
  private static GraphBuilder invertedResidual(int firstPadding) {
    return begin()
        .addLayer("expand", conv(4, 24, 1, firstPadding), Chain.size(INPUT), "in")
        .addLayer("expand-bn", norm(24), "expand")
        .addLayer("dw", depthwise(24, 3, 1 - firstPadding), "expand-bn")
        .addLayer("dw-bn", norm(24), "dw")
        .addLayer("project", conv(24, 4, 1, 0), "dw-bn")
        .addLayer("project-bn", norm(4), "project")
        .addVertex("sum", sum(), "project-bn", "in");
  }

  private static List<String> steps(Compressed compressed) {
    assertThat(compressed.equivalence().holds()).isTrue();
    assertThat(compressed.maps()).allMatch(MapEquivalence::holds);
    return compressed.steps().stream().map(Step::toString).toList();
  }

  private static List<String> left(Compressed compressed) {
    return LayerGraph.read(compressed.network().getConfiguration()).nodes().stream()
        .map(Node::name)
        .toList();
  }

  @Test
  void mergesAPaddingFirstInvertedResidualWithItsShortcutIntoOneConvolution() {
    ComputationGraph network = Chain.filled(invertedResidual(1), "sum", 1);
    Compressed merged = Reparameterize.chains().compress(network);
    long before = 8 * 7 * 4 * 24 + 6 * 5 * (9 * 24 + 24 * 4);
    assertThat(steps(merged))
        .containsExactly(
            "folded: batch norm 'expand-bn' into convolution 'expand'",
            "folded: batch norm 'dw-bn' into convolution 'dw'",
            "folded: batch norm 'project-bn' into convolution 'project'",
            "merged: 'expand', 'dw', 'project', 'sum' into 3x3 convolution 'sum', 14,736 -> 4,320"
                + " MACs");
    assertThat(before).isEqualTo(14_736);
    assertThat(merged.steps().get(3).vertices()).containsExactly("expand", "dw", "project", "sum");
    assertThat(left(merged)).containsExactly("in", "sum");
    assertThat(merged.after().macs()).isEqualTo(6 * 5 * 9 * 4 * 4);
    assertThat(merged.maps())
        .singleElement()
        .extracting(MapEquivalence::borderPixels)
        .isEqualTo(18L);
  }

  @Test
  void namesTheBlocksWhosePaddingStandsInTheWay() {
    ComputationGraph network = Chain.filled(invertedResidual(0), "sum", 2);
    Compressed merged = Reparameterize.chains().compress(network);
    assertThat(steps(merged))
        .endsWith(
            "kept: 'expand', 'dw', 'project', 'sum' because 'dw' pads in between: one convolution"
                + " would answer otherwise at the border. Maybe give the network to toPaddingFirst,"
                + " which moves the padding to the front, and fine-tune what it makes: there they"
                + " merge.");
    assertThat(left(merged)).containsExactly("in", "expand", "dw", "project", "sum");
  }

  /** DL4J's Same adds the odd row of zeros below only. */
  @Test
  void saysWherePaddingCannotBeMoved() {
    GraphBuilder builder =
        begin()
            .addLayer("a", conv(4, 4, 3, 1), Chain.size(INPUT), "in")
            .addLayer(
                "b",
                new ConvolutionLayer.Builder(3, 3)
                    .nIn(4)
                    .nOut(4)
                    .stride(2, 2)
                    .convolutionMode(ConvolutionMode.Same)
                    .activation(Activation.IDENTITY)
                    .build(),
                "a");
    ComputationGraph network = Chain.filled(builder, "b", 20);
    assertThat(steps(Reparameterize.all().compress(network)))
        .containsExactly(
            "kept: 'a', 'b' because 'b' pads in between: one convolution would answer otherwise at"
                + " the border. Maybe build and train the network with as much padding on opposite"
                + " sides (not by ConvolutionMode.Same): what differs cannot be moved to the"
                + " front.");
    ComputationGraph same = Reparameterize.all().toPaddingFirst(network);
    assertThat(Equivalence.compare(network, same, INPUT, 4, 1).maxDifference()).isZero();
  }

  @Test
  void namesEveryLayerThatPads() {
    GraphBuilder builder =
        begin()
            .addLayer("a", depthwise(4, 3, 1), Chain.size(INPUT), "in")
            .addLayer("b", depthwise(4, 3, 1), "a")
            .addLayer("c", depthwise(4, 3, 1), "b");
    assertThat(steps(Reparameterize.all().compress(Chain.filled(builder, "c", 19))))
        .containsExactly(
            "kept: 'a', 'b', 'c' because 'b', 'c' pad in between: one convolution would answer"
                + " otherwise at the border. Maybe give the network to toPaddingFirst, which moves"
                + " the padding to the front, and fine-tune what it makes: there they merge.");
  }

  @Test
  void mergesWhatWasMadePaddingFirst() {
    ComputationGraph network = Chain.filled(invertedResidual(0), "sum", 3);
    float[] given = network.params().dup().data().asFloat();
    ComputationGraph ready = Reparameterize.chains().toPaddingFirst(network);
    assertThat(ready.getConfiguration().getVertices().keySet())
        .containsExactlyInAnyOrderElementsOf(network.getConfiguration().getVertices().keySet());
    assertThat(ready.params().dup().data().asFloat()).isEqualTo(given);
    assertThat(network.params().dup().data().asFloat()).isEqualTo(given);
    // It is another function, at the border only.
    assertThat(Equivalence.compare(network, ready, INPUT, 4, 1).holds()).isFalse();
    Compressed merged = Reparameterize.chains().compress(ready);
    assertThat(merged.count(Step.Action.KEPT)).isZero();
    assertThat(left(merged)).containsExactly("in", "sum");
  }

  /** An identity cannot pad, and has nothing to take away what others want more around a map. */
  @Test
  void makesLayersOfShortcutsThatStandInTheWay() {
    GraphBuilder builder =
        begin()
            .addLayer("a", conv(4, 4, 3, 1), Chain.size(INPUT), "in")
            .addVertex("sum1", sum(), "a", "in")
            .addLayer("b", conv(4, 4, 3, 1), "sum1")
            .addVertex("sum2", sum(), "b", "sum1");
    ComputationGraph network = Chain.filled(builder, "sum2", 16);
    ComputationGraph ready = Reparameterize.all().toPaddingFirst(network);
    assertThat(ready.getConfiguration().getVertices())
        .containsOnlyKeys("a", "sum1:in:1x1", "sum1", "b", "sum2:sum1:3x3", "sum2");
    Compressed merged = Reparameterize.all().compress(ready);
    assertThat(steps(merged))
        .containsExactly(
            "merged: 'a', 'sum1:in:1x1', 'sum1', 'b', 'sum2:sum1:3x3', 'sum2' into 5x5 convolution"
                + " 'sum2', 13,688 -> 12,000 MACs");
  }

  @Test
  void mergesWhatWasFineTunedWithPaddingFirst() {
    ImageData images = ImageData.generated(48, 8, 5);
    GraphBuilder builder =
        begin()
            .addLayer("stem", conv(3, 8, 3, 1), Chain.size(images.shape()), "in")
            .addLayer("act", new ActivationLayer(Activation.RELU6), "stem")
            .addLayer("expand", conv(8, 48, 1, 0), "act")
            .addLayer("expand-bn", norm(48), "expand")
            .addLayer("dw", depthwise(48, 5, 2), "expand-bn")
            .addLayer("dw-bn", norm(48), "dw")
            .addLayer("project", conv(48, 4, 1, 0), "dw-bn")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "project")
            .addLayer(
                "out",
                new OutputLayer.Builder()
                    .nIn(4)
                    .nOut(images.classes())
                    .activation(Activation.SOFTMAX)
                    .build(),
                "pool");
    ComputationGraph network = Chain.filled(builder, "out", 17);
    ComputationGraph ready = Reparameterize.chains().toPaddingFirst(network);
    Trainer trainer = Trainer.builder().epochs(1).batchSize(16).build();
    ComputationGraph tuned = trainer.fit(ready, images);
    assertThat(Equivalence.compare(ready, tuned, images.test()).holds()).isFalse();
    Compressed merged = Reparameterize.chains().checkedOn(images.test()).compress(tuned);
    assertThat(left(merged))
        .containsExactly("in", "stem", "act", "project", "pool", "out", "out:softmax");
    assertThat(merged.equivalence().relativeError()).isLessThan(1e-5);
  }

  @Test
  void leavesThePaddingOfWhatItDoesNotMerge() {
    ComputationGraph network = Chain.filled(invertedResidual(0), "sum", 4);
    ComputationGraph same = Reparameterize.batchNorms().toPaddingFirst(network);
    assertThat(same).isNotSameAs(network);
    assertThat(Equivalence.compare(network, same, INPUT, 4, 1).maxDifference()).isZero();
  }

  @Test
  void refusesToMovePaddingInANetworkWithoutWeights() {
    ComputationGraph network = new ComputationGraph(invertedResidual(0).setOutputs("sum").build());
    assertThatThrownBy(() -> Reparameterize.chains().toPaddingFirst(network))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The network has no weights yet.\nMaybe call init() and train it first.");
  }

  @Test
  void saysOfABatchNormOnceWhatBecameOfIt() {
    GraphBuilder builder =
        begin()
            .addLayer("a", conv(4, 4, 3, 1), Chain.size(INPUT), "in")
            .addVertex("sum", sum(), "a", "in")
            .addLayer("bn", norm(4), "sum");
    assertThat(steps(Reparameterize.chains().compress(Chain.filled(builder, "bn", 15))))
        .containsExactly("merged: 'a', 'sum', 'bn' into 3x3 convolution 'bn', 4,320 -> 4,320 MACs");
  }

  @Test
  void mergesBranchesSideBySide() {
    GraphBuilder builder =
        begin()
            .addLayer("wide", conv(4, 4, 3, 1), Chain.size(INPUT), "in")
            .addLayer("wide-bn", norm(4), "wide")
            .addLayer("point", conv(4, 4, 1, 0), "in")
            .addLayer("point-bn", norm(4), "point")
            .addLayer("same-bn", norm(4), "in")
            .addVertex("sum", sum(), "wide-bn", "point-bn", "same-bn")
            .addLayer("act", new ActivationLayer(Activation.RELU), "sum");
    Compressed merged = Reparameterize.chains().compress(Chain.filled(builder, "act", 5));
    assertThat(steps(merged))
        .containsExactly(
            "folded: batch norm 'wide-bn' into convolution 'wide'",
            "folded: batch norm 'point-bn' into convolution 'point'",
            "merged: 'wide', 'point', 'same-bn', 'sum' into 3x3 convolution 'sum', 4,800 -> 4,320"
                + " MACs");
    assertThat(left(merged)).containsExactly("in", "sum", "act");
  }

  /** 1x1 with depthwise costs more than both, and so does depthwise with 1x1; all three do not. */
  @Test
  void mergesAWholeWhosePartsWouldNotPay() {
    GraphBuilder builder =
        begin()
            .addLayer("expand", conv(4, 24, 1, 1), Chain.size(INPUT), "in")
            .addLayer("dw", depthwise(24, 3, 0), "expand")
            .addLayer("project", conv(24, 4, 1, 0), "dw");
    Compressed merged = Reparameterize.chains().compress(Chain.filled(builder, "project", 6));
    assertThat(left(merged)).containsExactly("in", "project");
    GraphBuilder cut = builder.addLayer("other", norm(24), "dw");
    ComputationGraph shared =
        Chain.filled(
            cut.addLayer("back", conv(24, 4, 1, 0), "other")
                .addVertex("sum", sum(), "project", "back"),
            "sum",
            7);
    // Branches of the same two layers: what they share is no branch, but what follows is.
    assertThat(left(Reparameterize.chains().compress(shared))).containsExactly("in", "sum");
  }

  @Test
  void leavesWhatWouldCostMoreUnlessAskedForAll() {
    GraphBuilder builder =
        begin()
            .addLayer("squeeze", conv(4, 2, 1, 1), Chain.size(INPUT), "in")
            .addLayer("wide", conv(2, 8, 3, 0), "squeeze");
    ComputationGraph network = Chain.filled(builder, "wide", 8);
    assertThat(steps(Reparameterize.chains().compress(network)))
        .containsExactly(
            "kept: 'squeeze', 'wide' because one 3x3 convolution would take 8,640 MACs instead of"
                + " 4,768; Reparameterize.all() merges them all the same");
    Compressed all = Reparameterize.all().compress(network);
    assertThat(steps(all))
        .containsExactly(
            "merged: 'squeeze', 'wide' into 3x3 convolution 'wide', 4,768 -> 8,640 MACs");
    assertThat(all.after().macs()).isEqualTo(8_640);
  }

  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"RELU6", "LEAKYRELU", "SWISH", "HARDSIGMOID"})
  void stopsAtActivations(Activation activation) {
    assertThat(barrier(new ActivationLayer(activation))).containsExactly("in", "a", "b", "c");
  }

  @Test
  void stopsAtDropoutAndAtLayersOnlyDl4jUnderstands() {
    assertThat(barrier(new DropoutLayer(0.5))).containsExactly("in", "a", "b", "c");
    assertThat(barrier(new LocalResponseNormalization.Builder().build()))
        .containsExactly("in", "a", "b", "c");
    assertThat(
            barrier(
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                    .kernelSize(1, 1)
                    .stride(1, 1)
                    .build()))
        .containsExactly("in", "a", "b", "c");
    assertThat(barrier(new ActivationLayer(Activation.IDENTITY))).containsExactly("in", "c");
  }

  private static List<String> barrier(Layer between) {
    GraphBuilder builder =
        begin()
            .addLayer("a", conv(4, 4, 1, 0), Chain.size(INPUT), "in")
            .addLayer("b", between, "a")
            .addLayer("c", conv(4, 4, 1, 0), "b");
    return left(Reparameterize.all().compress(Chain.filled(builder, "c", 9)));
  }

  @Test
  void stopsAtSqueezeAndExcite() {
    GraphBuilder builder =
        begin()
            .addLayer("a", conv(4, 4, 1, 0), Chain.size(INPUT), "in")
            .addLayer("gate", new ActivationLayer(Activation.SIGMOID), "a")
            .addVertex("excite", new ElementWiseVertex(ElementWiseVertex.Op.Product), "a", "gate")
            .addLayer("c", conv(4, 4, 1, 0), "excite");
    assertThat(left(Reparameterize.all().compress(Chain.filled(builder, "c", 10))))
        .containsExactly("in", "a", "gate", "excite", "c");
  }

  @Test
  void leavesAMapThatSomethingElseReads() {
    GraphBuilder builder =
        begin()
            .addLayer("a", conv(4, 4, 1, 0), Chain.size(INPUT), "in")
            .addLayer("act", new ActivationLayer(Activation.SWISH), "a")
            .addLayer("b", conv(4, 4, 1, 0), "a")
            .addVertex("sum", sum(), "act", "b");
    assertThat(left(Reparameterize.all().compress(Chain.filled(builder, "sum", 11))))
        .containsExactly("in", "a", "act", "b", "sum");
  }

  @Test
  void leavesTheAnswerOfTheNetworkThoughSomethingReadsIt() {
    RandomBlocks blocks = new RandomBlocks(18, INPUT, true);
    Node first = point(blocks, blocks.input());
    Node answer = point(blocks, first);
    Node unread = point(blocks, answer);
    Rewrite.Result merged = new ChainMerging(MergePlan.FEWEST_LAYERS).apply(blocks.finish(answer));
    assertThat(merged.after().graph().nodes())
        .extracting(Node::name)
        .containsExactly("in", answer.name(), unread.name());
  }

  private static Node point(RandomBlocks blocks, Node x) {
    return blocks.conv(x, new int[] {1, 1}, 1, new int[] {0, 0}, 1, false, 2);
  }

  @Test
  void mergesDenseLayersAndKeepsTheClassifier() {
    GraphBuilder builder =
        begin()
            .addLayer("conv", conv(4, 16, 3, 1), Chain.size(INPUT), "in")
            .addLayer("act", new ActivationLayer(Activation.RELU), "conv")
            .addLayer("gap", new GlobalPoolingLayer(PoolingType.AVG), "act")
            .addLayer(
                "wide",
                new DenseLayer.Builder().nIn(16).nOut(32).activation(Activation.IDENTITY).build(),
                "gap")
            .addLayer("bn", norm(32), "wide");
    ComputationGraph network =
        Chain.filled(
            builder.addLayer(
                "out",
                new OutputLayer.Builder().nIn(32).nOut(4).activation(Activation.SOFTMAX).build(),
                "bn"),
            "out",
            12);
    Compressed merged = Reparameterize.chains().compress(network);
    assertThat(steps(merged))
        .containsExactly(
            "folded: batch norm 'bn' into dense layer 'wide'",
            "merged: 'wide', 'out' into dense layer 'out', 640 -> 64 MACs");
    assertThat(merged.maps()).isEmpty();
    assertThat(merged.network().getConfiguration().getVertices())
        .containsOnlyKeys("conv", "act", "gap", "out");
  }

  /** Merges what is not exact, before a layer that hides it. */
  @Test
  void throwsAwayANetworkThatIsWrongAtTheBorderOfAMapThoughItsAnswersAreRight() {
    GraphBuilder builder =
        begin()
            .addLayer("expand", conv(4, 8, 1, 0), Chain.size(INPUT), "in")
            .addLayer("dw", depthwise(8, 3, 1), "expand")
            .addLayer("act", new ActivationLayer(Activation.RELU6), "dw")
            .addLayer("last", conv(8, 2, 1, 0), "act");
    ComputationGraph network = Chain.filled(builder, "last", 13);
    network.getLayer("last").getParam("W").muli(1e-7);
    Rewrite careless =
        given -> {
          MergePlan plan = new MergePlanner(given).plan(MergePlan.FEWEST_LAYERS, merge -> true);
          return new Rewrite.Result(given, plan, plan.applyTo(given), List.of());
        };
    EquivalenceException thrown =
        catchThrowableOfType(
            EquivalenceException.class, () -> Reparameterize.rewriting(careless).compress(network));
    assertThat(thrown.equivalence().relativeError()).isGreaterThan(0.01);
    assertThat(thrown)
        .hasMessageStartingWith(
            "The rewritten network does not compute what the given one does on 8 maps, at the"
                + " border of 'dw': max|Δ| ");
    assertThat(thrown.trained()).isEmpty();
    // Where the network was trained on the way it is handed on.
    EquivalenceException handing = thrown.of(network);
    assertThat(handing.trained()).containsSame(network);
    assertThat(handing.equivalence()).isEqualTo(thrown.equivalence());
    assertThat(handing)
        .hasMessage(
            thrown.getMessage()
                + "\nThe network as it was trained, not yet merged, is in trained().");
  }

  @Test
  void comparesMergedMapsOnGivenImagesToo() {
    ImageSet images = ImageData.generated(40, 10, 1).train();
    GraphBuilder builder =
        begin()
            .addLayer("stem", conv(3, 4, 3, 1), Chain.size(images.shape()), "in")
            .addLayer("act", new ActivationLayer(Activation.RELU6), "stem")
            .addLayer("a", conv(4, 8, 1, 1), "act")
            .addLayer("b", depthwise(8, 3, 0), "a")
            .addLayer("c", conv(8, 2, 1, 0), "b");
    ComputationGraph network = Chain.classifier(builder, "c", 2, 14);
    Compressed plain = Reparameterize.chains().compress(network);
    Compressed checked = Reparameterize.chains().checkedOn(images).compress(network);
    assertThat(plain.maps()).singleElement().extracting(map -> map.border().inputs()).isEqualTo(8L);
    MapEquivalence map = checked.maps().get(0);
    assertThat(map.border().inputs()).isEqualTo(16);
    assertThat(map.vertex()).isEqualTo("c");
    assertThat(map.borderPixels()).isEqualTo(4 * 24 - 4);
    assertThat(map.relativeError()).isBetween(1e-9, 1e-5);
    assertThat(checked.report()).contains("\nof 1 merged maps at most: 'c': ");
    assertThat(checked.page("Merging").html())
        .contains("Merged maps")
        .contains("error at the border");
  }
}
