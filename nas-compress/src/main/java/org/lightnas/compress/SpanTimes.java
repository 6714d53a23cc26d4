package org.lightnas.compress;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.space.Architecture;

/**
 * How long blocks in a row take: each in its fastest form by itself, and all in one convolution.
 * Both are measured as one network of these blocks, since times of single blocks do not add up.
 *
 * @param kernel edge length of the one convolution
 * @param apart each by itself
 * @param joined one convolution
 */
record SpanTimes(BlockSpan span, int kernel, Measurement apart, Measurement joined) {

  /** Whether joining them saves time beyond doubt. */
  boolean saves() {
    return joined.upperMillis() < apart.millis() - 2 * apart.spread();
  }

  /** What is left of their time, a share. */
  double share() {
    return joined.millis() / apart.millis();
  }

  /**
   * Of all spans that can be joined.
   *
   * @param alone every block in its fastest form by itself
   * @param wanted what of single blocks is faster merged
   */
  static List<SpanTimes> measure(
      TrainedGraph network, Architecture alone, Set<Set<String>> wanted, Device device) {
    GraftingSpace space = (GraftingSpace) alone.space();
    List<GraftingBlock> blocks = space.blocks();
    TrainedGraph plain = new BlockMerging(blocks, Set.of()).apply(network).after();
    List<SpanTimes> times = new ArrayList<>();
    for (BlockSpan span : space.joints().possible()) {
      String entry =
          plain.graph().node(blocks.get(span.first()).row().get(0).name()).inputs().get(0);
      Architecture apart = space.uniform(0);
      for (int l = span.first(); l <= span.last(); l++) {
        apart = apart.with(l, alone.pick(l));
      }
      Set<Set<String>> together = new HashSet<>(wanted);
      together.add(merged(blocks, span));
      GraftingBlock last = blocks.get(span.last());
      times.add(
          new SpanTimes(
              span,
              space.joints().kernel(span),
              BlockTimes.measure(
                  merged(space.graft(network, apart, 1), blocks, wanted), entry, last, device),
              BlockTimes.measure(
                  merged(space.graft(network, space.joined(apart, span), 1), blocks, together),
                  entry,
                  last,
                  device)));
    }
    return times;
  }

  private static TrainedGraph merged(
      TrainedGraph grafted, List<GraftingBlock> blocks, Set<Set<String>> wanted) {
    return new BlockMerging(blocks, wanted).apply(grafted).after();
  }

  /** The names of the convolutions that are to become one. */
  static Set<String> merged(List<GraftingBlock> blocks, BlockSpan span) {
    return span.blocks()
        .boxed()
        .flatMap(l -> blocks.get(l).merged(Linearity.ALL).stream())
        .collect(Collectors.toSet());
  }
}
