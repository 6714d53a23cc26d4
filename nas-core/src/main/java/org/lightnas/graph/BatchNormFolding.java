package org.lightnas.graph;

import static org.lightnas.graph.NetworkValues.find;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;

/**
 * Moves every batch norm that directly follows a convolution or dense layer into it, as deployment
 * runtimes do ({@code t = gamma / sqrt(var + eps)}, {@code W' = W t}, {@code b' = (b - mean) t +
 * beta}, per output channel), and drops identities. Computed in double.
 */
public final class BatchNormFolding {

  private BatchNormFolding() {}

  /** A new network that computes in inference what {@code network} does; owned by the caller. */
  public static ComputationGraph fold(ComputationGraph network) {
    return fold(TrainedGraph.of(network)).toNetwork();
  }

  /** The same on nodes and numbers. */
  public static TrainedGraph fold(TrainedGraph trained) {
    Map<String, double[]> values = new HashMap<>(trained.values());
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
          && alone(trained.graph(), original.inputs().get(0), replacedBy)) {
        Node folded = withBias(before);
        fold(norm, before, values);
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
    values.keySet().retainAll(graph.parameters().stream().map(Parameter::name).toList());
    return new TrainedGraph(graph, values);
  }

  /** Whether nothing else reads a node, nor, behind identities and folded norms, its layer. */
  private static boolean alone(LayerGraph graph, String name, Map<String, String> replacedBy) {
    return graph.readers(name).size() == 1
        && (!replacedBy.containsKey(name)
            || alone(graph, graph.node(name).inputs().get(0), replacedBy));
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

  /** Replaces the values of a layer that has, or gets, a bias. */
  private static void fold(Node.BatchNorm norm, Node linear, Map<String, double[]> values) {
    int channels = norm.output().channels();
    Line line = line(norm, values);
    double[] before = values.getOrDefault(linear.name() + "/b", new double[channels]);
    double[] bias = line.shift().clone();
    for (int c = 0; c < channels; c++) {
      bias[c] += before[c] * line.scale()[c];
    }
    double[] kernel = find(values, linear.name() + "/W").clone();
    for (int i = 0; i < kernel.length; i++) {
      // The output channel is the fastest axis in every layout, also [kH, kW, C, multiplier].
      kernel[i] *= line.scale()[i % channels];
    }
    values.put(linear.name() + "/W", kernel);
    values.put(linear.name() + "/b", bias);
  }

  /** What a batch norm computes in inference: {@code scale_c x + shift_c}. */
  public record Line(double[] scale, double[] shift) {}

  /**
   * What a batch norm computes in inference.
   *
   * @throws IllegalArgumentException if one of its tensors has no values
   */
  public static Line line(Node.BatchNorm norm, Map<String, double[]> values) {
    int channels = norm.output().channels();
    double[] mean = find(values, norm.name() + "/mean");
    double[] variance = find(values, norm.name() + "/var");
    double[] gamma = scale(norm.affine(), values, norm.name() + "/gamma", norm.gamma(), channels);
    double[] beta = scale(norm.affine(), values, norm.name() + "/beta", norm.beta(), channels);
    double[] factor = new double[channels];
    double[] shift = new double[channels];
    for (int c = 0; c < channels; c++) {
      factor[c] = gamma[c] / Math.sqrt(variance[c] + norm.eps());
      shift[c] = beta[c] - mean[c] * factor[c];
    }
    return new Line(factor, shift);
  }

  private static double[] scale(
      boolean trained, Map<String, double[]> values, String name, double fixed, int channels) {
    if (trained) {
      return find(values, name);
    }
    double[] all = new double[channels];
    Arrays.fill(all, fixed);
    return all;
  }
}
