package org.lightnas.graph;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The one place that knows how DL4J stores what {@link Parameter} describes. Values travel as
 * {@code double[]} in the parameter's layout, row-major; float32 survives the round trip exactly.
 */
public final class NetworkValues {

  private static final String LOG_STD = "log10stdev";

  private NetworkValues() {}

  /** Copies all tensors out of a network. */
  public static Map<String, double[]> read(ComputationGraph network, LayerGraph graph) {
    Map<String, double[]> values = new HashMap<>();
    for (Node node : graph.nodes()) {
      for (Parameter parameter : node.parameters()) {
        values.put(parameter.name(), read(network.getLayer(node.name()), node, parameter));
      }
    }
    return values;
  }

  /**
   * Copies all tensors into an initialised network of the same shape.
   *
   * @throws IllegalArgumentException if a tensor of the graph has no values
   */
  public static void write(
      ComputationGraph network, LayerGraph graph, Map<String, double[]> values) {
    for (Node node : graph.nodes()) {
      for (Parameter parameter : node.parameters()) {
        write(network.getLayer(node.name()), node, parameter, find(values, parameter.name()));
      }
    }
  }

  static double[] find(Map<String, double[]> values, String name) {
    double[] found = values.get(name);
    checkArgument(found != null, "There is no tensor '%s'.", name);
    return found;
  }

  private static double[] read(Layer layer, Node node, Parameter parameter) {
    if (parameter.role() == Parameter.Role.OPAQUE) {
      return layer.params().toDoubleVector();
    }
    String key = key(parameter);
    if (node instanceof Node.BatchNorm norm && norm.logStd() && key.equals("var")) {
      double[] values = flat(layer.getParam(LOG_STD));
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.pow(10, 2 * values[i]);
      }
      return values;
    }
    INDArray stored = layer.getParam(key);
    return flat(isDenseKernel(node, key) ? stored.permute(2, 3, 1, 0) : stored);
  }

  private static void write(Layer layer, Node node, Parameter parameter, double[] values) {
    if (parameter.role() == Parameter.Role.OPAQUE) {
      assign(layer.params(), values);
      return;
    }
    String key = key(parameter);
    if (node instanceof Node.BatchNorm norm && norm.logStd() && key.equals("var")) {
      double[] logs = new double[values.length];
      for (int i = 0; i < logs.length; i++) {
        logs[i] = 0.5 * Math.log10(values[i]);
      }
      assign(layer.getParam(LOG_STD), logs);
      return;
    }
    INDArray stored = layer.getParam(key);
    if (isDenseKernel(node, key)) {
      INDArray kernel = Nd4j.create(values, parameter.dimensions(), 'c');
      stored.assign(kernel.permute(3, 2, 0, 1));
      Networks.free(kernel);
    } else {
      assign(stored, values);
    }
  }

  private static void assign(INDArray stored, double[] values) {
    INDArray array = Nd4j.create(values, stored.shape(), 'c');
    stored.assign(array);
    Networks.free(array);
  }

  /** DL4J keeps the kernels of ordinary convolutions as [out, in, kH, kW]. */
  private static boolean isDenseKernel(Node node, String key) {
    return node instanceof Node.Convolution convolution
        && !convolution.depthwise()
        && key.equals("W");
  }

  private static String key(Parameter parameter) {
    return parameter.name().substring(parameter.name().lastIndexOf('/') + 1);
  }

  private static double[] flat(INDArray array) {
    INDArray copy = array.dup('c');
    double[] values = copy.data().asDouble();
    Networks.free(copy);
    return values;
  }
}
