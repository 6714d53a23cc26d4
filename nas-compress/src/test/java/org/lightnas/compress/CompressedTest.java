package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Verdict;

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
        new Figures(new Cost(12_000, 345), null, null),
        new Figures(new Cost(6_000, 321), null, null),
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
    String good = sample(1e-6).page("Folding").html();
    assertThat(good)
        .contains("<title>Folding</title>")
        .contains("verdict good")
        .contains("relative error 1.0e-06 on 64 inputs")
        .contains("<dt>MACs</dt><dd>-50.0 %</dd>", "6,000")
        .contains("conv, bn")
        .contains("because of &lt;reasons&gt;");
    assertThat(sample(1).page("Folding").html()).contains("verdict bad");
  }

  @Test
  void reportsLatencyAccuracyAndBlocksWhereTheyAreKnown() {
    Compressed plain = sample(1e-6);
    Figures before =
        new Figures(new Cost(12_000, 345), new Measurement(0.5, 0.001, 6, 1, 1, 1), 71.25);
    Figures after =
        new Figures(new Cost(6_000, 321), new Measurement(0.25, 0.002, 6, 1, 1, 1), 70.5);
    Compressed made =
        new Compressed(
            plain.network(),
            List.of(),
            before,
            after,
            plain.equivalence(),
            List.of(),
            List.of(
                new BlockForm("a", "none", BlockForm.Kind.KEPT, 0.1, 0.1, 0.09, 0),
                new BlockForm("b", "joined", BlockForm.Kind.JOINED, 0.2, 0.04, 0.05, 2),
                new BlockForm("c", "all", BlockForm.Kind.MERGED, 0.2, 0.05, 0.05, 1)),
            new Verdict(Metric.LATENCY, 0.3, 0.24, new Measurement(0.25, 0.002, 6, 1, 1, 1)));
    assertThat(made.report())
        .isEqualTo(
            """
            12,000 -> 6,000 MACs, 345 -> 321 parameters
            0.500 ±0.001 ms -> 0.250 ±0.002 ms
            asked ≤ 0.300 ms, predicted 0.240 ms, measured 0.250 ±0.002 ms: satisfied
            accuracy 71.25 -> 70.50 %
            relative error 1.0e-06 on 64 inputs (max|Δ| 1.0e-06, max|y| 1.00, limit 1.0e-04)
            a: kept, 0.100 ms (linear 0.090 ms)
            b: joined in round 2, 0.200 -> 0.040 ms
            c: merged, 0.200 -> 0.050 ms""");
    assertThat(before).hasToString("12,000 MACs, 345 parameters, 0.500 ±0.001 ms, 71.25 %");
    assertThat(made.page("Blocks").html())
        .contains("0.500 ms", "0.250 ms", "71.25 %", "70.50 %", "-50.0 %", "-0.75")
        .contains("a, kept", "b, joined", "c, merged", "0.0900 ms", ">2</td>")
        .contains("predicted 0.240 ms, measured 0.250");
  }

  @Test
  void refusesAnAccuracyThatIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Figures(new Cost(1, 1), null, 100.5))
        .withMessage("An accuracy must be between 0 and 100 percent, but is 100.5.");
  }
}
