package org.lightnas.compress;

import static java.util.stream.Collectors.toCollection;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;

/**
 * Linear nodes in a row, as far back as nothing else reads what lies between: any stretch of its
 * stages may become one convolution.
 *
 * @param stages in the order of the data, each with the exit of the one before as its entry
 */
record Segment(List<Stage> stages) {

  /**
   * A linear node and, if it is a sum, the branches of it.
   *
   * @param entry what all of it reads
   * @param inner the nodes of the branches, in the order of the data
   */
  record Stage(Node entry, List<Node> inner, Node exit) {

    List<Node> nodes() {
      List<Node> all = new ArrayList<>(inner);
      all.add(exit);
      return all;
    }
  }

  Segment {
    stages = List.copyOf(stages);
  }

  /** The nodes of stages {@code from} (counted) to {@code to} (not counted). */
  List<Node> nodes(int from, int to) {
    return stages.subList(from, to).stream().flatMap(stage -> stage.nodes().stream()).toList();
  }

  /** Finds the segments of a graph. */
  static final class Finder {

    private final LayerGraph graph;
    private final Map<String, Integer> positions = new HashMap<>();

    Finder(LayerGraph graph) {
      this.graph = graph;
      graph.nodes().forEach(node -> positions.put(node.name(), positions.size()));
    }

    /** The longest segment that ends with a node; without stages if that is no linear one. */
    Segment endingWith(Node last) {
      Deque<Stage> stages = new ArrayDeque<>();
      Optional<Stage> next = stage(last);
      while (next.isPresent()) {
        Stage stage = next.get();
        stages.addFirst(stage);
        next =
            readOnlyWithin(names(stage.nodes()), stage.entry())
                ? stage(stage.entry())
                : Optional.empty();
      }
      return new Segment(new ArrayList<>(stages));
    }

    /**
     * A node with all that lies between it and the nearest node that everything comes from: going
     * back from the last of what is open, until one is left.
     */
    private Optional<Stage> stage(Node exit) {
      if (!LinearNodes.isLinear(exit)) {
        return Optional.empty();
      }
      Set<String> within = names(List.of(exit));
      Deque<Node> inner = new ArrayDeque<>();
      TreeMap<Integer, Node> open = new TreeMap<>();
      exit.inputs().forEach(name -> open(name, open));
      while (open.size() > 1) {
        Node node = open.pollLastEntry().getValue();
        if (!LinearNodes.isLinear(node) || !readOnlyWithin(within, node)) {
          return Optional.empty();
        }
        within.add(node.name());
        inner.addFirst(node);
        node.inputs().forEach(name -> open(name, open));
      }
      return Optional.of(new Stage(open.firstEntry().getValue(), List.copyOf(inner), exit));
    }

    private void open(String name, Map<Integer, Node> open) {
      open.put(Objects.requireNonNull(positions.get(name)), graph.node(name));
    }

    private boolean readOnlyWithin(Set<String> nodes, Node node) {
      return !node.name().equals(graph.outputName())
          && nodes.containsAll(graph.readers(node.name()));
    }

    private static Set<String> names(List<Node> nodes) {
      return nodes.stream().map(Node::name).collect(toCollection(HashSet::new));
    }
  }
}
