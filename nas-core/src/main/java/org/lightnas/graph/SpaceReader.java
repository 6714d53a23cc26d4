package org.lightnas.graph;

import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;

/**
 * Reads the networks of one space, as {@link LayerGraph#of} does, but soon much faster: a search
 * needs another network at every step.
 *
 * <p>In a {@link LayeredSpace} the layers of an operation follow from the operation and from what
 * DL4J infers of its input. So a network is cut before and behind every choice, and a part that was
 * read once is used again in all networks that hold it. Networks of other spaces, and those that
 * cannot be cut in this way, are always read whole. Thread-safe.
 */
public final class SpaceReader {

  private final SearchSpace space;

  /** The choices' names; choice {@code l} is section {@code l + 1}, between 0 and {@link #last}. */
  private final Map<String, Integer> sections = new HashMap<>();

  private final int last;
  private final Map<Key, Part> parts = new ConcurrentHashMap<>();

  /**
   * Where one part follows another.
   *
   * @param node what the later part is handed
   * @param type what DL4J infers of it: it decides on preprocessors and input sizes, and neither
   *     follows from the shape nor always agrees with it
   */
  private record Joint(String node, FeatureShape shape, InputType type) {}

  /** What the nodes of a part follow from, apart from the name of the node before it. */
  private record Key(int section, int pick, FeatureShape shape, InputType type) {}

  /**
   * Nodes in a row.
   *
   * @param input what they were handed when they were read
   */
  private record Part(List<Node> nodes, String input, Joint result) {

    void addTo(List<Node> network, String newInput) {
      for (Node node : nodes) {
        network.add(
            newInput.equals(input) || !node.inputs().contains(input)
                ? node
                : node.withInputs(
                    node.inputs().stream().map(in -> in.equals(input) ? newInput : in).toList()));
      }
    }
  }

  /** A reader that has read nothing yet. */
  public SpaceReader(SearchSpace space) {
    this.space = space;
    for (int l = 0; l < space.choices().size(); l++) {
      sections.put(space.choices().get(l).name(), l + 1);
    }
    this.last = space.choices().size() + 1;
  }

  /**
   * The network of an architecture, equal to {@code LayerGraph.of(space, architecture)}.
   *
   * @throws org.lightnas.NasException as that
   */
  public LayerGraph read(Architecture architecture) {
    if (!(space instanceof LayeredSpace) || !architecture.space().equals(space)) {
      return LayerGraph.of(space, architecture);
    }
    LayerGraph known = assemble(architecture);
    if (known != null) {
      return known;
    }
    ComputationGraphConfiguration configuration = space.toConfiguration(architecture);
    LayerGraph graph = LayerGraph.read(configuration, space.input());
    learn(
        architecture,
        graph,
        configuration.getLayerActivationTypes(false, false, beginning().type()));
    return graph;
  }

  private Joint beginning() {
    FeatureShape in = space.input();
    return new Joint("", in, InputType.convolutional(in.height(), in.width(), in.channels()));
  }

  private Key key(int section, Architecture architecture, Joint before) {
    int pick = section % last == 0 ? 0 : architecture.pick(section - 1);
    return new Key(section, pick, before.shape(), before.type());
  }

  private @Nullable LayerGraph assemble(Architecture architecture) {
    List<Node> nodes = new ArrayList<>();
    Joint joint = beginning();
    for (int section = 0; section <= last; section++) {
      Part part = parts.get(key(section, architecture, joint));
      if (part == null) {
        return null;
      }
      part.addTo(nodes, joint.node());
      joint = part.result();
    }
    return new LayerGraph(nodes, joint.node());
  }

  private void learn(Architecture architecture, LayerGraph graph, Map<String, InputType> types) {
    Map<Key, Part> found = new HashMap<>();
    Joint joint = beginning();
    int from = 0;
    for (int section = 0; section <= last; section++) {
      int to = from;
      while (to < graph.nodes().size() && choice(graph.nodes().get(to)) == section % last) {
        to++;
      }
      Part part = part(graph, graph.nodes().subList(from, to), joint.node(), types);
      if (part == null) {
        return;
      }
      found.put(key(section, architecture, joint), part);
      joint = part.result();
      from = to;
    }
    if (from == graph.nodes().size()) {
      parts.putAll(found);
    }
  }

  /** The section of a node that belongs to a choice, 0 for others. */
  private int choice(Node node) {
    int slash = node.name().indexOf('/');
    return slash < 0 ? 0 : sections.getOrDefault(node.name().substring(0, slash), 0);
  }

  /** Null if not exactly one of the nodes is read by the rest. */
  private static @Nullable Part part(
      LayerGraph graph, List<Node> nodes, String input, Map<String, InputType> types) {
    Set<String> own = nodes.stream().map(Node::name).collect(toSet());
    List<Node> results =
        nodes.stream()
            .filter(
                node ->
                    node.name().equals(graph.outputName())
                        || !own.containsAll(graph.readers(node.name())))
            .toList();
    if (results.size() != 1) {
      return null;
    }
    Node result = results.get(0);
    // Nodes that share a vertex have its name and a suffix; what it yields is the last of them.
    String name = result.name();
    InputType type = types.get(types.containsKey(name) ? name : name.replaceFirst(":\\w+$", ""));
    return type == null
        ? null
        : new Part(List.copyOf(nodes), input, new Joint(name, result.output(), type));
  }
}
