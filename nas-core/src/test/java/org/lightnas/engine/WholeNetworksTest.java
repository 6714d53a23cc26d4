package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.space.zoo.NasBench201Space;
import org.lightnas.space.zoo.ShuffleSpace;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The default engine computes in float32 what ND4J computes in float64. */
class WholeNetworksTest {

  /** About 30 layers deep; seen were up to 2e-4, and 2e-6 for most gradients. */
  private static final double ROUNDING = 1e-3;

  @Test
  @Tag("slow")
  void aSmallLightNasNetworkOn28Pixels() {
    check(LightNasSpace.small(new FeatureShape(1, 28, 28), 10), 1);
  }

  @Test
  @Tag("slow")
  void smallLightNasNetworksOn32Pixels() {
    for (int seed = 0; seed < 4; seed++) {
      check(LightNasSpace.small(new FeatureShape(3, 32, 32), 10), seed);
    }
  }

  /**
   * All skips and a few blocks, as every layer has bends. Four times the pixels have more of them
   * and longer sums: the best of eight draws came to 1.3e-3. The hidden layer at the end works on
   * vectors.
   */
  @Test
  @Tag("slow")
  void aNetworkOfThePublishedSpace() {
    SearchSpace space = LightNasSpace.imagenet(new FeatureShape(3, 64, 64), 10);
    LayerGraph graph = LayerGraph.of(space, space.uniform(6).with(4, 0).with(9, 3).with(17, 5));
    WholeNetworks.assertSame(Engine::create, Engine::inDouble, graph, 1, 5 * ROUNDING);
  }

  @Test
  void bothProvidersAgree() {
    SearchSpace space = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);
    WholeNetworks.assertSame(
        () -> Engine.on(new OneDnnKernels()),
        () -> Engine.on(new Nd4jKernels()),
        sampled(space, 9),
        9,
        ROUNDING);
  }

  @Test
  @Tag("slow")
  void networksOfShuffledUnits() {
    SearchSpace space = ShuffleSpace.small(new FeatureShape(3, 16, 16), 10);
    check(space, 2);
    WholeNetworks.assertSame(
        () -> Engine.on(new OneDnnKernels()),
        () -> Engine.on(new Nd4jKernels()),
        sampled(space, 3),
        3,
        ROUNDING);
  }

  /** Edges that read the same node in every way, also nodes that nothing leads to. */
  @Test
  @Tag("slow")
  void cellsOfNasBench201ComputeWhatDl4jDoes() {
    NasBench201Space space = new NasBench201Space(new FeatureShape(3, 8, 8), 10);
    for (int[] picks :
        new int[][] {
          {1, 3, 3, 1, 4, 2}, {4, 2, 1, 2, 1, 3}, {0, 3, 2, 1, 2, 4}, {1, 1, 2, 4, 1, 3}
        }) {
      computesWhatDl4jDoes(space, space.architecture(picks));
    }
  }

  /**
   * Maps that are split, shuffled, joined and passed on; with skips behind units and units behind.
   */
  @Test
  @Tag("slow")
  void networksOfShuffledUnitsComputeWhatDl4jDoes() {
    SearchSpace space = ShuffleSpace.small(new FeatureShape(3, 16, 12), 10);
    computesWhatDl4jDoes(space, space.architecture(9, 12, 25, 40, 39, 38, 7, 16));
    computesWhatDl4jDoes(space, space.architecture(40, 40, 31, 2, 40, 40, 33, 40));
    for (int i = 0; i < 4; i++) {
      computesWhatDl4jDoes(space, space.sample(Seeds.random(i, "shuffled", 0)));
    }
  }

  private static void computesWhatDl4jDoes(SearchSpace space, Architecture architecture) {
    ComputationGraph network = space.network(architecture, 3);
    FeatureShape in = space.input();
    INDArray images = Nd4j.rand(DataType.FLOAT, 4, in.channels(), in.height(), in.width());
    // With untrained statistics sums grow from cell to cell, until softmax says nothing.
    Number size = network.feedForward(images, false).get("pool").amaxNumber();
    network.paramTable().get("classifier_W").divi(size);
    double[] theirs = network.output(images)[0].dup('c').data().asDouble();
    TrainedGraph trained = TrainedGraph.of(network);
    Networks.close(network);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(trained.graph(), 0);
      weights.load(trained.values());
      Plan plan = engine.inference(trained.graph(), weights, 4);
      plan.forward(images.permute(0, 2, 3, 1).dup('c').data().asFloat(), Pass.inference());
      double[] ours = softmax(plan.logits(), 10);
      assertThat(Arrays.stream(ours).max().orElseThrow()).isLessThan(0.9);
      for (int i = 0; i < ours.length; i++) {
        assertThat(theirs[i]).as("%s", architecture).isCloseTo(ours[i], within(1e-4));
      }
    }
  }

  private static double[] softmax(double[] logits, int classes) {
    double[] p = new double[logits.length];
    for (int i = 0; i < p.length; i += classes) {
      double sum = 0;
      double most = Arrays.stream(logits, i, i + classes).max().orElseThrow();
      for (int c = 0; c < classes; c++) {
        p[i + c] = Math.exp(logits[i + c] - most);
        sum += p[i + c];
      }
      for (int c = 0; c < classes; c++) {
        p[i + c] /= sum;
      }
    }
    return p;
  }

  private static void check(SearchSpace space, long seed) {
    WholeNetworks.assertSame(
        Engine::create, Engine::inDouble, sampled(space, seed), seed, ROUNDING);
  }

  private static LayerGraph sampled(SearchSpace space, long seed) {
    return LayerGraph.of(space, space.sample(Seeds.random(seed, "architecture", 0)));
  }
}
