package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Cost;

class CompressedTest {

  static Compressed sample(double error) {
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer("conv", new ConvolutionLayer.Builder(1, 1).nIn(1).nOut(1).build(), "in")
                .setOutputs("conv")
                .build());
    return new Compressed(
        network,
        List.of(
            new Step(Step.Action.FOLDED, List.of("conv", "bn"), "'bn' into 'conv'"),
            new Step(Step.Action.KEPT, List.of("last"), "'last' because of <reasons>")),
        new Cost(12_000, 345),
        new Cost(6_000, 321),
        new Equivalence(64, error, 1, 1e-4));
  }

  @Test
  void reportsCostErrorAndSteps() {
    assertThat(sample(1e-6).report())
        .isEqualTo(
            """
            12,000 -> 6,000 MACs, 345 -> 321 parameters
            relative error 1.0e-06 on 64 inputs (max|Δ| 1.0e-06, max|y| 1.00, limit 1.0e-04)
            folded: 'bn' into 'conv'
            kept: 'last' because of <reasons>""");
  }

  @Test
  void isOneLineOfText() {
    assertThat(sample(1e-6))
        .hasToString(
            "Compressed(12,000 -> 6,000 MACs, 345 -> 321 parameters, 1 folded, 0 merged, 0 dropped, 1 kept,"
                + " relative error 1.0e-06 on 64 inputs (max|Δ| 1.0e-06, max|y| 1.00, limit"
                + " 1.0e-04))");
  }

  @Test
  void makesAPageThatSaysWhetherTheNetworksAgree() {
    String good = sample(1e-6).html("Folding").html();
    assertThat(good)
        .contains("<title>Folding</title>")
        .contains("verdict good")
        .contains("relative error 1.0e-06 on 64 inputs")
        .contains("<dt>MACs after</dt><dd>6,000</dd>")
        .contains("conv, bn")
        .contains("because of &lt;reasons&gt;");
    assertThat(sample(1).html("Folding").html()).contains("verdict bad");
  }
}
