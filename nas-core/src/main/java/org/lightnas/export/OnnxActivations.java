package org.lightnas.export;

import org.nd4j.linalg.activations.Activation;

/**
 * DL4J's functions of single values in ONNX operators of set 13, each with DL4J's constants, which
 * now and then are neither the paper's nor ONNX's defaults.
 */
final class OnnxActivations {

  private final OnnxGraph graph;

  OnnxActivations(OnnxGraph graph) {
    this.graph = graph;
  }

  /**
   * Adds the operators of a function.
   *
   * @param x the value it is applied to
   * @param name of the node, for what lies between
   * @param result the name of its result
   */
  void add(Activation function, String x, String name, String result) {
    switch (function) {
      case CUBE -> graph.operator("Mul", part("Mul", name + ":square", x, x), x).into(result);
      case ELU -> graph.operator("Elu", x).into(result);
      case GELU -> {
        // The sigmoid approximation of Hendrycks and Gimpel 2016, DL4J's default.
        String scaled = part("Mul", name + ":scaled", x, graph.scalar(name + "/factor", 1.702));
        graph.operator("Mul", x, part("Sigmoid", name + ":sigmoid", scaled)).into(result);
      }
      case HARDSIGMOID ->
          graph.operator("HardSigmoid", x).with("alpha", 0.2f).with("beta", 0.5f).into(result);
      case HARDTANH -> clip(x, -1, 1, name, result);
      case IDENTITY -> graph.operator("Identity", x).into(result);
      case LEAKYRELU -> graph.operator("LeakyRelu", x).with("alpha", 0.01f).into(result);
      case MISH -> {
        String softplus = part("Softplus", name + ":softplus", x);
        graph.operator("Mul", x, part("Tanh", name + ":tanh", softplus)).into(result);
      }
      case RATIONALTANH -> rationalTanh(x, name, result);
      case RECTIFIEDTANH -> graph.operator("Relu", part("Tanh", name + ":tanh", x)).into(result);
      case RELU -> graph.operator("Relu", x).into(result);
      case RELU6 -> clip(x, 0, 6, name, result);
      case SELU -> graph.operator("Selu", x).into(result);
      case SIGMOID -> graph.operator("Sigmoid", x).into(result);
      case SOFTPLUS -> graph.operator("Softplus", x).into(result);
      case SOFTSIGN -> graph.operator("Softsign", x).into(result);
      case SWISH -> graph.operator("Mul", x, part("Sigmoid", name + ":sigmoid", x)).into(result);
      case TANH -> graph.operator("Tanh", x).into(result);
      case THRESHOLDEDRELU -> graph.operator("ThresholdedRelu", x).with("alpha", 1f).into(result);
      default ->
          // LayerReader makes those layers opaque.
          throw new IllegalStateException("No function of single values: " + function);
    }
  }

  /**
   * {@code 1.7159 sgn(z) (1 - 1 / (1 + |z| + z^2 + 1.41645 z^4))} with {@code z = 2x/3} (Xu et al.
   * 2016).
   */
  private void rationalTanh(String x, String name, String result) {
    String one = graph.scalar(name + "/one", 1);
    String z = part("Mul", name + ":z", x, graph.scalar(name + "/inner", 2.0 / 3));
    String square = part("Mul", name + ":square", z, z);
    String fourth = part("Mul", name + ":fourth", square, square);
    String weighted = part("Mul", name + ":weighted", fourth, graph.scalar(name + "/4", 1.41645));
    String sum = part("Add", name + ":sum", part("Abs", name + ":abs", z), one);
    sum = part("Add", name + ":sum", sum, square);
    sum = part("Add", name + ":sum", sum, weighted);
    String rest = part("Sub", name + ":rest", one, part("Div", name + ":reciprocal", one, sum));
    String signed = part("Mul", name + ":signed", part("Sign", name + ":sign", z), rest);
    graph.operator("Mul", signed, graph.scalar(name + "/outer", 1.7159)).into(result);
  }

  private void clip(String x, double low, double high, String name, String result) {
    graph
        .operator("Clip", x, graph.scalar(name + "/low", low), graph.scalar(name + "/high", high))
        .into(result);
  }

  /** Something that lies between, under a name of its own. */
  private String part(String type, String wanted, String... inputs) {
    return graph.operator(type, inputs).into(graph.fresh(wanted));
  }
}
