package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;

/** Merging in double, against every node's definition. */
class MergingProperties {

  /** Rounding of some dozen sums, in units of the sum of their absolute terms. */
  private static final double ROUNDING = 1e-10;

  static double[] image(FeatureShape shape, long seed) {
    RandomGenerator random = Seeds.random(seed, "image", 0);
    double[] values = new double[(int) shape.size()];
    Arrays.setAll(values, i -> random.nextDouble());
    return values;
  }

  private static long macs(TrainedGraph network) {
    return network.graph().nodes().stream().mapToLong(Node::macs).sum();
  }

  private static Rewrite.Result merge(TrainedGraph network, Comparator<MergePlan> better) {
    Rewrite.Result result = new ChainMerging(better).apply(network);
    double[] image = image(network.graph().input(), 1);
    DoubleNetwork.Answer before = DoubleNetwork.run(network, image);
    DoubleNetwork.Answer after = DoubleNetwork.run(result.after(), image);
    assertThat(before.error(after)).isLessThanOrEqualTo(ROUNDING);
    return result;
  }

  @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
  @Tag("slow")
  void everyExactMergeKeepsTheFunction(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int channels,
      @ForAll @IntRange(min = 1, max = 9) int height,
      @ForAll @IntRange(min = 1, max = 9) int width,
      @ForAll @IntRange(min = 1, max = 6) int parts) {
    FeatureShape input = new FeatureShape(channels, height, width);
    TrainedGraph network = RandomBlocks.network(seed, input, parts, false);
    Rewrite.Result all = merge(network, MergePlan.FEWEST_LAYERS);
    Rewrite.Result cheap = merge(network, MergePlan.FEWEST_MACS);
    assertThat(macs(cheap.after())).isLessThanOrEqualTo(macs(network));
    assertThat(macs(cheap.after())).isLessThanOrEqualTo(macs(all.after()));
    assertThat(all.after().graph().nodes().size())
        .isLessThanOrEqualTo(cheap.after().graph().nodes().size());
  }

  /** Whether a merge is exact is neither said too often nor too seldom. */
  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void whatIsCalledInexactIsWrongAtTheBorderAndNowhereElse(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 9) int height,
      @ForAll @IntRange(min = 1, max = 9) int width) {
    RandomBlocks blocks = new RandomBlocks(seed, new FeatureShape(2, height, width), false);
    Node first = blocks.conv(blocks.input(), blocks.random.nextInt(3));
    TrainedGraph pair = blocks.finish(blocks.conv(first, blocks.random.nextInt(3)));
    List<Merge> merges = new MergePlanner(pair).plan(MergePlan.FEWEST_LAYERS, m -> true).merges();
    assertThat(merges).hasSize(1);
    Merge merge = merges.get(0);
    double[] image = image(pair.graph().input(), 2);
    DoubleNetwork.Answer before = DoubleNetwork.run(pair, image);
    TrainedGraph merged = new MergePlan(0, 0, merges).applyTo(pair);
    DoubleNetwork.Answer after = DoubleNetwork.run(merged, image);
    assertThat(before.error(after) <= ROUNDING).isEqualTo(merge.form().exact());
    int area =
        (int) pair.graph().output().output().size() / pair.graph().output().output().channels();
    for (int i = 0; i < before.values().length; i++) {
      if (!merge.form().geometry().isBorder(i % area)) {
        assertThat(after.values()[i])
            .isCloseTo(before.values()[i], within(ROUNDING * before.sizes()[i]));
      }
    }
  }

  /** Padding-first chains are what grafted blocks are trained as. */
  @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
  void withPaddingFirstEverythingMergesAndNothingButTheBorderChanges(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int height,
      @ForAll @IntRange(min = 1, max = 12) int width,
      @ForAll @IntRange(min = 2, max = 3) int length) {
    RandomBlocks blocks = new RandomBlocks(seed, new FeatureShape(2, height, width), false);
    Node last = blocks.input();
    for (int i = 0; i < length; i++) {
      last = blocks.maybeNorm(blocks.sized(last, i == 1 || blocks.random.nextBoolean()));
    }
    TrainedGraph network = blocks.finish(last);
    TrainedGraph ready = new ChainMerging(MergePlan.FEWEST_LAYERS).toPaddingFirst(network);
    Rewrite.Result merged = merge(ready, MergePlan.FEWEST_LAYERS);

    assertThat(ready.graph().nodes()).hasSameSizeAs(network.graph().nodes());
    assertThat(merged.after().graph().nodes()).hasSize(2);
    assertThat(merged.steps()).noneMatch(step -> step.action() == Step.Action.KEPT);
    sameBeyondTheBorder(network, ready, merged.plan().merges().get(0));
  }

  private static void sameBeyondTheBorder(TrainedGraph network, TrainedGraph ready, Merge whole) {
    FeatureShape out = network.graph().output().output();
    assertThat(ready.graph().output().output()).isEqualTo(out);
    double[] image = image(network.graph().input(), 3);
    DoubleNetwork.Answer before = DoubleNetwork.run(network, image);
    DoubleNetwork.Answer after = DoubleNetwork.run(ready, image);
    for (int i = 0; i < before.values().length; i++) {
      if (!whole.form().geometry().isBorder(i % (out.height() * out.width()))) {
        assertThat(after.values()[i])
            .isCloseTo(before.values()[i], within(ROUNDING * before.sizes()[i]));
      }
    }
  }

  /** Shortcuts and branches too: where they stand in the way they become layers. */
  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  @Tag("slow")
  void blocksWithShortcutsMergeOncePaddingIsFirst(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 10) int height,
      @ForAll @IntRange(min = 1, max = 10) int width,
      @ForAll @IntRange(min = 1, max = 3) int length) {
    RandomBlocks blocks = new RandomBlocks(seed, new FeatureShape(2, height, width), false);
    Node last = blocks.input();
    for (int i = 0; i < length; i++) {
      last =
          switch (blocks.random.nextInt(3)) {
            case 0 -> blocks.shortcut(last);
            case 1 -> blocks.branches(last);
            default -> blocks.invertedResidual(last);
          };
    }
    TrainedGraph network = blocks.finish(last);
    TrainedGraph ready = new ChainMerging(MergePlan.FEWEST_LAYERS).toPaddingFirst(network);
    Rewrite.Result merged = merge(ready, MergePlan.FEWEST_LAYERS);
    assertThat(merged.after().graph().nodes()).hasSize(2);
    merged.plan().merges().forEach(whole -> sameBeyondTheBorder(network, ready, whole));
  }
}
