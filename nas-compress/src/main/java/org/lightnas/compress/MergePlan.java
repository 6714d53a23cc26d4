package org.lightnas.compress;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.TrainedGraph;

/**
 * Merges of a network that do not overlap, and what its linear nodes cost then.
 *
 * @param macs of the linear nodes that are left
 * @param layers how many linear nodes are left
 */
record MergePlan(long macs, int layers, List<Merge> merges) {

  static final MergePlan NOTHING = new MergePlan(0, 0, List.of());

  /** First as few operations as can be, then as few layers. */
  static final Comparator<MergePlan> FEWEST_MACS =
      Comparator.comparingLong(MergePlan::macs).thenComparingInt(MergePlan::layers);

  /** First as few layers as can be, then as few operations. */
  static final Comparator<MergePlan> FEWEST_LAYERS =
      Comparator.comparingInt(MergePlan::layers).thenComparingLong(MergePlan::macs);

  MergePlan {
    merges = List.copyOf(merges);
  }

  static MergePlan of(Merge merge) {
    return new MergePlan(merge.macsAfter(), 1, List.of(merge));
  }

  /** A node that stays. */
  static MergePlan of(Node node) {
    return new MergePlan(node.macs(), 1, List.of());
  }

  MergePlan and(MergePlan more) {
    List<Merge> all = new ArrayList<>(merges);
    all.addAll(more.merges);
    return new MergePlan(macs + more.macs, layers + more.layers, all);
  }

  /** The network with every merge done. */
  TrainedGraph applyTo(TrainedGraph trained) {
    Map<String, Merge> ends = merges.stream().collect(toMap(merge -> merge.last().name(), m -> m));
    Set<String> gone = merges.stream().flatMap(merge -> merge.names().stream()).collect(toSet());
    List<Node> nodes = new ArrayList<>();
    Map<String, double[]> values = new HashMap<>(trained.values());
    for (Node node : trained.graph().nodes()) {
      Merge merge = ends.get(node.name());
      if (merge != null) {
        nodes.add(merge.layer());
        merge.putValues(values);
      } else if (!gone.contains(node.name())) {
        nodes.add(node);
      }
    }
    LayerGraph graph = new LayerGraph(nodes, trained.graph().outputName());
    values.keySet().retainAll(graph.parameters().stream().map(Parameter::name).toList());
    return new TrainedGraph(graph, values);
  }
}
