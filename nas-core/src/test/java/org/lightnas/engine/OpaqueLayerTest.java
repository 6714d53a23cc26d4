package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.graph.Node;
import org.lightnas.graph.Samples;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.slf4j.Logger;
import org.slf4j.event.EventRecodingLogger;
import org.slf4j.event.SubstituteLoggingEvent;
import org.slf4j.helpers.SubstituteLogger;

/** Layers that only DL4J understands run, train and start as in DL4J; so does max pooling. */
class OpaqueLayerTest {

  private static final FeatureShape INPUT = new FeatureShape(3, 10, 8);
  private static final int CLASSES = 4;

  static List<Layer> layers() {
    return List.of(
        new SeparableConvolution2D.Builder(3, 3).nOut(6).activation(Activation.TANH).build(),
        new Deconvolution2D.Builder(3, 3).nOut(5).stride(2, 2).build(),
        new ConvolutionLayer.Builder(3, 3).nOut(6).activation(Activation.SOFTMAX).build(),
        new DenseLayer.Builder().nOut(6).hasLayerNorm(true).activation(Activation.TANH).build(),
        new BatchNormalization.Builder().activation(Activation.IDENTITY).build(),
        new LocalResponseNormalization.Builder().build(),
        new Upsampling2D.Builder(2).build(),
        new ZeroPaddingLayer.Builder(1, 2).build(),
        new Cropping2D.Builder(1, 1).build(),
        new SubsamplingLayer.Builder(PoolingType.PNORM).kernelSize(2, 2).pnorm(2).build(),
        new GlobalPoolingLayer.Builder(PoolingType.MAX).build());
  }

