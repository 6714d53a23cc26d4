package org.lightnas.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lightnas.NasException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/** Which nodes of a network hold what a choice makes. */
final class ChoiceResults {

  private ChoiceResults() {}

  /**
   * For each choice the nodes that hold its results: the vertices of the choice that the rest of
   * the network reads. There are several if it stands in several places, as an edge does in every
   * cell of a network.
   *
   * @throws NasException if there are several, and one is also read within the choice: its
   *     derivative would hold a part of another's
   */
  static SortedMap<Integer, List<String>> of(LayerGraph graph, SearchSpace space) {
    List<Choice> choices = space.choices();
    Map<String, Integer> positions = new HashMap<>();
    for (int l = 0; l < choices.size(); l++) {
      positions.put(choices.get(l).name(), l);
    }
    SortedMap<Integer, List<String>> results = new TreeMap<>();
    for (Node node : graph.nodes()) {
      String choice = prefix(node.name());
      Integer l = positions.get(choice);
      if (l != null
          && graph.readers(node.name()).stream().anyMatch(by -> !prefix(by).equals(choice))) {
        results.computeIfAbsent(l, none -> new ArrayList<>()).add(node.name());
      }
    }
    results.forEach(
        (l, names) -> {
          String choice = choices.get(l).name();
          if (names.size() > 1 && names.stream().anyMatch(name -> isReadBy(choice, name, graph))) {
            throw new NasException(
                "Choice '"
                    + choice
                    + "' of space '"
                    + space.name()
                    + "' has several results that depend on each other: "
                    + names
                    + ".\nMaybe join them in one vertex that the rest of the network reads, or take"
                    + " Estimator.PATHS.");
          }
        });
    return results;
  }

  private static boolean isReadBy(String choice, String name, LayerGraph graph) {
    return graph.readers(name).stream().anyMatch(by -> prefix(by).equals(choice));
  }

  /** What stands before the first slash: for vertices of a choice, its name. */
  static String prefix(String vertex) {
    int slash = vertex.indexOf('/');
    return slash < 0 ? "" : vertex.substring(0, slash);
  }
}
