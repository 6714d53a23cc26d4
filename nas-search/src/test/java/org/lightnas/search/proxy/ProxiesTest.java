package org.lightnas.search.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.data.ImageData;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;

class ProxiesTest {

  private static final double[][][] PIXELS = {
    {{0.1, 0.9}, {0.2, 0.3}}, {{0.8, 0.7}, {0.6, 0.1}},
  };
  private static final ImageData TWO = Few.exactly(PIXELS);
  private static final long SEED = 3;

  /** A few float32 operations. */
  private static final double ROUNDING = 1e-5;

  /** A 1 x 1 convolution and nothing else. */
  private record Bare(int channels) implements Op {
    @Override
    public String id() {
      return "bare" + channels;
    }

    @Override
    public FeatureShape outputShape(FeatureShape in) {
      return in.withChannels(channels);
    }

    @Override
    public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
      graph.addLayer(
          name + "/conv",
          new ConvolutionLayer.Builder(1, 1)
              .nIn(in.channels())
              .nOut(channels)
              .hasBias(false)
              .activation(Activation.IDENTITY)
              .build(),
          input);
      return name + "/conv";
    }
  }

  /** A layer that only DL4J understands. */
  private record Foreign() implements Op {
    @Override
    public String id() {
      return "foreign";
    }

    @Override
    public FeatureShape outputShape(FeatureShape in) {
      return in;
    }

    @Override
    public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
      graph.addLayer(name + "/lrn", new LocalResponseNormalization.Builder().build(), input);
      return name + "/lrn";
    }
  }

  private static LayeredSpace space(Op op) {
    return LayeredSpace.named("one", TWO.shape(), TWO.classes()).choice("only", op).build();
  }

  private static Map<String, double[]> weights(LayeredSpace space, DataType type) {
    LayerGraph graph = LayerGraph.of(space, space.uniform(0));
    try (Weights weights = new Weights(type)) {
      weights.ensure(graph, SEED);
      return weights.values(graph);
    }
  }

  private static double[] weights(Map<String, double[]> all, String end) {
    return all.entrySet().stream()
        .filter(e -> e.getKey().endsWith(end))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void countsParametersAndOperations() {
    Architecture architecture = Few.SPACE.uniform(0);
    Cost cost = Cost.of(architecture);
    Evaluator parameters = Proxies.parameters(Few.SPACE);
    assertThat(parameters.score(architecture)).isEqualTo((double) cost.parameters());
    assertThat(parameters.name()).isEqualTo("parameters");
    assertThat(Proxies.macs(Few.SPACE).score(architecture)).isEqualTo((double) cost.macs());
    assertThat(Proxies.macs(Few.SPACE).name()).isEqualTo("MACs");
    for (Evaluator proxy : new Evaluator[] {parameters, Proxies.macs(Few.SPACE)}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> proxy.score(space(new Bare(1)).uniform(0)))
          .withMessageContaining("belongs to space 'one', not to 'few'.");
    }
  }

  /** One weight w, means m of the two images, logits z_c = v_c w m + b_c. */
  @Test
  void theGradientNormIsThatOfTheFormula() {
    LayeredSpace space = space(new Bare(1));
    Map<String, double[]> all = weights(space, DataType.FLOAT);
    double w = weights(all, "conv/W")[0];
    double[] v = weights(all, "classifier/W");
    double byW = 0;
    double[] byV = new double[2];
    for (int i = 0; i < 2; i++) {
      double m = DoubleStream.of(PIXELS[i][0]).sum() + DoubleStream.of(PIXELS[i][1]).sum();
      m /= 4;
      double z = Math.exp(v[0] * w * m) + Math.exp(v[1] * w * m);
      for (int c = 0; c < 2; c++) {
        double slope = (Math.exp(v[c] * w * m) / z - (c == i ? 1 : 0)) / 2;
        byV[c] += slope * w * m;
        byW += slope * v[c] * m;
      }
    }
    Evaluator norm = Proxies.gradientNorm(space.on(TWO), 2, SEED);
    assertThat(norm.score(space.uniform(0)))
        .isCloseTo(Math.abs(byW) + Math.hypot(byV[0], byV[1]), within(ROUNDING));
    assertThat(norm.name()).isEqualTo("gradient norm (nats)");
  }

  /** Two layers of weights: each has the flow R, the sum of the outputs. */
  @Test
  void synapticFlowIsTheOutputOncePerLayer() {
    LayeredSpace space = space(new ConvBnAct(1, 3, 1));
    Map<String, double[]> all = weights(space, DataType.DOUBLE);
    double[] w = weights(all, "conv/W");
    double[] v = weights(all, "classifier/W");
    double output = 0;
    for (int k = 0; k < 3; k++) {
      // Averages of equal pixels change nothing.
      output += Math.abs(w[k]) * (Math.abs(v[2 * k]) + Math.abs(v[2 * k + 1]));
    }
    Evaluator flow = Proxies.synFlow(space, SEED);
    assertThat(flow.score(space.uniform(0))).isCloseTo(Math.log(2 * output), within(1e-12));
    assertThat(flow.name()).isEqualTo("SynFlow (log)");
  }

  @Test
  void synapticFlowOfADeepNetworkIsFinite() {
    LayeredSpace.Builder deep = LayeredSpace.named("deep", TWO.shape(), TWO.classes());
    for (int l = 0; l < 60; l++) {
      deep.choice("c" + l, new ConvBnAct(3, 16, 1));
    }
    LayeredSpace space = deep.build();
    // float32 ends at e^88.
    assertThat(Proxies.synFlow(space, SEED).score(space.uniform(0))).isBetween(89.0, 700.0);
  }

  @Test
  void synapticFlowRefusesWhatItCannotMakeLinear() {
    LayeredSpace space = space(new Foreign());
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> Proxies.synFlow(space, SEED).score(space.uniform(0)))
        .withMessage(
            "Layer 'only/foreign/lrn' runs through DL4J itself, so SynFlow cannot make it linear.\n"
                + "Maybe take another proxy.");
  }

  /** One channel: a rectifier passes what is on the weight's side of the batch's mean. */
  @Test
  void naswotCountsRectifiersThatAnswerAlike() {
    LayeredSpace space = space(new ConvBnAct(1, 1, 1));
    double mean = 0;
    for (double[][] image : PIXELS) {
      mean += (DoubleStream.of(image[0]).sum() + DoubleStream.of(image[1]).sum()) / 8;
    }
    int alike = 0;
    for (int y = 0; y < 2; y++) {
      for (int x = 0; x < 2; x++) {
        alike += PIXELS[0][y][x] > mean == PIXELS[1][y][x] > mean ? 1 : 0;
      }
    }
    assertThat(alike).isEqualTo(2);
    Evaluator naswot = Proxies.naswot(space.on(TWO), 2, SEED);
    // det [[4, 2], [2, 4]]
    assertThat(naswot.score(space.uniform(0))).isCloseTo(Math.log(12), within(1e-9));
    assertThat(naswot.name()).isEqualTo("NASWOT");
    assertThat(Naswot.logDeterminant(new double[][] {{5, 2, 0}, {2, 5, 0}, {0, 0, 2}}))
        .isCloseTo(Math.log(42), within(1e-9));
  }

  @Test
  void imagesThatLookAlikeAreFarBelowOthers() {
    ImageData same = Few.exactly(new double[][][] {PIXELS[0], PIXELS[0]});
    LayeredSpace space = space(new ConvBnAct(1, 1, 1));
    assertThat(Proxies.naswot(space.on(same), 2, SEED).score(space.uniform(0)))
        .isCloseTo(Math.log(8) + Math.log(1e-6), within(1e-9));
  }

  @Test
  void naswotNeedsRectifiers() {
    LayeredSpace space = space(new Bare(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxies.naswot(space.on(TWO), 2, SEED).score(space.uniform(0)))
        .withMessage(
            "Architecture bare1 has no ReLU or ReLU6, so NASWOT says nothing about it.\n"
                + "Maybe take another proxy.");
  }

  @Test
  void scoresOfWholeNetworksRepeatAndDependOnTheSeed() {
    Architecture architecture = Few.SPACE.uniform(1);
    for (int i = 0; i < 3; i++) {
      assertThat(proxy(i, 1).score(architecture))
          .isFinite()
          .isEqualTo(proxy(i, 1).score(architecture))
          .isNotEqualTo(proxy(i, 2).score(architecture))
          .isNotEqualTo(proxy(i, 1).score(architecture.with(0, 0)));
    }
  }

  private static Evaluator proxy(int i, long seed) {
    return switch (i) {
      case 0 -> Proxies.gradientNorm(Few.SPACE.on(Few.IMAGES), 8, seed);
      case 1 -> Proxies.naswot(Few.SPACE.on(Few.IMAGES), 8, seed);
      default -> Proxies.synFlow(Few.SPACE, seed);
    };
  }

  @Test
  void refusesBatchesOfOneAndTooLargeOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxies.gradientNorm(Few.SPACE.on(Few.IMAGES), 1, 1))
        .withMessage(
            "A batch must hold at least 2 images for batch norm to have statistics, but holds 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Proxies.naswot(Few.SPACE.on(Few.IMAGES), 161, 1))
        .withMessageContaining("A batch of 161 images cannot be filled from a set of 160 images.");
  }

  /** So that a search does not go on with scores of other weights or images. */
  @Test
  void sayWhatDecidesThem() {
    LayeredSpace space = space(new Bare(4));
    assertThat(Proxies.naswot(space.on(TWO), 2, 3).settings())
        .containsEntry("proxy batch size", "2")
        .containsEntry("proxy seed", "3")
        .containsKey("proxy images")
        .isEqualTo(Proxies.gradientNorm(space.on(TWO), 2, 3).settings());
    assertThat(Proxies.synFlow(space, 4).settings()).containsEntry("proxy seed", "4");
    assertThat(Proxies.macs(space).settings()).isEmpty();
  }
}
