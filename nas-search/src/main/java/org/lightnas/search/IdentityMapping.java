package org.lightnas.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/**
 * The identity mapping of SurgeNAS: a choice's result becomes {@code op(x) + eta T(x)}, so that
 * every candidate has a shortcut and a skip connection is not the only one that is easy to train.
 * {@code T} is the identity; where channels change a 1x1 convolution with batch norm; where maps
 * shrink then the maximum of each window. All candidates of a choice share it.
 *
 * <p>Beside an identity a skip connection doubles what it is given: a space whose last choice is
 * read by no batch norm, as in a head, has logits that grow with the number of skips.
 *
 * <p>A choice may stand in several places, as an edge does in every cell of a network; then each
 * place has its own.
 */
final class IdentityMapping {

  /** Stands between the name of a choice and what belongs to its mapping. */
  private static final String PLACE = "/mapped/";

  private static final double EPS = 1e-3;
  private static final double DECAY = 0.9;

  private final LayerGraph graph;
  private final SearchSpace space;
  private final double eta;
  private final boolean affine;

  private IdentityMapping(LayerGraph graph, SearchSpace space, double eta, boolean affine) {
    this.graph = graph;
    this.space = space;
    this.eta = eta;
    this.affine = affine;
  }

  /**
   * The network with a mapping beside every choice.
   *
   * @param eta its share; 0 leaves the network as it is
   * @param affine whether its batch norms have a trained scale and shift
   * @throws NasException if a choice reads or makes several maps, or makes a larger one
   */
  static LayerGraph of(LayerGraph graph, SearchSpace space, double eta, boolean affine) {
    return eta == 0 ? graph : new IdentityMapping(graph, space, eta, affine).mapped();
  }

  /** Whether a vertex or tensor of this name belongs to a mapping. */
  static boolean has(String name) {
    return name.startsWith(PLACE, ChoiceResults.prefix(name).length());
  }

  /** What hangs together of a choice's nodes. */
  private static final class Part {
    final String choice;
    final Set<String> nodes = new HashSet<>();
    final Set<String> inputs = new LinkedHashSet<>();
    final Set<String> results = new TreeSet<>();

    Part(String choice) {
      this.choice = choice;
    }
  }

  private LayerGraph mapped() {
    Map<String, Part> parts = parts();
    Map<String, String> sums = new HashMap<>();
    Map<String, Integer> places = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Part own = parts.get(node.name());
      nodes.add(
          node.withInputs(
              node.inputs().stream()
                  .map(in -> own != null && own.nodes.contains(in) ? in : sums.getOrDefault(in, in))
                  .toList()));
      if (own != null && own.results.contains(node.name())) {
        int place = places.merge(own.choice, 1, Integer::sum) - 1;
        String name = own.choice + PLACE + place;
        String input = only(own, own.inputs, "reads");
        only(own, own.results, "makes");
        FeatureShape from = graph.node(input).output();
        String x = transform(nodes, name, sums.getOrDefault(input, input), from, node.output());
        nodes.add(new Node.Scale(name + "/eta", List.of(x), node.output(), eta));
        nodes.add(new Node.Add(name + "/sum", List.of(node.name(), name + "/eta"), node.output()));
        sums.put(node.name(), name + "/sum");
      }
    }
    return new LayerGraph(nodes, graph.outputName());
  }

  private String only(Part part, Collection<String> maps, String does) {
    if (maps.size() > 1) {
      throw new NasException(
          String.format(
              "Choice '%s' of space '%s' %s several maps, %s, so it has no identity.\n"
                  + "Maybe search with identityMapping(false).",
              part.choice, space.name(), does, maps));
    }
    return maps.iterator().next();
  }

  private Map<String, Part> parts() {
    Set<String> choices = new HashSet<>();
    space.choices().stream().map(Choice::name).forEach(choices::add);
    Map<String, Part> parts = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      String choice = ChoiceResults.prefix(node.name());
      if (choices.contains(choice)) {
        Part part = new Part(choice);
        part.nodes.add(node.name());
        for (String input : node.inputs()) {
          Part other = parts.get(input);
          if (other != null && other.choice.equals(choice)) {
            part.nodes.addAll(other.nodes);
            part.inputs.addAll(other.inputs);
          } else {
            part.inputs.add(input);
          }
        }
        part.nodes.forEach(name -> parts.put(name, part));
      }
    }
    parts.forEach(
        (name, part) -> {
          if (!part.nodes.containsAll(graph.readers(name))) {
            part.results.add(name);
          }
        });
    return parts;
  }

  /** Adds {@code T} and returns the name of its result. */
  private String transform(
      List<Node> nodes, String name, String input, FeatureShape from, FeatureShape to) {
    String last = input;
    FeatureShape shape = from.withChannels(to.channels());
    if (!shape.equals(from)) {
      nodes.add(
          new Node.Convolution(
              name + "/conv",
              List.of(last),
              from,
              shape,
              Window.symmetric(new int[] {1, 1}, new int[] {1, 1}, new int[2], new int[] {1, 1}),
              false,
              false,
              new WeightInitDistribution(new NormalDistribution(0, Math.sqrt(2.0 / to.channels()))),
              0));
      nodes.add(
          new Node.BatchNorm(
              name + "/bn", List.of(name + "/conv"), shape, EPS, DECAY, affine, 1, 0, false));
      last = name + "/bn";
    }
    if (!shape.equals(to)) {
      nodes.add(
          new Node.Pool(
              name + "/max", List.of(last), shape, to, window(name, from, to), true, false));
      last = name + "/max";
    }
    return last;
  }

  /** Windows side by side; the last ones stick out where they must. */
  private Window window(String name, FeatureShape from, FeatureShape to) {
    int high = ceil(from.height(), to.height());
    int wide = ceil(from.width(), to.width());
    int below = high * to.height() - from.height();
    int right = wide * to.width() - from.width();
    if (below >= high || right >= wide || below < 0 || right < 0) {
      throw new NasException(
          String.format(
              "Choice '%s' of space '%s' makes %s of %s, which no windows side by side do, so it"
                  + " has no identity.\nMaybe search with identityMapping(false).",
              ChoiceResults.prefix(name), space.name(), to, from));
    }
    return new Window(high, wide, high, wide, 0, 0, below, right, 1, 1);
  }

  private static int ceil(int a, int b) {
    return (a + b - 1) / b;
  }
}
