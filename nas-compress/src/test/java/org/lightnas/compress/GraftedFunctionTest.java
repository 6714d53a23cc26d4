package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lightnas.FeatureShape;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.Networks;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.BasicBlock;
import org.lightnas.space.op.Bottleneck;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.ResNet;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What grafted networks compute, in DL4J and in our engine. */
class GraftedFunctionTest {

  private static final FeatureShape MAP = new FeatureShape(8, 9, 9);

  /** Zeros around a map; a multiple of the strides, and more than any padding. */
  private static final int AROUND = 8;

  /** float32, three layers, relative to the largest value. */
  private static final double ROUNDING = 1e-5;

  private static final double VISIBLE = 1e-2;

  static Stream<Arguments> blocks() {
    return Stream.of(
        Arguments.of(new MbConv(3, 2, 8, 1), "all"),
        Arguments.of(new MbConv(5, 3, 6, 2), "all"),
        Arguments.of(new MbConv(7, 2, 8, 1), "all"),
        Arguments.of(new BasicBlock(8, 1), "all"),
        Arguments.of(new BasicBlock(12, 2), "all"),
        Arguments.of(new Bottleneck(4, 2), "all"),
        Arguments.of(new Bottleneck(4, 2), "first_two"));
  }

  /**
   * A convolution padded with zeros computes the same where its map lies within a larger one of
   * zeros. Two convolutions with zeros between them do not, and cannot be one.
   */
  @ParameterizedTest
  @MethodSource("blocks")
  @Tag("slow")
  void linearPartsAreOneConvolutionBordersIncluded(Op op, String linearity) {
    assertThat(changeWithinZeros(op, "none")).isGreaterThan(VISIBLE);
    assertThat(changeWithinZeros(op, linearity)).isLessThan(ROUNDING);
  }

  /** The largest difference relative to the largest value. */
  private static double changeWithinZeros(Op op, String linearity) {
    FeatureShape larger =
        new FeatureShape(MAP.channels(), MAP.height() + 2 * AROUND, MAP.width() + 2 * AROUND);
    INDArray x = random(2, MAP, 5);
    INDArray around =
        Nd4j.zeros(2, larger.channels(), larger.height(), larger.width()).castTo(x.dataType());
    around
        .get(
            NDArrayIndex.all(),
            NDArrayIndex.all(),
            NDArrayIndex.interval(AROUND, AROUND + MAP.height()),
            NDArrayIndex.interval(AROUND, AROUND + MAP.width()))
        .assign(x);
    ComputationGraph small = grafted(op, MAP, linearity);
    ComputationGraph large = grafted(op, larger, linearity);
    FeatureShape out = op.outputShape(MAP);
    int at = out.height() == MAP.height() ? AROUND : AROUND / 2;
    INDArray expected = small.outputSingle(x);
    INDArray actual =
        large
            .outputSingle(around)
            .get(
                NDArrayIndex.all(),
                NDArrayIndex.all(),
                NDArrayIndex.interval(at, at + out.height()),
                NDArrayIndex.interval(at, at + out.width()));
    double change = largest(expected.sub(actual)) / largest(expected);
    Networks.close(small);
    Networks.close(large);
    return change;
  }

  private static double largest(INDArray values) {
    return Arrays.stream(values.dup('c').data().asDouble()).map(Math::abs).max().orElseThrow();
  }

  private static ComputationGraph grafted(Op op, FeatureShape in, String linearity) {
    ComputationGraph block = block(op, in, 3);
    ComputationGraph grafted = grafted(block, in, linearity);
    Networks.close(block);
    return grafted;
  }

