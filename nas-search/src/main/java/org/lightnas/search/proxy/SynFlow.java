package org.lightnas.search.proxy;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.lightnas.NasException;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weight;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.nd4j.linalg.activations.Activation;

/** Synaptic flow; see {@link Proxies#synFlow}. */
record SynFlow(SearchSpace space, long seed) {

  double score(Architecture architecture) {
    architecture.requireSpace(space);
    LayerGraph graph = linear(LayerGraph.of(space, architecture));
    try (Engine engine = Engine.inDouble();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, seed);
      weights.load(absolute(weights.values(graph)));
      Plan plan = engine.training(graph, weights, 1, Set.of());
      float[] ones = new float[Math.toIntExact(graph.input().size())];
      Arrays.fill(ones, 1);
      plan.forward(ones, Pass.shared(seed));
      double[] each = new double[plan.classes()];
      Arrays.fill(each, 1);
      plan.differentiate(each);
      plan.backward();
      double flow = 0;
      for (Weight weight : plan.touched()) {
        double[] values = weight.value().dup('c').data().asDouble();
        double[] gradient = weight.gradient().dup('c').data().asDouble();
        for (int i = 0; i < values.length; i++) {
          flow += Math.abs(values[i] * gradient[i]);
        }
      }
      // Finite whatever comes: a dead network is worst, and none is better than the range.
      return Math.log(Math.min(Double.MAX_VALUE, Math.max(Double.MIN_VALUE, flow)));
    }
  }

  /** Without batch norms, activations and dropout. */
  private static LayerGraph linear(LayerGraph graph) {
    return new LayerGraph(graph.nodes().stream().map(SynFlow::linear).toList(), graph.outputName());
  }

  private static Node linear(Node node) {
    if (node instanceof Node.Opaque) {
      throw new NasException(
          "Layer '"
              + node.name()
              + "' runs through DL4J itself, so SynFlow cannot make it linear.\n"
              + "Maybe take another proxy.");
    }
    return node instanceof Node.BatchNorm
            || node instanceof Node.Activate
            || node instanceof Node.Dropout
        ? new Node.Activate(node.name(), node.inputs(), node.output(), Activation.IDENTITY)
        : node;
  }

  private static Map<String, double[]> absolute(Map<String, double[]> values) {
    return values.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, e -> Arrays.stream(e.getValue()).map(Math::abs).toArray()));
  }
}
