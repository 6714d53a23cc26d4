package org.lightnas.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.graph.SubsetVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.preprocessors.PermutePreprocessor;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.nd4j.linalg.activations.Activation;

/** Reads one configuration; used once. */
final class GraphReader {

  private static final KnownFields KNOWN = new KnownFields();
  private static final LayerReader LAYERS = new LayerReader(KNOWN);

  private final ComputationGraphConfiguration configuration;
  private final List<Node> nodes = new ArrayList<>();

  /** For each vertex the node that holds its result. */
  private final Map<String, Node> results = new HashMap<>();

  /** Vertices that are the beginning of a shuffle, and have no node of their own. */
  private final Map<String, Grouped> begun = new HashMap<>();

  /** A map seen as {@code [N, groups, channels / groups, H W]}, or with these two axes swapped. */
  private record Grouped(Node map, int groups, boolean swapped) {}

  GraphReader(ComputationGraphConfiguration configuration, FeatureShape input) {
    this.configuration = configuration;
    List<String> inputs = configuration.getNetworkInputs();
    List<String> outputs = configuration.getNetworkOutputs();
    if (inputs.size() != 1 || outputs.size() != 1) {
      throw new NasException(
          "A network must have one input and one output, but this one has "
              + inputs
              + " and "
              + outputs
              + ".");
    }
    put(inputs.get(0), new Node.Input(inputs.get(0), input));
  }

  LayerGraph read() {
    for (String vertex : computable()) {
      read(vertex);
    }
    return new LayerGraph(nodes, result(configuration.getNetworkOutputs().get(0)).name());
  }

  /** Vertices in an order in which they can be computed, as near to the written one as possible. */
  private List<String> computable() {
    Map<String, List<String>> waiting = new LinkedHashMap<>(configuration.getVertexInputs());
    Set<String> done = new HashSet<>(configuration.getNetworkInputs());
    List<String> order = new ArrayList<>();
    Deque<String> open = new ArrayDeque<>(configuration.getVertices().keySet());
    int blocked = 0;
    while (!open.isEmpty() && blocked <= open.size()) {
      String next = open.removeFirst();
      if (done.containsAll(waiting.getOrDefault(next, List.of()))) {
        order.add(next);
        done.add(next);
        blocked = 0;
      } else {
        open.addLast(next);
        blocked++;
      }
    }
    if (!open.isEmpty()) {
      throw new NasException("Vertices " + open + " wait for each other or for a missing input.");
    }
    return order;
  }

  private void read(String name) {
    GraphVertex vertex = find(configuration.getVertices(), name);
    List<String> read = find(configuration.getVertexInputs(), name);
    if (shuffles(name, vertex, read.get(0))) {
      return;
    }
    List<Node> inputs = read.stream().map(this::result).toList();
    if (vertex instanceof LayerVertex layer) {
      readLayer(name, layer, inputs.get(0));
      return;
    }
    if (configuration.getNetworkInputs().contains(read.get(0))
        && InputSize.saidBy(vertex).isPresent()) {
      // Says what is known.
      results.put(name, inputs.get(0));
      return;
    }
    List<String> names = inputs.stream().map(Node::name).toList();
    FeatureShape first = inputs.get(0).output();
    if (vertex instanceof PreprocessorVertex between
        && between.getPreProcessor() instanceof CnnToFeedForwardPreProcessor flatten) {
      put(name, flatten(name, flatten, inputs.get(0)));
      return;
    }
    if (KNOWN.understands(vertex)) {
      if (vertex instanceof ElementWiseVertex elementWise
          && inputs.stream().allMatch(input -> input.output().equals(first))) {
        if (elementWise.getOp() == ElementWiseVertex.Op.Add) {
          put(name, new Node.Add(name, names, first));
          return;
        }
        if (elementWise.getOp() == ElementWiseVertex.Op.Product) {
          put(name, new Node.Multiply(name, names, first));
          return;
        }
      }
      if (vertex instanceof ScaleVertex scale) {
        put(name, new Node.Scale(name, names, first, scale.getScaleFactor()));
        return;
      }
      if (vertex instanceof MergeVertex) {
        int channels = inputs.stream().mapToInt(input -> input.output().channels()).sum();
        put(name, new Node.Concat(name, names, first.withChannels(channels)));
        return;
      }
      if (vertex instanceof SubsetVertex subset) {
        int channels = subset.getTo() - subset.getFrom() + 1;
        put(name, new Node.Subset(name, names, first.withChannels(channels), subset.getFrom()));
        return;
      }
    }
    throw refusal(name);
  }