  /** The operation by itself, with values as after training. */
  private static ComputationGraph block(Op op, FeatureShape in, long seed) {
    GraphBuilder builder =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutional(in.height(), in.width(), in.channels()));
    return Chain.filled(builder, op.addTo(builder, "block", "in", in), seed);
  }

  private static ComputationGraph grafted(
      ComputationGraph block, FeatureShape in, String linearity) {
    TrainedGraph values = TrainedGraph.of(block, in);
    GraftingSpace space = GraftingSpace.of(values.graph());
    return space.graft(values, space.uniform(0).with("block", linearity), 1).toNetwork();
  }

  private static INDArray random(int images, FeatureShape shape, long seed) {
    double[] values =
        Seeds.random(seed, "images", 0).doubles(images * shape.size(), -1, 1).toArray();
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Nd4j.create(
        floats, new long[] {images, shape.channels(), shape.height(), shape.width()}, 'c');
  }

  /** Where no value is clipped ReLU6 is the identity, and its nearest line has slope 1. */
  @Test
  void awayFromTheKinksOnlyBordersChange() {
    ComputationGraph block = block(new MbConv(3, 2, 8, 1), MAP, 4);
    for (String norm : List.of("block/expand-bn", "block/depthwise-bn")) {
      block.getLayer(norm).getParam("gamma").assign(0.1);
      block.getLayer(norm).getParam("beta").assign(3);
      block.getLayer(norm).getParam("var").assign(1);
    }
    ComputationGraph grafted = grafted(block, MAP, "all");
    assertThat(grafted.getLayer("block/expand-act").getParam("W").minNumber().doubleValue())
        .isCloseTo(1, within(1e-4));
    INDArray x = random(2, MAP, 6);
    INDArray difference = block.outputSingle(x).sub(grafted.outputSingle(x));
    INDArray interior =
        difference.get(
            NDArrayIndex.all(),
            NDArrayIndex.all(),
            NDArrayIndex.interval(1, 8),
            NDArrayIndex.interval(1, 8));
    assertThat(largest(interior)).isLessThan(1e-3);
    assertThat(largest(difference)).isGreaterThan(VISIBLE);
    Networks.close(block);
    Networks.close(grafted);
  }

  /** Without expansion there is one activation, and the answer is linear in what it makes. */
  @Test
  void onTheWayTheFunctionIsBetweenTheTwo() {
    Op op = new MbConv(3, 1, 6, 2);
    ComputationGraph block = block(op, MAP, 5);
    TrainedGraph values = TrainedGraph.of(block, MAP);
    GraftingSpace space = GraftingSpace.of(values.graph());
    ComputationGraph grafted = space.graft(values, space.uniform(1), 1).toNetwork();
    ComputationGraph halfway = space.graft(values, space.uniform(1), 0.25).toNetwork();
    INDArray x = random(2, MAP, 9);
    INDArray expected = block.outputSingle(x).mul(0.75).add(grafted.outputSingle(x).mul(0.25));
    assertThat(largest(expected.sub(halfway.outputSingle(x))) / largest(expected))
        .isLessThan(ROUNDING);
    assertThat(largest(block.outputSingle(x).sub(grafted.outputSingle(x)))).isGreaterThan(VISIBLE);
    Networks.close(block);
    Networks.close(grafted);
    Networks.close(halfway);
  }

  @Test
  @Tag("slow")
  void engineAndDl4jAgree() {
    FeatureShape images = new FeatureShape(3, 16, 16);
    for (LayeredSpace network :
        List.of(MobileNetV2.of(0.25, images, 5), ResNet.of(20, 0.5, images, 5))) {
      ComputationGraph plain = network.network(network.uniform(0), 7);
      Chain.fill(plain, 7);
      GraftingSpace space = GraftingSpace.of(plain);
      ComputationGraph grafted = space.graft(plain, space.uniform(1));
      INDArray x = random(2, images, 8);
      INDArray expected = grafted.outputSingle(x);
      TrainedGraph values = TrainedGraph.of(grafted);
      try (Engine engine = Engine.create();
          Weights weights = new Weights(engine.type())) {
        weights.ensure(values.graph(), 0);
        weights.load(values.values());
        Plan plan = engine.inference(values.graph(), weights, 2);
        plan.forward(x.permute(0, 2, 3, 1).dup('c').data().asFloat(), Pass.inference());
        double[] logits = plan.logits();
        for (int n = 0; n < 2; n++) {
          double[] row = Arrays.copyOfRange(logits, 5 * n, 5 * n + 5);
          double most = Arrays.stream(row).max().orElseThrow();
          double sum = Arrays.stream(row).map(v -> Math.exp(v - most)).sum();
          // Else a network that forgets its images would do.
          assertThat(most).isGreaterThan(Arrays.stream(row).min().orElseThrow() + VISIBLE);
          for (int c = 0; c < 5; c++) {
            assertThat(Math.exp(row[c] - most) / sum)
                .isCloseTo(expected.getDouble(n, c), within(1e-4));
          }
        }
      }
      Networks.close(plain);
      Networks.close(grafted);
    }
  }
}
