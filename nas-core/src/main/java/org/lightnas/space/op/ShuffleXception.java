package org.lightnas.space.op;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * A {@link ShuffleUnit} with another main branch (Guo et al., 2020): three times a depthwise 3x3
 * with batch norm and a 1x1 with batch norm and ReLU. The first depthwise convolution has the
 * stride.
 *
 * @param width factor of the channels between the 1x1 convolutions, which are {@link #mid()}
 * @param channels output channels, even
 * @param stride of the first depthwise convolution
 * @since 0.1.0
 */
public record ShuffleXception(double width, int channels, int stride) implements Op {

  private static final int KERNEL = 3;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the channels are odd, the width not positive and finite, or
   *     a value below 1
   */
  public ShuffleXception {
    ShuffleBranches.check("ShuffleXception", KERNEL, width, channels, stride);
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
    return "xception";
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return ShuffleBranches.outputShape(id(), channels, stride, in);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    ShuffleBranches branches =
        ShuffleBranches.begin(graph, name, input, in, KERNEL, channels, stride);
    int[] widths = {branches.in(), mid(), mid(), branches.out()};
    String last = branches.from();
    for (int i = 0; i < KERNEL; i++) {
      last =
          Layers.convBnAct(
              graph,
              branches.main() + (2 * i + 1),
              last,
              Layers.depthwise(KERNEL, widths[i], i == 0 ? stride : 1),
              Activation.IDENTITY);
      last = branches.point(branches.main() + (2 * i + 2), last, widths[i], widths[i + 1]);
    }
    return branches.join(last);
  }
}