  /**
   * Reads one of the three vertices of a channel shuffle, as it is published and as plain DL4J says
   * it: into groups, the two axes of channels swapped, back into a map. A reshaping that changes
   * nothing has no node of its own: it tells DL4J the size of a subset of channels, which DL4J
   * 1.0.0-M2.1 gets wrong by itself (it counts {@code from - to + 1} channels of a map).
   */
  private boolean shuffles(String name, GraphVertex vertex, String read) {
    Grouped before = begun.get(read);
    Node map = before == null ? result(read) : before.map();
    FeatureShape shape = map.output();
    if (vertex instanceof ReshapeVertex reshape && KNOWN.understands(reshape)) {
      int[] to = reshape.getNewShape();
      int[] same = {-1, shape.channels(), shape.height(), shape.width()};
      if (before == null && Arrays.equals(to, same)) {
        results.put(name, map);
      }
      if (before == null && to.length == 4 && to[1] > 0) {
        int inner = shape.channels() / to[1];
        int[] grouped = {-1, to[1], inner, shape.height() * shape.width()};
        if (to[1] * inner == shape.channels() && Arrays.equals(to, grouped)) {
          begun.put(name, new Grouped(map, to[1], false));
          return true;
        }
      } else if (before != null && before.swapped()) {
        if (Arrays.equals(to, same)) {
          put(name, new Node.Shuffle(name, List.of(map.name()), shape, before.groups()));
          return true;
        }
      }
      return results.containsKey(name);
    } else if (before != null
        && !before.swapped()
        && vertex instanceof PreprocessorVertex between
        && between.getPreProcessor() instanceof PermutePreprocessor permute
        && KNOWN.understands(permute)
        // DL4J prepends the axis of the images itself when it runs the vertex.
        && (Arrays.equals(permute.getPermutationIndices(), new int[] {0, 2, 1, 3})
            || Arrays.equals(permute.getPermutationIndices(), new int[] {2, 1, 3}))) {
      begun.put(name, new Grouped(map, before.groups(), true));
      return true;
    }
    return false;
  }

  private NasException refusal(String name) {
    GraphVertex vertex = find(configuration.getVertices(), name);
    return new NasException(
        "Vertex '"
            + name
            + "' is a "
            + vertex.getClass().getSimpleName()
            + " with settings that cannot be run or rewritten: "
            + KNOWN.differing(vertex)
            + ", inputs "
            + find(configuration.getVertexInputs(), name).stream()
                .filter(results::containsKey)
                .map(input -> result(input).output())
                .toList()
            + ".\nMaybe write it as a custom DL4J layer, which runs through DL4J itself, or with"
            + " additions, products, scalings, merges, subsets and channel shuffles of maps of one"
            + " size.");
  }

