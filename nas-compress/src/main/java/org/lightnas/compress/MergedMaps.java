package org.lightnas.compress;

import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Runs every merged convolution beside its parts, both by themselves. Maps inside a running network
 * cannot be compared: DL4J overwrites many with the activation behind them.
 */
final class MergedMaps {

  /** Of each kind; every one has many pixels. */
  private static final int MAPS = 8;

  private final Rewrite.Result rewritten;
  private final long seed;

  MergedMaps(Rewrite.Result rewritten, long seed) {
    this.rewritten = rewritten;
    this.seed = seed;
  }

  /**
   * On random maps and, if there are images, on what the network makes of the first of them.
   *
   * @return for every merged convolution, in the order of the plan
   */
  List<MapEquivalence> compare(@Nullable ImageSet images) {
    List<MapEquivalence> all = new ArrayList<>();
    for (Merge merge : rewritten.plan().merges()) {
      if (merge.layer() instanceof Node.Convolution) {
        MapEquivalence both = compare(merge, random(merge));
        if (images != null) {
          INDArray first =
              images.take(Math.min(MAPS, images.size())).iterator(MAPS).next().getFeatures();
          both = both.and(compare(merge, before(merge.source(), first)));
        }
        all.add(both);
      }
    }
    return all;
  }

  /** Each value uniform in [-1, 1). */
  private INDArray random(Merge merge) {
    FeatureShape map = merge.source().output();
    RandomGenerator random = Seeds.random(seed, "map " + merge.last().name(), 0);
    float[] values = new float[Math.toIntExact(MAPS * map.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return Nd4j.create(values, new long[] {MAPS, map.channels(), map.height(), map.width()}, 'c');
  }

  /** What a merge reads when the network sees these images. */
  private INDArray before(Node source, INDArray images) {
    if (source instanceof Node.Input) {
      return images;
    }
    Set<String> read = new HashSet<>(Set.of(source.name()));
    List<Node> nodes = new ArrayList<>();
    for (Node node : Lists.reverse(rewritten.parts().graph().nodes())) {
      if (read.contains(node.name())) {
        read.addAll(node.inputs());
        nodes.add(node);
      }
    }
    return run(Lists.reverse(nodes), rewritten.parts(), images);
  }

  private MapEquivalence compare(Merge merge, INDArray maps) {
    Node input = new Node.Input(merge.source().name(), merge.source().output());
    List<Node> parts = new ArrayList<>(List.of(input));
    parts.addAll(merge.nodes());
    String name = merge.last().name();
    List<Node> whole = List.of(input, rewritten.after().graph().node(name));
    double[] y = run(parts, rewritten.parts(), maps).data().asDouble();
    double[] z = run(whole, rewritten.after(), maps).data().asDouble();
    Geometry geometry = merge.form().geometry();
    int area = merge.last().output().height() * merge.last().output().width();
    return new MapEquivalence(
        name,
        IntStream.range(0, area).filter(geometry::isBorder).count(),
        Equivalence.among(maps.size(0), y, z, i -> geometry.isBorder(i % area)),
        Equivalence.among(maps.size(0), y, z, i -> !geometry.isBorder(i % area)));
  }

  /** What the last of some nodes answers. */
  private static INDArray run(List<Node> nodes, TrainedGraph from, INDArray maps) {
    LayerGraph graph = new LayerGraph(nodes, nodes.get(nodes.size() - 1).name());
    // Left to the collector: to close a network, DL4J calls it twice, which takes longer than this.
    ComputationGraph network = new TrainedGraph(graph, from.values()).toNetwork();
    return network.outputSingle(maps).dup('c');
  }
}