  /** Convolution, the layer under test, pooling, classifier. */
  private static ComputationGraphConfiguration around(Layer layer) {
    var graph =
        new NeuralNetConfiguration.Builder()
            .seed(7)
            .updater(new Sgd(0.1))
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(
                InputType.convolutionalFlat(INPUT.height(), INPUT.width(), INPUT.channels()))
            .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(8).build(), "in");
    GlobalPoolingLayer pool = new GlobalPoolingLayer.Builder(PoolingType.AVG).build();
    String last = "layer";
    if (layer instanceof DenseLayer) {
      graph.addLayer("pool", pool, "conv").addLayer("layer", layer.clone(), "pool");
    } else {
      graph.addLayer("layer", layer.clone(), "conv");
      if (!(layer instanceof GlobalPoolingLayer)) {
        graph.addLayer("act", new ActivationLayer(Activation.TANH), "layer");
        graph.addLayer("pool", pool, "act");
        last = "pool";
      }
    }
    return graph
        .addLayer(
            "out",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build(),
            last)
        .setOutputs("out")
        .build();
  }

  /** A layer of a caller's own, which can be described and not run. */
  private static final class Torn extends LocalResponseNormalization {

    private static final long serialVersionUID = 1L;

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
        NeuralNetConfiguration configuration,
        Collection<TrainingListener> listeners,
        int index,
        INDArray parameters,
        boolean initialize,
        DataType type) {
      return new org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization(
          configuration, type) {

        private static final long serialVersionUID = 1L;

        @Override
        public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
          throw new IllegalStateException("torn");
        }
      };
    }
  }

  @Test
  void aLayerThatFailsIsNamedAndTheEngineRunsOn() {
    LayerGraph torn = LayerGraph.read(around(new Torn()));
    LayerGraph fine = LayerGraph.read(around(layers().get(0)));
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type());
        Weights others = new Weights(engine.type())) {
      weights.ensure(torn, 1);
      others.ensure(fine, 1);
      Plan plan = engine.training(torn, weights, 2, Set.of());
      float[] images = new float[2 * (int) INPUT.size()];
      assertThatExceptionOfType(NasException.class)
          .isThrownBy(() -> plan.forward(images, Pass.training(0)))
          .withMessage(
              "Layer 'layer' ("
                  + Torn.class.getName()
                  + ") failed forward: java.lang.IllegalStateException: torn\n"
                  + "Maybe try it by itself; its own error is the cause of this one.")
          .withCauseInstanceOf(IllegalStateException.class);
      Plan next = engine.inference(fine, others, 2);
      next.forward(images, Pass.inference());
      assertThat(next.logits()).doesNotContain(Double.NaN);
    }
  }

  @ParameterizedTest
  @MethodSource("layers")
  void infersAndStepsAsDl4j(Layer layer) {
    ComputationGraph network = new ComputationGraph(around(layer));
    network.init();
    Samples.scramble(network, 3);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    Map<String, double[]> before = NetworkValues.read(network, graph);
    INDArray images = Samples.images(INPUT, 6, 5);
    float[] nhwc = images.permute(0, 2, 3, 1).dup('c').data().asFloat();
    int[] labels = {0, 1, 2, 3, 0, 2};
    INDArray oneHot = Nd4j.zeros(labels.length, CLASSES);
    for (int i = 0; i < labels.length; i++) {
      oneHot.putScalar(i, labels[i], 1);
    }
    double[] expected = network.outputSingle(images).dup('c').data().asDouble();
    network.fit(new DataSet(images, oneHot));
    Map<String, double[]> dl4j = NetworkValues.read(network, graph);
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, 0);
      weights.load(before);
      Plan plan = engine.training(graph, weights, labels.length, Set.of());
      plan.forward(nhwc, Pass.inference());
      double[] logits = plan.logits();
      for (int n = 0; n < labels.length; n++) {
        double sum = 0;
        for (int c = 0; c < CLASSES; c++) {
          sum += Math.exp(logits[n * CLASSES + c]);
        }
        for (int c = 0; c < CLASSES; c++) {
          assertThat(Math.exp(logits[n * CLASSES + c]) / sum)
              .isCloseTo(expected[n * CLASSES + c], within(1e-5));
        }
      }
      plan.forward(nhwc, Pass.training(0));
      plan.loss(labels, 0);
      plan.backward();
      Gradients.apply(plan.touched(), new Optimizer.Sgd(0), 0.1, 0, Double.POSITIVE_INFINITY);
      Map<String, double[]> ours = weights.values(graph);
      assertThat(ours.keySet()).isEqualTo(dl4j.keySet());
      ours.forEach(
          (name, values) ->
              assertThat(relative(values, dl4j.get(name), before.get(name)))
                  .as(name)
                  .isLessThan(1e-3));
    }
  }

  /** The error of the step, by its length. */
  private static double relative(double[] ours, double[] dl4j, double[] start) {
    double error = 0;
    double step = 0;
    for (int i = 0; i < ours.length; i++) {
      error += (ours[i] - dl4j[i]) * (ours[i] - dl4j[i]);
      step += (dl4j[i] - start[i]) * (dl4j[i] - start[i]);
    }
    return Math.sqrt(error) / Math.max(Math.sqrt(step), 1e-4);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void startsAsTheLayerAsks(Layer layer) {
    LayerGraph graph = LayerGraph.read(around(layer));
    Map<String, double[]> first = initial(graph, 1);
    Map<String, double[]> again = initial(graph, 1);
    Map<String, double[]> other = initial(graph, 2);
    ComputationGraph network = new ComputationGraph(around(layer));
    network.init();
    Map<String, double[]> dl4j = NetworkValues.read(network, graph);
    assertThat(first.keySet()).isEqualTo(dl4j.keySet());
    first.forEach(
        (name, values) -> {
          assertThat(values).as(name).isEqualTo(again.get(name));
          double[] expected = dl4j.get(name);
          if (spread(expected) == 0) {
            assertThat(values).as(name).containsExactly(expected);
          } else {
            assertThat(values).as(name).isNotEqualTo(other.get(name));
            assertThat(spread(values))
                .as(name)
                .isBetween(spread(expected) / 2, spread(expected) * 2);
          }
        });
    assertThat(graph.node("layer") instanceof Node.Opaque)
        .isEqualTo(!(layer instanceof BatchNormalization || layer instanceof GlobalPoolingLayer));
  }

  @Test
  void theLogSaysWhichLayersRunThroughDl4j() {
    LayerGraph opaque = LayerGraph.read(around(new Upsampling2D.Builder(2).build()));
    LayerGraph own = LayerGraph.read(around(new BatchNormalization.Builder().build()));
    Queue<SubstituteLoggingEvent> events = new ArrayDeque<>();
    Logger log = new EventRecodingLogger(new SubstituteLogger("test", events, false), events);
    float[] images = new float[(int) INPUT.size()];
    try (Engine engine = Engine.create();
        Weights weights = new Weights(DataType.FLOAT)) {
      for (LayerGraph graph : List.of(own, opaque)) {
        weights.ensure(graph, 0);
        Plan plan = engine.inference(graph, weights, 1);
        plan.logOpaqueShare(log);
        plan.forward(images, Pass.inference());
        plan.logOpaqueShare(log);
      }
    }
    assertThat(events).hasSize(1);
    SubstituteLoggingEvent event = events.remove();
    assertThat(event.getMessage())
        .isEqualTo("Layers {} run through DL4J itself and took {} % of the time");
    assertThat(event.getArgumentArray()[0]).isEqualTo(List.of("layer"));
    assertThat((Long) event.getArgumentArray()[1]).isBetween(0L, 100L);
  }

  private static Map<String, double[]> initial(LayerGraph graph, long seed) {
    try (Weights weights = new Weights(DataType.FLOAT)) {
      weights.ensure(graph, seed);
      return new HashMap<>(weights.values(graph));
    }
  }

  /** Root mean square distance from the mean. */
  private static double spread(double[] values) {
    double sum = 0;
    double squares = 0;
    for (double value : values) {
      sum += value;
      squares += value * value;
    }
    double mean = sum / values.length;
    return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
  }
}
