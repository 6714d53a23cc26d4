package org.lightnas.metric;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;

/**
 * The most memory that one image's feature maps take at the same time in inference: layers run in
 * the order of the graph, a map is kept from the layer that makes it to the last that reads it, and
 * batch norms, activations and whatever else works value by value overwrite a map that nobody else
 * reads.
 */
final class FeatureMaps {

  private FeatureMaps() {}

  /** In bytes of float32. */
  static long peakBytes(LayerGraph graph) {
    List<Node> nodes = graph.nodes();
    // What overwrites its input shares its input's map.
    Map<String, String> maps = new HashMap<>();
    Map<String, Integer> lastUse = new HashMap<>();
    Map<String, Long> sizes = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      String map = node.name();
      for (String input : node.inputs()) {
        String read = maps.getOrDefault(input, input);
        lastUse.put(read, i);
        if (overwrites(node) && graph.readers(input).size() == 1) {
          map = read;
        }
      }
      maps.put(node.name(), map);
      lastUse.put(map, i);
      sizes.merge(map, node.output().size(), Math::max);
    }
    lastUse.put(maps.getOrDefault(graph.outputName(), graph.outputName()), nodes.size());
    long most = 0;
    long now = 0;
    Set<String> alive = new HashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      String map = maps.getOrDefault(nodes.get(i).name(), "");
      if (alive.add(map)) {
        now += sizes.getOrDefault(map, 0L);
      }
      most = Math.max(most, now);
      for (String read : List.copyOf(alive)) {
        if (lastUse.getOrDefault(read, 0) <= i) {
          alive.remove(read);
          now -= sizes.getOrDefault(read, 0L);
        }
      }
    }
    return Float.BYTES * most;
  }

  private static boolean overwrites(Node node) {
    return node instanceof Node.BatchNorm
        || node instanceof Node.Activate
        || node instanceof Node.Scale
        || node instanceof Node.Add
        || node instanceof Node.Multiply
        || node instanceof Node.Flatten
        || node instanceof Node.Dropout
        || node instanceof Node.Softmax;
  }
}
