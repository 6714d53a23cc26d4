package org.lightnas.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;

/**
 * Moves every batch norm that directly follows a convolution or dense layer into it, as deployment
 * runtimes do (ALGORITHMS: {@code t = gamma / sqrt(var + eps)}, {@code W' = W t}, {@code b' = (b -
 * mean) t + beta}, per output channel), and drops identities. Computed in double.
 */
public final class BatchNormFolding {

  private BatchNormFolding() {}

  /** A new network that computes in inference what {@code network} does; owned by the caller. */
  public static ComputationGraph fold(ComputationGraph network) {
    return fold(TrainedGraph.of(network)).toNetwork();
  }

  /** The same on nodes and numbers. */
  public static TrainedGraph fold(TrainedGraph trained) {
    Map<String, List<String>> readers = trained.graph().readers();
    Map<String, double[]> changed = new HashMap<>();
    Map<String, String> replacedBy = new HashMap<>();
    Map<String, Node> kept = new LinkedHashMap<>();
    for (Node original : trained.graph().nodes()) {
      Node node =
          original.withInputs(
              original.inputs().stream().map(in -> replacedBy.getOrDefault(in, in)).toList());
      Node before = node.inputs().isEmpty() ? null : kept.get(node.inputs().get(0));
      if (node instanceof Node.BatchNorm norm
          && before != null
          && linear(before)
          && readers.get(original.inputs().get(0)).size() == 1) {
        Node folded = withBias(before);
        fold(norm, before, trained.values(), changed);
        kept.put(folded.name(), folded);
        replacedBy.put(node.name(), folded.name());
      } else if (node instanceof Node.Activate activate
          && activate.function() == Activation.IDENTITY) {
        replacedBy.put(node.name(), node.inputs().get(0));
      } else {
        kept.put(node.name(), node);
      }
    }
    String output = trained.graph().outputName();
    LayerGraph graph =
        new LayerGraph(new ArrayList<>(kept.values()), replacedBy.getOrDefault(output, output));
    Map<String, double[]> values = new HashMap<>();
    Map<String, double[]> all = trained.valuesWith(changed);
    graph.parameters().forEach(p -> values.put(p.name(), all.get(p.name())));
    return new TrainedGraph(graph, values);
  }

  private static boolean linear(Node node) {
    return node instanceof Node.Convolution || node instanceof Node.Dense;
  }

  private static Node withBias(Node node) {
    if (node instanceof Node.Convolution c) {
      return new Node.Convolution(
          c.name(),
          c.inputs(),
          c.in(),
          c.output(),
          c.window(),
          c.depthwise(),
          true,
          c.init(),
          c.biasInit());
    }
    Node.Dense d = (Node.Dense) node;
    return new Node.Dense(d.name(), d.inputs(), d.in(), d.output(), true, d.init(), d.biasInit());
  }

  private static void fold(
      Node.BatchNorm norm,
      Node linear,
      Map<String, double[]> values,
      Map<String, double[]> changed) {
    int channels = norm.output().channels();
    double[] mean = values.get(norm.name() + "/mean");
    double[] var = values.get(norm.name() + "/var");
    double[] factor = new double[channels];
    double[] bias = new double[channels];
    for (int c = 0; c < channels; c++) {
      double gamma = norm.affine() ? values.get(norm.name() + "/gamma")[c] : norm.gamma();
      double beta = norm.affine() ? values.get(norm.name() + "/beta")[c] : norm.beta();
      double before = value(values, changed, linear.name() + "/b", c);
      factor[c] = gamma / Math.sqrt(var[c] + norm.eps());
      bias[c] = (before - mean[c]) * factor[c] + beta;
    }
    String kernelName = linear.name() + "/W";
    double[] kernel = changed.getOrDefault(kernelName, values.get(kernelName)).clone();
    for (int i = 0; i < kernel.length; i++) {
      // The output channel is the fastest axis in every layout, also [kH, kW, C, multiplier].
      kernel[i] *= factor[i % channels];
    }
    changed.put(kernelName, kernel);
    changed.put(linear.name() + "/b", bias);
  }

  private static double value(
      Map<String, double[]> values, Map<String, double[]> changed, String name, int c) {
    double[] found = changed.getOrDefault(name, values.get(name));
    return found == null ? 0 : found[c];
  }
}
