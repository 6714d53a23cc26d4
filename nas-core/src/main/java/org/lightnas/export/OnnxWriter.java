package org.lightnas.export;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.GraphProto;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.graph.Window;
import org.nd4j.linalg.activations.Activation;

/**
 * Writes nodes as ONNX operators; used once. Maps are {@code [N, C, H, W]}, vectors {@code [N, C]}.
 */
final class OnnxWriter {

  private final TrainedGraph trained;
  private final OnnxGraph graph = new OnnxGraph();
  private final OnnxActivations activations = new OnnxActivations(graph);
  private final String inputName;
  private final String outputName;

  /** The value that holds each node's result. */
  private final Map<String, String> values = new HashMap<>();

  /** Nodes whose value is of two axes. */
  private final Set<String> vectors = new HashSet<>();

  OnnxWriter(TrainedGraph trained, String inputName, String outputName) {
    this.trained = trained;
    this.inputName = inputName;
    this.outputName = outputName;
  }

  GraphProto write(String name) {
    graph.reserve(inputName);
    graph.reserve(outputName);
    LayerGraph layers = trained.graph();
    for (Node node : layers.nodes()) {
      add(node);
    }
    Node last = layers.output();
    String result = values(last.name());
    if (!result.equals(outputName)) {
      graph.operator("Identity", result).into(outputName);
    }
    graph.output(outputName, axes(last.name(), last.output()));
    return graph.build(name);
  }

  private void add(Node node) {
    if (node instanceof Node.Input) {
      input(node);
    } else if (node instanceof Node.Convolution convolution) {
      convolution(convolution);
    } else if (node instanceof Node.Dense dense) {
      dense(dense);
    } else if (node instanceof Node.BatchNorm norm) {
      norm(norm);
    } else if (node instanceof Node.Activate activate) {
      if (activate.function() == Activation.IDENTITY) {
        pass(node);
      } else {
        like(node);
        activations.add(activate.function(), input(node, 0), node.name(), result(node));
      }
    } else if (node instanceof Node.Softmax) {
      like(node);
      graph.operator("Softmax", input(node, 0)).with("axis", 1).into(result(node));
    } else if (node instanceof Node.Add) {
      chain("Add", node);
    } else if (node instanceof Node.Multiply) {
      chain("Mul", node);
    } else if (node instanceof Node.Scale scale) {
      like(node);
      String factor = graph.scalar(node.name() + "/factor", scale.factor());
      graph.operator("Mul", input(node, 0), factor).into(result(node));
    } else if (node instanceof Node.Concat) {
      String[] inputs = alike(node);
      graph.operator("Concat", inputs).with("axis", 1).into(result(node));
    } else if (node instanceof Node.Subset subset) {
      subset(subset);
    } else if (node instanceof Node.Shuffle shuffle) {
      shuffle(shuffle);
    } else if (node instanceof Node.Pool pool) {
      pool(pool);
    } else if (node instanceof Node.GlobalPool pool) {
      String type = pool.max() ? "GlobalMaxPool" : "GlobalAveragePool";
      String pooled = graph.fresh(node.name() + ":map");
      graph.operator(type, map(node, 0)).into(pooled);
      vectors.add(node.name());
      graph.operator("Flatten", pooled).with("axis", 1).into(result(node));
    } else if (node instanceof Node.Flatten) {
      vectors.add(node.name());
      graph.operator("Flatten", input(node, 0)).with("axis", 1).into(result(node));
    } else if (node instanceof Node.Dropout) {
      // Does nothing in inference.
      pass(node);
    } else if (node instanceof Node.Opaque opaque) {
      throw new NasException(
          "Layer '"
              + node.name()
              + "' of type "
              + opaque.layer().getClass().getSimpleName()
              + " cannot be written as ONNX, or not with its settings.\n"
              + "Maybe replace it by convolutions, batch norms, activations, pooling and dense"
              + " layers; as output, by softmax with MCXENT.");
    }
  }

