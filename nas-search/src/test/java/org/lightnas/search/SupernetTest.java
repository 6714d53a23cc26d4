package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.data.ImageData;
import org.lightnas.data.Pixels;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class SupernetTest {

  private static final int BATCH = 16;
  private static final long SEED = 5;
  private static final ImageData IMAGES = Tiny.images(64, 6);

  private final int[] labels = new int[BATCH];
  private final Pixels nhwc = new Pixels.Floats(Tiny.batch(IMAGES, BATCH, labels));

  private static Supernet supernet(boolean gated) {
    return new Supernet(
        Tiny.SPACE,
        BATCH,
        SEED,
        0.1,
        new Supernet.Abilities(gated, true, false, false, false),
        1 << 20);
  }

  @Test
  void findsTheResultOfEveryChoiceOfALayeredSpace() {
    LayerGraph graph = LayerGraph.of(Tiny.SPACE, Tiny.SPACE.architecture(0, 1, 0));
    assertThat(ChoiceResults.of(graph, Tiny.SPACE))
        .containsExactly(
            Map.entry(0, List.of("one/k3e2/add")),
            Map.entry(1, List.of("two/k5e2/project-bn")),
            Map.entry(2, List.of("three/k3e1/add")));
    LayerGraph skips = LayerGraph.of(Tiny.SPACE, Tiny.SPACE.architecture(2, 2, 1));
    assertThat(ChoiceResults.of(skips, Tiny.SPACE))
        .containsExactly(
            Map.entry(0, List.of("one/skip/identity")),
            Map.entry(1, List.of("two/skip/conv-act")),
            Map.entry(2, List.of("three/skip/identity")));
  }

  /** A choice that stands in two places, each of which makes a map that the rest reads. */
  private record TwoResults() implements SearchSpace {

    private record Twin(String id) implements Candidate {}

    @Override
    public String name() {
      return "twins";
    }

    @Override
    public FeatureShape input() {
      return Tiny.INPUT;
    }

    @Override
    public int classes() {
      return Tiny.CLASSES;
    }

    @Override
    public List<Choice> choices() {
      return List.of(new Choice("twin", List.of(new Twin("a"))));
    }

    @Override
    public ComputationGraphConfiguration toConfiguration(Architecture architecture) {
      return new NeuralNetConfiguration.Builder()
          .graphBuilder()
          .addInputs("in")
          .setInputTypes(InputType.convolutional(12, 12, 3))
          .addLayer("twin/left", convolution(), "in")
          .addLayer("twin/right", convolution(), "in")
          .addVertex("both", new MergeVertex(), "twin/left", "twin/right")
          .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "both")
          .addLayer(
              "out",
              new OutputLayer.Builder(LossFunction.MCXENT)
                  .nIn(8)
                  .nOut(3)
                  .activation(Activation.SOFTMAX)
                  .build(),
              "pool")
          .setOutputs("out")
          .build();
    }

    private static ConvolutionLayer convolution() {
      return new ConvolutionLayer.Builder(1, 1)
          .nIn(3)
          .nOut(4)
          .activation(Activation.IDENTITY)
          .build();
    }
  }

  @Test
  void refusesGatesForAChoiceWithAResultThatMakesAnotherAndNamesThem() {
    FeatureShape shape = new FeatureShape(8, 12, 12);
    LayerGraph graph =
        new LayerGraph(
            List.of(
                new Node.Input("in", shape),
                new Node.Scale("twin/a", List.of("in"), shape, 2),
                new Node.Scale("twin/b", List.of("twin/a"), shape, 3),
                new Node.Add("out", List.of("twin/a", "twin/b"), shape)),
            "out");
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> ChoiceResults.of(graph, new TwoResults()))
        .withMessage(
            "Choice 'twin' of space 'twins' has several results that depend on each other:"
                + " [twin/a, twin/b].\nMaybe join them in one vertex that the rest of the network"
                + " reads, or take Estimator.PATHS.");
  }

  /** What reads both results is linear: a factor on both is one on its weights. */
  @Test
  void theGateOfAChoiceInTwoPlacesIsTheDerivativeByAFactorOnBoth() {
    SearchSpace space = new TwoResults();
    Architecture architecture = space.uniform(0);
    LayerGraph graph = LayerGraph.of(space, architecture);
    assertThat(ChoiceResults.of(graph, space))
        .containsExactly(Map.entry(0, List.of("twin/left", "twin/right")));
    try (Supernet supernet =
        new Supernet(
            space,
            BATCH,
            SEED,
            0.1,
            new Supernet.Abilities(true, true, false, false, false),
            1 << 20)) {
      double gate = supernet.gates(architecture, nhwc, labels, 0).picked()[0];
      Map<String, double[]> values = supernet.values(architecture);
      double h = 1e-2;
      double up = loss(space, architecture, values, "out/W", 1 + h);
      double down = loss(space, architecture, values, "out/W", 1 - h);
      assertThat(gate).isEqualTo((up - down) / (2 * h), within(1e-3));
      assertThat(Math.abs(gate)).isGreaterThan(1e-2);
    }
  }

  /** A mapping runs beside every candidate, so it learns when the candidate does not, too. */
  @Test
  void identityMappingsLearnFromAllPaths() {
    Architecture path = Tiny.SPACE.architecture(0, 0, 0);
    try (Supernet supernet =
        new Supernet(
            Tiny.SPACE,
            BATCH,
            SEED,
            0.1,
            new Supernet.Abilities(false, true, true, true, false),
            1 << 20)) {
      supernet.mapIdentity(1);
      supernet.addToSum(path, nhwc, labels, 0, choice -> choice != 1);
      supernet.applySum(0.05);
      Map<String, double[]> all = supernet.snapshot();
      assertThat(all.get("updates/two/mapped/0/conv/W")).containsExactly(1);
      assertThat(all.get("updates/two/mapped/0/bn/gamma")).containsExactly(1);
      assertThat(all.get("updates/two/k3e2/expand/W")).containsExactly(0);
      assertThat(all.get("updates/one/k3e2/expand/W")).containsExactly(1);
    }
  }

  @Test
  void hasNoGateGradientsUnlessMadeForThem() {
    try (Supernet supernet = supernet(false)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> supernet.gates(Tiny.SPACE.uniform(0), nhwc, labels, 0))
          .withMessage("This supernet was made without gates.");
    }
  }

  private double alone(Architecture architecture, Map<String, double[]> values) {
    LayerGraph graph = LayerGraph.of(Tiny.SPACE, architecture);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 99);
      weights.load(values);
      Plan plan = engine.training(graph, weights, BATCH, Set.of());
      plan.forward(nhwc, Pass.training(0));
      return plan.loss(labels, 0.1).mean();
    }
  }

  @Test
  void aPathLosesWhatItsNetworkAloneLosesWithTheSameWeights() {
    try (Supernet supernet = supernet(false)) {
      for (int step = 0; step < 12; step++) {
        Architecture trained = new FairPaths(Tiny.SPACE, SEED).at(step);
        supernet.train(trained, nhwc, labels, step, 0.05);
      }
      for (int[] picks : new int[][] {{0, 1, 0}, {2, 2, 1}, {1, 0, 1}}) {
        Architecture architecture = Tiny.SPACE.architecture(picks);
        assertThat(supernet.loss(architecture, nhwc, labels, 0))
            .isEqualTo(alone(architecture, supernet.values(architecture)));
      }
    }
  }

  @Test
  void trainingOnePathLeavesEverythingElseBitEqual() {
    Architecture trained = Tiny.SPACE.architecture(0, 1, 0);
    Architecture other = Tiny.SPACE.architecture(1, 2, 1);
    try (Supernet supernet = supernet(true)) {
      supernet.train(other, nhwc, labels, 0, 0.05); // momentum must not keep it moving either
      Map<String, double[]> before = new LinkedHashMap<>(supernet.values(other));
      Map<String, double[]> own = supernet.values(trained);
      double loss = supernet.train(trained, nhwc, labels, 1, 0.05);
      assertThat(loss).isPositive();
      Map<String, double[]> after = supernet.values(other);
      int untouched = 0;
      for (Map.Entry<String, double[]> tensor : after.entrySet()) {
        if (!own.containsKey(tensor.getKey())) {
          assertThat(tensor.getValue())
              .as(tensor.getKey())
              .containsExactly(before.get(tensor.getKey()));
          untouched++;
        }
      }
      assertThat(untouched).isGreaterThan(10);
      assertThat(after.get("stem/0/conv/W")).isNotEqualTo(before.get("stem/0/conv/W"));
      assertThat(supernet.values(trained).get("one/k3e2/expand/W"))
          .isNotEqualTo(own.get("one/k3e2/expand/W"));
    }
  }

  @Test
  void lookingAtALossOrAtGatesChangesNothing() {
    Architecture architecture = Tiny.SPACE.architecture(0, 1, 0);
    try (Supernet supernet = supernet(true)) {
      Map<String, double[]> before = supernet.values(architecture);
      double loss = supernet.loss(architecture, nhwc, labels, 0);
      assertThat(supernet.gates(architecture, nhwc, labels, 0).loss()).isEqualTo(loss);
      supernet
          .values(architecture)
          .forEach((name, values) -> assertThat(values).as(name).isEqualTo(before.get(name)));
    }
  }

  @Test
  void trainingLowersTheLoss() {
    try (Supernet supernet = supernet(false)) {
      Architecture architecture = Tiny.SPACE.architecture(0, 0, 0);
      double before = supernet.loss(architecture, nhwc, labels, 0);
      for (int step = 0; step < 30; step++) {
        supernet.train(architecture, nhwc, labels, step, 0.05);
      }
      assertThat(supernet.loss(architecture, nhwc, labels, 0)).isLessThan(0.7 * before);
    }
  }

  @Test
  void saysBeforehandWhatMemoryItWillTake() {
    for (boolean gated : new boolean[] {false, true}) {
      try (Supernet supernet = supernet(gated)) {
        MemoryEstimate needed = supernet.memoryNeeded();
        assertThat(supernet.memoryTaken().weightBytes()).isZero();
        assertThat(supernet.memoryTaken().activationBytes()).isLessThan(100);
        for (Architecture architecture : PlainSpace.all(Tiny.SPACE)) {
          supernet.train(architecture, nhwc, labels, 0, 0.01);
        }
        MemoryEstimate taken = supernet.memoryTaken();
        assertThat(needed.weightBytes()).isEqualTo(taken.weightBytes());
        assertThat(needed.activationBytes())
            .isCloseTo(taken.activationBytes(), withinPercentage(5));
      }
    }
  }

  /** Where choices matter to each other, the largest path is found choice by choice. */
  @Test
  void noPathOfTheZooIsLargerThanItSays() {
    LayeredSpace space = LightNasSpace.small(new FeatureShape(3, 32, 32), 10);
    try (Supernet supernet =
        new Supernet(space, 64, SEED, 0.1, Supernet.Abilities.plain(false), 1 << 20)) {
      long needed = supernet.memoryNeeded().activationBytes();
      long largest = 0;
      for (int i = 0; i < 300; i++) {
        Architecture path = space.sample(Seeds.random(SEED, "paths", i));
        largest = Math.max(largest, supernet.activationBytes(path));
      }
      for (int k = 0; k < 7; k++) {
        largest = Math.max(largest, supernet.activationBytes(space.uniform(k)));
      }
      assertThat(largest).isLessThanOrEqualTo((long) (1.05 * needed));
      assertThat(needed).isLessThan((long) (1.05 * largest));
    }
  }

  @Test
  void memoryReadsWell() {
    assertThat(new MemoryEstimate(3_355_443, 42_991_616))
        .hasToString("weights 3.2 MiB, activations 41.0 MiB");
  }

  /**
   * The reason for {@link Estimator#PATHS}. Behind "cancelled" and "last" stands a convolution with
   * batch norm, which undoes any factor on its input but for its eps; what "kept" makes is also
   * added to the output of the block after it, where its size matters.
   */
  @Test
  void theGateGradientIsZeroWhereOnlyAConvolutionWithBatchNormReads() {
    LayeredSpace space =
        LayeredSpace.named("gates", Tiny.INPUT, Tiny.CLASSES)
            .stem(new ConvBnAct(3, 8, 1))
            .choice("cancelled", new ConvBnAct(3, 8, 1), new SkipConnect(8, 1))
            .choice("kept", new MbConv(3, 2, 16, 2), new SkipConnect(16, 2))
            .choice("last", new MbConv(3, 2, 16, 1))
            .head(new ConvBnAct(1, 16, 1))
            .build();
    Architecture architecture = space.architecture(0, 0, 0);
    try (Supernet supernet =
        new Supernet(
            space,
            BATCH,
            SEED,
            0.1,
            new Supernet.Abilities(true, true, false, false, false),
            1 << 20)) {
      for (int step = 0; step < 10; step++) {
        supernet.train(architecture, nhwc, labels, step, 0.02);
      }
      double[] gates = supernet.gates(architecture, nhwc, labels, 0).picked();
      // Seen: 7e-7, -0.065, -1e-4.
      assertThat(Math.abs(gates[1])).isGreaterThan(0.01);
      assertThat(Math.abs(gates[0])).isLessThan(0.01 * Math.abs(gates[1]));
      assertThat(Math.abs(gates[2])).isLessThan(0.01 * Math.abs(gates[1]));
    }
  }

  /** Behind the last choice are only pooling and classifier: a factor is one on its weights. */
  @Test
  void aGateThatMattersIsTheDerivativeByAFactor() {
    LayeredSpace space =
        LayeredSpace.named("end", Tiny.INPUT, Tiny.CLASSES)
            .stem(new ConvBnAct(3, 8, 1))
            .choice("end", new ConvBnAct(3, 8, 1), new SkipConnect(8, 1))
            .build();
    Architecture architecture = space.architecture(0);
    try (Supernet supernet =
        new Supernet(
            space,
            BATCH,
            SEED,
            0.1,
            new Supernet.Abilities(true, true, false, false, false),
            1 << 20)) {
      double gate = supernet.gates(architecture, nhwc, labels, 0).picked()[0];
      Map<String, double[]> values = supernet.values(architecture);
      double h = 1e-2;
      double up = loss(space, architecture, values, "classifier/W", 1 + h);
      double down = loss(space, architecture, values, "classifier/W", 1 - h);
      assertThat(gate).isEqualTo((up - down) / (2 * h), within(1e-3));
      assertThat(Math.abs(gate)).isGreaterThan(1e-2);
    }
  }

  private double loss(
      SearchSpace space,
      Architecture architecture,
      Map<String, double[]> values,
      String tensor,
      double factor) {
    LayerGraph graph = LayerGraph.of(space, architecture);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, SEED);
      weights.load(values);
      weights.get(tensor).value().muli(factor);
      weights.get(tensor).changed();
      Plan plan = engine.training(graph, weights, BATCH, Set.of());
      plan.forward(nhwc, Pass.shared(0));
      return plan.loss(labels, 0.1).mean();
    }
  }
}
