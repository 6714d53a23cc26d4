package org.lightnas.space.op;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * The unit of ShuffleNetV2 (Ma et al., 2018) as the one-shot spaces use it (Guo et al., 2020). Its
 * main branch is a 1x1 convolution, a depthwise k x k and a 1x1, each with batch norm, ReLU after
 * the first and the last. Where shape and channels stay, channels are shuffled, the main branch
 * works on the odd ones and the even ones pass; otherwise it works on all, and a projection (a
 * depthwise k x k and a 1x1) takes the place of those that pass. The two are joined, so the main
 * branch makes {@code channels - in} channels, or half of them.
 *
 * <p>Units of one choice that differ in {@code width} only share their weights, by leading slices.
 *
 * @param kernel edge length of the depthwise kernels, odd
 * @param width factor of the channels within the main branch, which are {@link #mid()}
 * @param channels output channels, even
 * @param stride of the depthwise convolution
 * @since 0.1.0
 */
public record ShuffleUnit(int kernel, double width, int channels, int stride) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the kernel is even, the channels odd, the width not
   *     positive and finite, or a value below 1
   */
  public ShuffleUnit {
    ShuffleBranches.check("ShuffleUnit", kernel, width, channels, stride);
  }

  /** Channels within the main branch: {@code channels / 2 * width}, rounded down; at least 1. */
  public int mid() {
    return ShuffleBranches.mid(width, channels);
  }

  @Override
  public String id() {
    return weightKey() + "w" + width;
  }

  @Override
  public String weightKey() {
    return "shuffle" + kernel;
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return ShuffleBranches.outputShape(id(), channels, stride, in);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    ShuffleBranches branches =
        ShuffleBranches.begin(graph, name, input, in, kernel, channels, stride);
    String last = branches.point(branches.main() + "1", branches.from(), branches.in(), mid());
    last =
        Layers.convBnAct(
            graph,
            branches.main() + "2",
            last,
            Layers.depthwise(kernel, mid(), stride),
            Activation.IDENTITY);
    last = branches.point(branches.main() + "3", last, mid(), branches.out());
    return branches.join(last);
  }
}
