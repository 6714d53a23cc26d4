package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.FeatureShape;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.BasicBlock;
import org.lightnas.space.op.Bottleneck;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

/** Blocks that are joined are one convolution, at the border too, whatever was trained. */
class JoinedBlocksProperties {

  /** In double, relative to the sum of the absolute values of all terms. */
  private static final double ROUNDING = 1e-10;

  @Property(tries = 20, edgeCases = EdgeCasesMode.NONE)
  @Tag("slow")
  void joinedBlocksAreOneConvolution(
      @ForAll long seed,
      @ForAll @IntRange(min = 3, max = 11) int height,
      @ForAll @IntRange(min = 3, max = 11) int width,
      @ForAll @IntRange(min = 2, max = 4) int blocks) {
    check(seed, new FeatureShape(2, height, width), blocks);
  }

  /** On maps of one or two pixels strides cannot be told apart, and rows may stay apart. */
  @Tag("slow")
  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void manyJoinedBlocksAreOneConvolution(
      @ForAll long seed,
      @ForAll @IntRange(min = 3, max = 14) int height,
      @ForAll @IntRange(min = 3, max = 14) int width,
      @ForAll @IntRange(min = 2, max = 5) int blocks) {
    check(seed, new FeatureShape(2, height, width), blocks);
  }

  private static void check(long seed, FeatureShape image, int count) {
    RandomGenerator random = Seeds.random(seed, "joined blocks", 0);
    LayeredSpace.Builder builder = LayeredSpace.named("row", image, 3).stem(new ConvBnAct(3, 4, 1));
    for (int l = 0; l < count; l++) {
      builder.choice("block" + l, op(random));
    }
    LayeredSpace row = builder.build();
    ComputationGraph made = row.network(row.uniform(0), 1);
    Chain.fill(made, seed);
    TrainedGraph network = TrainedGraph.of(made);
    Networks.close(made);
    GraftingSpace space = GraftingSpace.of(network.graph()).joining(13);
    List<BlockSpan> spans = space.joints().possible();
    if (spans.isEmpty()) {
      return;
    }
    BlockSpan span = spans.get(random.nextInt(spans.size()));
    Architecture mask = space.joined(space.uniform(0), span);
    TrainedGraph grafted = trained(space.graft(network, mask, 1), random);
    BlockMerging merging =
        new BlockMerging(space.blocks(), Set.of(SpanTimes.merged(space.blocks(), span)));
    TrainedGraph merged = merging.apply(grafted).after();
    Node source = grafted.graph().node(source(space, span));
    String end = space.blocks().get(span.last()).end().name();
    List<Node> parts = Joints.stretch(grafted.graph(), source.name(), end);
    Node.Convolution one = joined(parts, merged.graph());
    assertThat(one.window().kernelH()).isLessThanOrEqualTo(13);
    // A batch norm that made the map may be folded by now.
    Node before = merged.graph().node(one.inputs().get(0));
    double[] x = random.doubles(source.output().size(), -1, 1).toArray();
    assertThat(
            DoubleNetwork.run(alone(before, List.of(one), merged), x)
                .error(DoubleNetwork.run(alone(source, parts, grafted), x)))
        .isLessThanOrEqualTo(ROUNDING);
  }

  private static Op op(RandomGenerator random) {
    int stride = 1 + random.nextInt(4) / 3;
    int channels = 4 + 2 * random.nextInt(4) / 3;
    return switch (random.nextInt(5)) {
      case 0 -> new BasicBlock(channels, stride);
      case 1 -> new Bottleneck(2, stride);
      case 2 -> new MbConv(5, 2, channels, stride);
      case 3 -> new MbConv(3, 1, channels, stride);
      default -> new MbConv(3, 2, channels, stride);
    };
  }

  /** Shortcuts that pad and crop have learned too. */
  private static TrainedGraph trained(TrainedGraph grafted, RandomGenerator random) {
    Map<String, double[]> values = new HashMap<>(grafted.values());
    values.replaceAll(
        (name, old) -> name.contains(":") ? random.doubles(old.length, -1, 1).toArray() : old);
    return new TrainedGraph(grafted.graph(), values);
  }

  /** The only node between what the first block read and what the last one makes. */
  private static Node.Convolution joined(List<Node> parts, LayerGraph after) {
    List<Node> there = new ArrayList<>();
    for (Node node : parts) {
      if (after.nodes().stream().anyMatch(n -> n.name().equals(node.name()))) {
        there.add(after.node(node.name()));
      }
    }
    assertThat(there).hasSize(1);
    return (Node.Convolution) there.get(0);
  }

  private static String source(GraftingSpace space, BlockSpan span) {
    return space.blocks().get(span.first()).row().get(0).inputs().get(0);
  }

  /** Some nodes as a network of their own. */
  private static TrainedGraph alone(Node source, List<Node> nodes, TrainedGraph from) {
    List<Node> all = new ArrayList<>();
    all.add(new Node.Input(source.name(), source.output()));
    all.addAll(nodes);
    return new TrainedGraph(new LayerGraph(all, nodes.get(nodes.size() - 1).name()), from.values());
  }
}
