package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.nd4j.linalg.activations.Activation;

class SlopesTest {

  /** The sum over the grid misses kinks by up to a step. */
  private static final double GRID = 1e-3;

  /** For ReLU6, Stein's lemma: the probability of lying between the kinks. */
  @Test
  void slopesAreThoseOfTheNearestLine() {
    LayeredSpace one =
        LayeredSpace.named("one", new FeatureShape(3, 16, 16), 4)
            .stem(new ConvBnAct(3, 16, 1))
            .choice("keep", new MbConv(3, 2, 16, 1))
            .build();
    ComputationGraph network = one.network(one.uniform(0), 1);
    GraftingSpace space = GraftingSpace.of(network);
    Chain.fill(network, 2);
    TrainedGraph given = TrainedGraph.of(network);
    double[] slopes = space.graft(given, space.uniform(1), 1).value("keep/k3e2/expand-act/W");
    double[] beta = given.value("keep/k3e2/expand-bn/beta");
    double[] gamma = given.value("keep/k3e2/expand-bn/gamma");
    assertThat(slopes).hasSize(32);
    for (int c = 0; c < slopes.length; c++) {
      double deviation = Math.max(0.01, Math.abs(gamma[c]));
      double linear = normal((6 - beta[c]) / deviation) - normal(-beta[c] / deviation);
      assertThat(slopes[c]).isCloseTo(linear, within(GRID));
    }
    // Not all the same, or the test says nothing.
    assertThat(DoubleStream.of(slopes).boxed().toList())
        .anyMatch(a -> a < 0.3)
        .anyMatch(a -> a > 0.7);
    Networks.close(network);
  }

  /** The distribution of a normal variable, by Simpson's rule. */
  private static double normal(double x) {
    double to = Math.max(-8, Math.min(8, x));
    int n = 2000;
    double sum = 0;
    for (int i = 0; i <= n; i++) {
      double at = -8 + i * (to + 8) / n;
      sum += (i == 0 || i == n ? 1 : i % 2 == 0 ? 2 : 4) * Math.exp(-at * at / 2);
    }
    return sum * (to + 8) / n / 3 / Math.sqrt(2 * Math.PI);
  }

  @Test
  void slopesWithoutBatchNormBeforeAreThoseOverStandardNormalValues() {
    Node.Activate leaky =
        new Node.Activate("act", List.of("in"), new FeatureShape(2, 4, 4), Activation.LEAKYRELU);
    LayerGraph graph = new LayerGraph(List.of(new Node.Input("in", leaky.output()), leaky), "act");
    double[] slopes = Slopes.of(leaky, new TrainedGraph(graph, Map.of()));
    // Half of 1, half of 0.01.
    assertThat(slopes).hasSize(2);
    assertThat(slopes[0]).isCloseTo(0.505, within(GRID)).isEqualTo(slopes[1]);
  }
}
