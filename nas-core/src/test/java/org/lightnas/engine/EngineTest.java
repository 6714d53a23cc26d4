package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.Samples;
import org.lightnas.internal.Seeds;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

class EngineTest {

  private static final FeatureShape INPUT = new FeatureShape(3, 12, 10);
  private static final LayeredSpace SPACE =
      LayeredSpace.named("test", INPUT, 4)
          .stem(new ConvBnAct(3, 8, 1))
          .choice("a", new MbConv(3, 3, 8, 1), new SkipConnect(8, 1))
          .choice("b", new MbConv(5, 2, 16, 2), new SkipConnect(16, 2))
          .choice("c", new MbConv(3, 1, 16, 1), new SkipConnect(16, 1))
          .head(new ConvBnAct(1, 24, 1))
          .build();

  /** The same numbers for DL4J (NCHW) and the engine (NHWC). */
  private static float[] nhwc(INDArray nchw) {
    return nchw.permute(0, 2, 3, 1).dup('c').data().asFloat();
  }

  private static int[] labels(int batch, int classes) {
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = (3 * i + 1) % classes;
    }
    return labels;
  }

  private static double[] softmax(double[] logits, int classes) {
    double[] p = new double[logits.length];
    for (int n = 0; n < p.length; n += classes) {
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += Math.exp(logits[n + c]);
      }
      for (int c = 0; c < classes; c++) {
        p[n + c] = Math.exp(logits[n + c]) / sum;
      }
    }
    return p;
  }

  @Test
  void infersWhatDl4jInfersForEveryKindOfNode() {
    ComputationGraph network = new ComputationGraph(Samples.everything());
    network.init();
    Samples.scramble(network, 11);
    assertSameInference(network, Samples.EVERYTHING_INPUT, 5);
  }

  @Test
  void infersWhatDl4jInfersForANetworkOfASpace() {
    ComputationGraph network = SPACE.network(SPACE.architecture(0, 0, 1), 3);
    Samples.scramble(network, 12);
    assertSameInference(network, INPUT, 4);
  }

  private static void assertSameInference(
      ComputationGraph network, FeatureShape input, int classes) {
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    INDArray images = Samples.images(input, 6, 1);
    double[] expected = network.outputSingle(images).dup('c').data().asDouble();
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, 0);
      weights.load(NetworkValues.read(network, graph));
      Plan plan = engine.inference(graph, weights, 6);
      plan.forward(nhwc(images), Pass.inference());
      assertThat(softmax(plan.logits(), classes)).containsExactly(expected, within(1e-5));
    }
  }

  /** One plain SGD step of DL4J and of the engine from the same weights, tensor by tensor. */
  @Test
  void stepsAsDl4jSteps() {
    ComputationGraph network = SPACE.network(SPACE.architecture(0, 0, 0), 5);
    Samples.scramble(network, 6);
    network.setLearningRate(0.1);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    Map<String, double[]> before = NetworkValues.read(network, graph);
    INDArray images = Samples.images(INPUT, 8, 2);
    int[] labels = labels(8, 4);
    INDArray oneHot = Nd4j.zeros(8, 4);
    for (int i = 0; i < 8; i++) {
      oneHot.putScalar(i, labels[i], 1);
    }
    network.fit(new DataSet(images, oneHot));
    Map<String, double[]> dl4j = NetworkValues.read(network, graph);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, 0);
      weights.load(before);
      Plan plan = engine.training(graph, weights, 8, Set.of());
      plan.forward(nhwc(images), Pass.training(0));
      plan.loss(labels, 0);
      plan.backward();
      for (Weight weight : plan.touched()) {
        weight.value().subi(weight.gradient().mul(0.1));
      }
      Map<String, double[]> ours = weights.values(graph);
      assertThat(dl4j.keySet()).isEqualTo(ours.keySet());
      dl4j.forEach(
          (name, expected) ->
              assertThat(relative(ours.get(name), expected, before.get(name)))
                  .as(name)
                  .isLessThan(1e-3));
    }
  }

  /** ||a - b|| / max(||b - start||, 1e-3): the error of the step, not of the weights. */
  private static double relative(double[] a, double[] b, double[] start) {
    double error = 0;
    double step = 0;
    for (int i = 0; i < a.length; i++) {
      error += (a[i] - b[i]) * (a[i] - b[i]);
      step += (b[i] - start[i]) * (b[i] - start[i]);
    }
    return Math.sqrt(error) / Math.max(Math.sqrt(step), 1e-3);
  }

  @Test
  @Tag("slow")
  void gradientsOfEveryKindOfNodeAgreeWithFiniteDifferences() {
    ComputationGraph network = new ComputationGraph(Samples.everything());
    network.init();
    Samples.scramble(network, 21);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    checkGradients(graph, NetworkValues.read(network, graph), Samples.EVERYTHING_INPUT, 5);
  }

  @Test
  @Tag("slow")
  void gradientsOfASpacesNetworkAgreeWithFiniteDifferences() {
    ComputationGraph network = SPACE.network(SPACE.architecture(0, 0, 1), 3);
    Samples.scramble(network, 22);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    checkGradients(graph, NetworkValues.read(network, graph), INPUT, 4);
  }

  /** Values that several sums read, and one that a sum reads twice: gradients meet in memory. */
  @Test
  void gradientsThroughSharedSummandsAgreeWithFiniteDifferences() {
    FeatureShape input = new FeatureShape(2, 5, 4);
    var configuration =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(InputType.convolutionalFlat(5, 4, 2))
            .addLayer("a", convolution(), "in")
            .addLayer("b", convolution(), "in")
            .addVertex("one", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "b")
            .addVertex("two", new ElementWiseVertex(ElementWiseVertex.Op.Add), "a", "one", "b")
            .addVertex("three", new ElementWiseVertex(ElementWiseVertex.Op.Add), "two", "two")
            .addVertex("square", new ElementWiseVertex(ElementWiseVertex.Op.Product), "one", "one")
            .addLayer("same", new ActivationLayer(Activation.IDENTITY), "three")
            .addVertex("four", new ElementWiseVertex(ElementWiseVertex.Op.Add), "same", "three")
            .addVertex("last", new MergeVertex(), "four", "square")
            .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "last")
            .addLayer(
                "out",
                new OutputLayer.Builder().nOut(3).activation(Activation.SOFTMAX).build(),
                "pool")
            .setOutputs("out")
            .build();
    ComputationGraph network = new ComputationGraph(configuration);
    network.init();
    Samples.scramble(network, 23);
    LayerGraph graph = LayerGraph.read(configuration);
    assertThat(graph.nodes()).noneMatch(Node.Opaque.class::isInstance);
    checkGradients(graph, NetworkValues.read(network, graph), input, 3);
    assertSameInference(network, input, 3);
  }

  private static ConvolutionLayer convolution() {
    return new ConvolutionLayer.Builder(3, 3)
        .padding(1, 1)
        .nOut(4)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static void checkGradients(
      LayerGraph graph, Map<String, double[]> values, FeatureShape input, int classes) {
    int batch = 3;
    INDArray images = Samples.images(input, batch, 4);
    int[] labels = labels(batch, classes);
    double h = 1e-6;
    try (Engine engine = Engine.inDouble();
        Weights weights = new Weights(DataType.DOUBLE)) {
      weights.ensure(graph, 0);
      weights.load(values);
      Plan plan = engine.training(graph, weights, batch, Set.of());
      Pass pass = Pass.shared(7);
      plan.forward(nhwc(images), pass);
      plan.loss(labels, 0.1);
      plan.backward();
      Map<String, double[]> gradients = new HashMap<>();
      for (Weight weight : plan.touched()) {
        gradients.put(weight.parameter().name(), weight.gradient().dup('c').data().asDouble());
      }
      RandomGenerator random = Seeds.random(1, "coordinates", 0);
      int checked = 0;
      for (Parameter parameter : graph.parameters()) {
        if (!parameter.trained()) {
          continue;
        }
        INDArray value = weights.get(parameter.name()).value().reshape(parameter.size());
        for (int k = 0; k < 4; k++) {
          long i = random.nextLong(parameter.size());
          double kept = value.getDouble(i);
          double[] loss = new double[2];
          for (int side = 0; side < 2; side++) {
            value.putScalar(i, kept + (side == 0 ? h : -h));
            plan.forward(nhwc(images), pass);
            loss[side] = plan.loss(labels, 0.1).mean();
          }
          value.putScalar(i, kept);
          double expected = (loss[0] - loss[1]) / (2 * h);
          assertThat(gradients.get(parameter.name())[(int) i])
              .as(parameter.name() + "[" + i + "]")
              .isCloseTo(expected, within(1e-6 + 1e-4 * Math.abs(expected)));
          checked++;
        }
      }
      assertThat(checked).isGreaterThanOrEqualTo(4 * 6);
    }
  }

  /** A gate's gradient is the derivative by a factor on the node, here put there as a scale. */
  @Test
  @Tag("slow")
  void aGatesGradientIsTheDerivativeByAFactor() {
    ComputationGraph network = SPACE.network(SPACE.architecture(0, 0, 1), 3);
    Samples.scramble(network, 31);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    Map<String, double[]> values = NetworkValues.read(network, graph);
    for (String gate : List.of("a/k3e3/add", "b/k5e2/project-bn", "c/skip/identity")) {
      double[] loss = new double[2];
      double h = 1e-5;
      for (int side = 0; side < 2; side++) {
        loss[side] = scaledLoss(graph, values, gate, side == 0 ? 1 + h : 1 - h);
      }
      try (Engine engine = Engine.inDouble();
          Weights weights = new Weights(DataType.DOUBLE)) {
        weights.ensure(graph, 0);
        weights.load(values);
        Plan plan = engine.training(graph, weights, 3, Set.of(gate));
        plan.forward(nhwc(Samples.images(INPUT, 3, 4)), Pass.shared(0));
        plan.loss(labels(3, 4), 0);
        plan.backward();
        double expected = (loss[0] - loss[1]) / (2 * h);
        assertThat(plan.gate(gate).factor())
            .as(gate)
            .isCloseTo(expected, within(1e-7 + 1e-4 * Math.abs(expected)));
      }
    }
  }

  private static double scaledLoss(
      LayerGraph graph, Map<String, double[]> values, String gate, double factor) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(
          node.withInputs(
              node.inputs().stream().map(in -> in.equals(gate) ? "factor" : in).toList()));
      if (node.name().equals(gate)) {
        nodes.add(new Node.Scale("factor", List.of(gate), node.output(), factor));
      }
    }
    LayerGraph scaled = new LayerGraph(nodes, graph.outputName());
    try (Engine engine = Engine.inDouble();
        Weights weights = new Weights(DataType.DOUBLE)) {
      weights.ensure(scaled, 0);
      weights.load(values);
      Plan plan = engine.training(scaled, weights, 3, Set.of());
      plan.forward(nhwc(Samples.images(INPUT, 3, 4)), Pass.shared(0));
      return plan.loss(labels(3, 4), 0).mean();
    }
  }

  /** What reads such an activation needs no values going backward, but the activation does. */
  @Test
  void activationsMixedWithTheirInputsHaveTheGradientsOfDoublePrecision() {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.architecture(0, 0, 0));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Activate f) {
        List<String> of = f.inputs();
        FeatureShape shape = f.output();
        nodes.add(new Node.Activate(f.name() + ":bent", of, shape, f.function()));
        nodes.add(new Node.Scale(f.name() + ":half", List.of(f.name() + ":bent"), shape, 0.5));
        nodes.add(new Node.Scale(f.name() + ":line", of, shape, 0.25));
        nodes.add(new Node.Add(f.name(), List.of(f.name() + ":half", f.name() + ":line"), shape));
      } else {
        nodes.add(node);
      }
    }
    LayerGraph mixed = new LayerGraph(nodes, graph.outputName());
    Map<String, double[]> values;
    try (Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(mixed, 3);
      values = weights.values(mixed);
    }
    Map<String, double[]> exact = gradients(Engine.inDouble(), mixed, values);
    Map<String, double[]> ours = gradients(Engine.create(), mixed, values);
    exact.forEach(
        (name, expected) -> {
          double most = Arrays.stream(expected).map(Math::abs).max().orElse(0);
          assertThat(ours.get(name)).as(name).containsExactly(expected, within(1e-3 * most + 1e-5));
        });
  }

  private static Map<String, double[]> gradients(
      Engine engine, LayerGraph graph, Map<String, double[]> values) {
    try (engine;
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 0);
      weights.load(values);
      Plan plan = engine.training(graph, weights, 8, Set.of());
      plan.forward(nhwc(Samples.images(INPUT, 8, 2)), Pass.shared(0));
      plan.loss(labels(8, 4), 0);
      plan.backward();
      Map<String, double[]> gradients = new HashMap<>();
      for (Weight weight : plan.touched()) {
        gradients.put(weight.parameter().name(), weight.gradient().dup('c').data().asDouble());
      }
      return gradients;
    }
  }

  @Test
  void plansTakeTurnsInOneArenaWithoutChangingResults() {
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      LayerGraph large = LayerGraph.of(SPACE, SPACE.architecture(0, 0, 0));
      LayerGraph small = LayerGraph.of(SPACE, SPACE.architecture(1, 1, 1));
      weights.ensure(large, 1);
      weights.ensure(small, 1);
      float[] images = nhwc(Samples.images(INPUT, 4, 4));
      Plan first = engine.training(small, weights, 4, Set.of());
      double[] before = gradient(first, images);
      Plan second = engine.training(large, weights, 4, Set.of());
      gradient(second, images);
      assertThat(gradient(first, images)).isEqualTo(before);
      assertThat(engine.arenaBytes()).isEqualTo(second.activationBytes());
      assertThat(second.activationBytes()).isGreaterThan(first.activationBytes());
    }
  }

  @Test
  void aClosedEngineRunsNothing() {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.architecture(1, 1, 1));
    float[] images = nhwc(Samples.images(INPUT, 4, 4));
    Engine engine = Engine.create();
    try (Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, 1);
      Plan plan = engine.training(graph, weights, 4, Set.of());
      gradient(plan, images);
      engine.close();
      engine.close();
      assertThatThrownBy(() -> plan.forward(images, Pass.inference()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "This engine is closed, so no plan of it can be made or run any more.\n"
                  + "Maybe close it after its last plan has run.");
      assertThatThrownBy(() -> engine.inference(graph, weights, 4))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aPlanForInferenceRunsNoTrainingPass() {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.architecture(1, 1, 1));
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, 1);
      Plan plan = engine.inference(graph, weights, 4);
      assertThatThrownBy(() -> plan.forward(new float[4 * 3 * 12 * 10], Pass.training(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "This plan was made for inference and cannot run a training pass.\nMaybe use"
                  + " Engine.training.");
      assertThatThrownBy(() -> plan.forward(new float[5], Pass.inference()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "A batch of 4 images of "
                  + graph.input()
                  + " has 1440 values, but got 5.\nMaybe make a plan for another batch size.");
    }
  }

  private static double[] gradient(Plan plan, float[] images) {
    plan.forward(images, Pass.shared(0));
    plan.loss(labels(4, 4), 0);
    plan.backward();
    return plan.touched().get(0).gradient().dup('c').data().asDouble();
  }

  @Test
  void initialWeightsDependOnSeedAndNameAlone() {
    LayerGraph one = LayerGraph.of(SPACE, SPACE.architecture(0, 0, 0));
    LayerGraph other = LayerGraph.of(SPACE, SPACE.architecture(1, 0, 1));
    try (Weights a = new Weights(DataType.FLOAT);
        Weights b = new Weights(DataType.FLOAT);
        Weights c = new Weights(DataType.FLOAT)) {
      a.ensure(one, 9);
      b.ensure(other, 9);
      b.ensure(one, 9);
      c.ensure(one, 10);
      String name = "b/k5e2/expand/W";
      assertThat(a.get(name).value()).isEqualTo(b.get(name).value());
      assertThat(a.get(name).value()).isNotEqualTo(c.get(name).value());
    }
  }

  @Test
  void refusesTwoShapesUnderOneName() {
    LayeredSpace wide =
        LayeredSpace.named("test", INPUT, 4)
            .stem(new ConvBnAct(3, 16, 1))
            .choice("a", new SkipConnect(16, 1))
            .build();
    try (Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(LayerGraph.of(SPACE, SPACE.uniform(0)), 0);
      assertThatThrownBy(() -> weights.ensure(LayerGraph.of(wide, wide.uniform(0)), 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("Tensor 'stem/0/conv/W' is needed as [3, 3, 3, 16]")
          .hasMessageContaining("made it [3, 3, 3, 8]")
          .hasMessageContaining("Maybe give the two operations different weight keys");
      assertThatThrownBy(() -> weights.get("nowhere/W"))
          .hasMessageContaining("no tensor 'nowhere/W'");
    }
  }

  @Test
  void refusesANetworkThatDoesNotClassify() {
    var configuration = Samples.everything();
    var vertex =
        (org.deeplearning4j.nn.conf.graph.LayerVertex) configuration.getVertices().get("out");
    ((OutputLayer) vertex.getLayerConf().getLayer())
        .setActivationFn(Activation.SIGMOID.getActivationFunction());
    LayerGraph graph = LayerGraph.read(configuration);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      assertThatThrownBy(() -> engine.inference(graph, weights, 1))
          .isInstanceOf(NasException.class)
          .hasMessageContaining("The network ends in 'out'")
          .hasMessageContaining("Activation.SOFTMAX");
    }
  }

  @Test
  void refusesTheBackwardPassOfAnInferencePlanAndAnUnknownGate() {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.uniform(0));
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, 0);
      Plan plan = engine.inference(graph, weights, 1);
      assertThatThrownBy(plan::backward)
          .hasMessage(
              "This plan was made for inference and cannot run backward.\n"
                  + "Maybe use Engine.training.");
      assertThatThrownBy(() -> plan.gate("x")).hasMessageContaining("'x' is no gate");
    }
  }

  @Test
  void refusesWhatCannotBeTrained() {
    FeatureShape shape = new FeatureShape(2, 1, 1);
    Node in = new Node.Input("in", shape);
    Node end = new Node.Softmax("end", List.of("scaled"), shape);
    Node scaled = new Node.Scale("scaled", List.of("in"), shape, 2);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      Node idle = new Node.Scale("idle", List.of("in"), shape, 2);
      LayerGraph withIdle = new LayerGraph(List.of(in, idle, scaled, end), "end");
      assertThatThrownBy(() -> engine.training(withIdle, weights, 1, Set.of()))
          .isInstanceOf(NasException.class)
          .hasMessage(
              "Nothing reads the result of 'idle', so it cannot be trained.\n"
                  + "Maybe leave the vertex out.");
      Node inner = new Node.Softmax("inner", List.of("in"), shape);
      Node reader = new Node.Scale("scaled", List.of("inner"), shape, 2);
      LayerGraph withInner = new LayerGraph(List.of(in, inner, reader, end), "end");
      assertThatThrownBy(() -> engine.inference(withInner, weights, 1))
          .isInstanceOf(NasException.class)
          .hasMessage(
              "The class probabilities 'inner' are read inside the network.\n"
                  + "Maybe use a layer with Activation.SOFTMAX there, which runs through DL4J"
                  + " itself.");
    }
  }

  @Test
  void countsTheBytesOfValuesAndState() {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.uniform(1));
    try (Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, 0);
      long all = graph.parameters().stream().mapToLong(Parameter::size).sum();
      assertThat(weights.bytes()).isEqualTo(4 * all);
      Weight kernel = weights.get("stem/0/conv/W");
      new Optimizer.Adam(0.9, 0.999).update(kernel, 0.1, 0);
      assertThat(weights.bytes()).isEqualTo(4 * (all + 2 * kernel.parameter().size()));
    }
  }

  @Test
  void updatesRunningStatisticsOnlyWhereThePassSaysSo() {
    LayerGraph graph = LayerGraph.of(SPACE, SPACE.uniform(0));
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, 0);
      Plan plan = engine.training(graph, weights, 4, Set.of());
      float[] images = nhwc(Samples.images(INPUT, 4, 4));
      Weight mean = weights.get("stem/0/conv-bn/mean");
      plan.forward(images, Pass.shared(0));
      assertThat(mean.value().amaxNumber().doubleValue()).isZero();
      plan.forward(images, Pass.training(0));
      double moved = mean.value().amaxNumber().doubleValue();
      assertThat(moved).isPositive();
      plan.forward(images, Pass.estimating(0));
      assertThat(mean.value().amaxNumber().doubleValue())
          .isCloseTo(moved / 0.1, within(1e-4 * moved));
    }
  }
}