  private void readLayer(String name, LayerVertex vertex, Node given) {
    Layer layer = vertex.getLayerConf().getLayer();
    KNOWN.formats(layer).forEach(format -> requireNchw(name, format));
    Node input = given;
    InputPreProcessor before = vertex.getPreProcessor();
    if (before instanceof CnnToFeedForwardPreProcessor flatten) {
      input = put(name + ":flatten", flatten(name + ":flatten", flatten, input));
    } else if (before != null && !(before instanceof FeedForwardToCnnPreProcessor)) {
      throw new NasException(
          "Layer '"
              + name
              + "' has a preprocessor of type "
              + before.getClass().getSimpleName()
              + ", which cannot be run or rewritten.\nMaybe leave it out.");
    }
    Optional<Node> main = LAYERS.read(name, layer, input);
    if (main.isEmpty()) {
      put(name, opaque(name, vertex, layer, input));
      return;
    }
    double keep = LayerReader.keep(layer.getIDropout());
    if (keep < 1 && !(layer instanceof DropoutLayer)) {
      Node dropout =
          new Node.Dropout(name + ":dropout", List.of(input.name()), input.output(), keep);
      put(dropout.name(), dropout);
      main = Optional.of(main.get().withInputs(List.of(dropout.name())));
    }
    Node node = put(name, main.get());
    if (layer instanceof OutputLayer) {
      results.put(
          name,
          put(
              name + ":softmax",
              new Node.Softmax(name + ":softmax", List.of(name), node.output())));
    } else if (node instanceof Node.Convolution || node instanceof Node.Dense) {
      String activated = name + ":activation";
      LayerReader.function(((BaseLayer) layer).getActivationFn())
          .filter(function -> function != Activation.IDENTITY)
          .map(f -> new Node.Activate(activated, List.of(name), node.output(), f))
          .ifPresent(activate -> results.put(name, put(activated, activate)));
    }
  }

  private static Node opaque(String name, LayerVertex vertex, Layer layer, Node input) {
    FeatureShape in = input.output();
    InputType type =
        in.height() == 1 && in.width() == 1 && !(input instanceof Node.Input)
            ? InputType.feedForward(in.channels())
            : InputType.convolutional(in.height(), in.width(), in.channels(), CNN2DFormat.NCHW);
    FeatureShape out;
    long size;
    try {
      out = shape(layer.getOutputType(0, type));
      size = layer.initializer().numParams(vertex.getLayerConf());
    } catch (RuntimeException e) {
      throw new NasException(
          "Layer '"
              + name
              + "' of type "
              + layer.getClass().getSimpleName()
              + " does not accept "
              + in
              + ": "
              + e.getMessage(),
          e);
    }
    return new Node.Opaque(name, List.of(input.name()), in, out, layer, size);
  }

  private static FeatureShape shape(InputType type) {
    if (type instanceof InputType.InputTypeConvolutional map) {
      return new FeatureShape((int) map.getChannels(), (int) map.getHeight(), (int) map.getWidth());
    }
    if (type instanceof InputType.InputTypeFeedForward vector) {
      return FeatureShape.vector((int) vector.getSize());
    }
    throw new IllegalArgumentException("it makes " + type + ", neither a map nor a vector");
  }

  private static Node flatten(String name, CnnToFeedForwardPreProcessor flatten, Node input) {
    requireNchw(name, flatten.getFormat());
    FeatureShape in = input.output();
    return new Node.Flatten(
        name, List.of(input.name()), in, FeatureShape.vector(Math.toIntExact(in.size())));
  }

  private static void requireNchw(String name, CNN2DFormat format) {
    if (format != CNN2DFormat.NCHW) {
      throw new NasException(
          "Layer '"
              + name
              + "' works in "
              + format
              + ", but networks must be NCHW, DL4J's default.");
    }
  }

  private Node put(String vertex, Node node) {
    nodes.add(node);
    results.put(vertex, node);
    return node;
  }

  private static <T> T find(Map<String, T> vertices, String name) {
    T found = vertices.get(name);
    if (found == null) {
      throw new NasException("The network has no vertex '" + name + "', but something reads it.");
    }
    return found;
  }

  private Node result(String vertex) {
    if (begun.containsKey(vertex) && !results.containsKey(vertex)) {
      throw refusal(vertex);
    }
    return find(results, vertex);
  }
}
