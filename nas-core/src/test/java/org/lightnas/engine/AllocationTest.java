package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Samples;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.LightNasSpace;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Native memory is taken before the first step, not in every one. */
class AllocationTest {

  /** ND4J numbers every array that it allocates, so this does not depend on the collector. */
  private static long allocations() {
    return Nd4j.getDeallocatorService().nextValue();
  }

  @Test
  void theCounterCounts() {
    long before = allocations();
    try (INDArray array = Nd4j.create(DataType.FLOAT, 5)) {
      assertThat(allocations() - before).as("%s", array).isGreaterThan(1);
    }
  }

  @Test
  void aStepOfASpacesNetworkAllocatesNothing() {
    SearchSpace space = LightNasSpace.small(new FeatureShape(1, 12, 12), 4);
    check(LayerGraph.of(space, space.architecture(0, 3, 6, 5, 1, 2)));
  }

  /** But for layers that run through DL4J itself. */
  @Test
  void aStepThroughEveryKindOfNodeAllocatesNothing() {
    ComputationGraph network = new ComputationGraph(Samples.everything());
    LayerGraph all = LayerGraph.read(network.getConfiguration());
    List<Node> nodes =
        all.nodes().stream()
            .map(
                node ->
                    node instanceof Node.Opaque opaque
                        ? new Node.Scale(opaque.name(), opaque.inputs(), opaque.output(), 2)
                        : node)
            .toList();
    check(new LayerGraph(nodes, all.outputName()));
  }

  private static void check(LayerGraph graph) {
    for (Optimizer optimizer : List.of(new Optimizer.Sgd(0.9), new Optimizer.Adam(0.9, 0.999))) {
      try (Engine engine = Engine.create();
          Weights weights = new Weights(DataType.FLOAT)) {
        weights.ensure(graph, 1);
        Plan plan = engine.training(graph, weights, 3, Set.of());
        float[] images = new float[(int) (3 * graph.input().size())];
        int[] labels = new int[3];
        List<Weight> touched = plan.touched();
        long before = 0;
        for (int step = 0; step < 4; step++) {
          if (step == 2) {
            before = allocations();
          }
          plan.forward(images, Pass.training(step));
          plan.loss(labels, 0.1);
          plan.backward();
          Gradients.apply(touched, optimizer, 0.1, 1e-4, 1);
        }
        assertThat(allocations() - before - 1).as("arrays").isZero();
      }
    }
  }
}
