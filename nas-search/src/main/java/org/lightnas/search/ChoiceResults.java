package org.lightnas.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lightnas.NasException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/** Which node of a network holds what a choice makes. */
final class ChoiceResults {

  private ChoiceResults() {}

  /**
   * For each choice the node that holds its result: the one vertex of the choice that the rest of
   * the network reads.
   *
   * @throws NasException if the rest reads several
   */
  static Map<Integer, String> of(LayerGraph graph, SearchSpace space) {
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
    Map<Integer, String> gates = new LinkedHashMap<>();
    results.forEach(
        (l, names) -> {
          if (names.size() > 1) {
            throw new NasException(
                "Choice '"
                    + choices.get(l).name()
                    + "' of space '"
                    + space.name()
                    + "' has several results: "
                    + names
                    + ".\nMaybe join them in one vertex that the rest of the network reads.");
          }
          gates.put(l, names.get(0));
        });
    return gates;
  }

  /** What stands before the first slash: for vertices of a choice, its name. */
  static String prefix(String vertex) {
    int slash = vertex.indexOf('/');
    return slash < 0 ? "" : vertex.substring(0, slash);
  }
}