  private void input(Node node) {
    // An image of one pixel is a vector unless something needs a map.
    FeatureShape shape = node.output();
    boolean vector =
        shape.height() == 1
            && shape.width() == 1
            && trained.graph().nodes().stream().noneMatch(OnnxWriter::needsMap);
    if (vector) {
      vectors.add(node.name());
    }
    values.put(node.name(), inputName);
    graph.input(inputName, axes(node.name(), shape));
  }

  private static boolean needsMap(Node node) {
    return node instanceof Node.Convolution
        || node instanceof Node.Pool
        || node instanceof Node.GlobalPool
        || node instanceof Node.Flatten;
  }

  private void convolution(Node.Convolution node) {
    int[] shape = shape(node.parameters().get(0).dimensions());
    double[] kernel = trained.value(node.name() + "/W");
    // [kH, kW, in, out], or [kH, kW, C, multiplier] where output c * multiplier + m sees input c.
    int in = node.depthwise() ? 1 : shape[2];
    int out = node.output().channels();
    double[] swapped = new double[kernel.length];
    int area = shape[0] * shape[1];
    for (int at = 0; at < area; at++) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          swapped[(o * in + i) * area + at] = kernel[(at * in + i) * out + o];
        }
      }
    }
    String weights = graph.weights(node.name() + "/W", swapped, out, in, shape[0], shape[1]);
    Window window = node.window();
    sliding(
            node.hasBias()
                ? graph.operator("Conv", map(node, 0), weights, bias(node))
                : graph.operator("Conv", map(node, 0), weights),
            window)
        .withAll("dilations", window.dilationH(), window.dilationW())
        .with("group", node.depthwise() ? node.in().channels() : 1)
        .into(result(node));
  }

  private void dense(Node.Dense node) {
    vectors.add(node.name());
    String weights =
        graph.weights(
            node.name() + "/W",
            trained.value(node.name() + "/W"),
            node.in(),
            node.output().channels());
    (node.hasBias()
            ? graph.operator("Gemm", vector(node), weights, bias(node))
            : graph.operator("Gemm", vector(node), weights))
        .into(result(node));
  }

  private String bias(Node node) {
    double[] bias = trained.value(node.name() + "/b");
    return graph.weights(node.name() + "/b", bias, bias.length);
  }

  private void norm(Node.BatchNorm node) {
    like(node);
    graph
        .operator(
            "BatchNormalization",
            input(node, 0),
            perChannel(node, "gamma", node.affine(), node.gamma()),
            perChannel(node, "beta", node.affine(), node.beta()),
            perChannel(node, "mean", true, 0),
            perChannel(node, "var", true, 0))
        .with("epsilon", (float) node.eps())
        .into(result(node));
  }

  private String perChannel(Node node, String key, boolean trainedValue, double fixed) {
    int channels = node.output().channels();
    String name = node.name() + "/" + key;
    double[] all = new double[channels];
    Arrays.fill(all, fixed);
    return graph.weights(name, trainedValue ? trained.value(name) : all, channels);
  }

  private void subset(Node.Subset node) {
    like(node);
    graph
        .operator(
            "Slice",
            input(node, 0),
            graph.indices(node.name() + "/from", node.from()),
            graph.indices(node.name() + "/to", (long) node.from() + node.output().channels()),
            graph.indices(node.name() + "/axis", 1))
        .into(result(node));
  }

  private void shuffle(Node.Shuffle node) {
    like(node);
    FeatureShape shape = node.output();
    long area = (long) shape.height() * shape.width();
    long each = shape.channels() / node.groups();
    String grouped = graph.fresh(node.name() + ":groups");
    String swapped = graph.fresh(node.name() + ":swapped");
    // In a shape for Reshape, 0 stands for the axis as it is: the batch.
    graph
        .operator(
            "Reshape",
            input(node, 0),
            graph.indices(node.name() + "/groups", 0, node.groups(), each, area))
        .into(grouped);
    graph.operator("Transpose", grouped).withAll("perm", 0, 2, 1, 3).into(swapped);
    graph
        .operator("Reshape", swapped, graph.indices(node.name() + "/shape", reshape(node)))
        .into(result(node));
  }

  private long[] reshape(Node node) {
    long[] axes = axes(node.name(), node.output());
    long[] withBatch = new long[axes.length + 1];
    System.arraycopy(axes, 0, withBatch, 1, axes.length);
    return withBatch;
  }

  private void pool(Node.Pool node) {
    Window w = node.window();
    if (w.dilationH() != 1 || w.dilationW() != 1) {
      throw refusal(
          node,
          "dilated windows, for which ND4J does not compute what ONNX defines",
          "pool without dilation");
    }
    if (Math.max(w.top(), w.bottom()) >= w.kernelH()
        || Math.max(w.left(), w.right()) >= w.kernelW()) {
      throw refusal(
          node, "windows that lie in its padding altogether", "pad by less than the kernel");
    }
    if (node.max()) {
      sliding(graph.operator("MaxPool", map(node, 0)), w).into(result(node));
    } else {
      sliding(graph.operator("AveragePool", map(node, 0)), w)
          .with("count_include_pad", node.countPadding() ? 1 : 0)
          .into(result(node));
    }
  }

  private static NasException refusal(Node.Pool node, String what, String remedy) {
    return new NasException(
        "Layer '"
            + node.name()
            + "' of type SubsamplingLayer cannot be written as ONNX: it pools under "
            + what
            + ".\nMaybe "
            + remedy
            + ".");
  }

  private static OnnxGraph.Operator sliding(OnnxGraph.Operator operator, Window w) {
    return operator
        .withAll("kernel_shape", w.kernelH(), w.kernelW())
        .withAll("strides", w.strideH(), w.strideW())
        .withAll("pads", w.top(), w.left(), w.bottom(), w.right());
  }

  /** Two at a time: runtimes fuse a sum of two into the convolution before it. */
  private void chain(String type, Node node) {
    String[] inputs = alike(node);
    String so = inputs[0];
    for (int i = 1; i < inputs.length; i++) {
      boolean last = i == inputs.length - 1;
      String next = last ? result(node) : graph.fresh(node.name() + ":" + i);
      so = graph.operator(type, so, inputs[i]).into(next);
    }
    values.put(node.name(), so);
  }

  /** The inputs of a node, as vectors if all are; otherwise as maps. The result is the same. */
  private String[] alike(Node node) {
    List<String> inputs = node.inputs();
    if (vectors.containsAll(inputs)) {
      vectors.add(node.name());
      return inputs.stream().map(this::values).toArray(String[]::new);
    }
    String[] maps = new String[inputs.size()];
    for (int i = 0; i < maps.length; i++) {
      maps[i] = map(node, i);
    }
    return maps;
  }

  /** Notes that a node's result has as many axes as what it reads. */
  private void like(Node node) {
    if (vectors.contains(node.inputs().get(0))) {
      vectors.add(node.name());
    }
  }

  private void pass(Node node) {
    like(node);
    values.put(node.name(), input(node, 0));
  }

  private String input(Node node, int index) {
    return values(node.inputs().get(index));
  }

  private String values(String node) {
    String value = values.get(node);
    if (value == null) {
      throw new IllegalStateException("Nothing was written for node '" + node + "'.");
    }
    return value;
  }

  private String map(Node node, int index) {
    String read = node.inputs().get(index);
    if (!vectors.contains(read)) {
      return values(read);
    }
    FeatureShape shape = trained.graph().node(read).output();
    String name = graph.fresh(read + ":map");
    return graph
        .operator(
            "Reshape", values(read), graph.indices(name + "/shape", 0, shape.channels(), 1, 1))
        .into(name);
  }

  private String vector(Node node) {
    String read = node.inputs().get(0);
    return vectors.contains(read)
        ? values(read)
        : graph
            .operator("Flatten", values(read))
            .with("axis", 1)
            .into(graph.fresh(read + ":vector"));
  }

  private String result(Node node) {
    boolean last = node.name().equals(trained.graph().outputName());
    String name = last ? outputName : graph.fresh(node.name());
    values.put(node.name(), name);
    return name;
  }

  private long[] axes(String node, FeatureShape shape) {
    return vectors.contains(node)
        ? new long[] {shape.channels()}
        : new long[] {shape.channels(), shape.height(), shape.width()};
  }

  private static int[] shape(long[] dimensions) {
    return Arrays.stream(dimensions).mapToInt(Math::toIntExact).toArray();
  }
}
