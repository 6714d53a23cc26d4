package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * The residual block of a 1x1 convolution to few channels, a 3x3 convolution and a 1x1 convolution
 * to four times as many (He et al., 2016), each with batch norm, ReLU after the first two; then the
 * shortcut is added as in {@link BasicBlock}, and ReLU. The stride is that of the 3x3 convolution,
 * as in common implementations; in the paper it is that of the first.
 *
 * @param inner channels of the 3x3 convolution; a quarter of the output channels
 * @param stride 1 or more
 * @since 0.1.0
 */
public record Bottleneck(int inner, int stride) implements Op {

  private static final int EXPANSION = 4;

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is below 1
   */
  public Bottleneck {
    checkArgument(
        inner >= 1 && stride >= 1,
        "Inner channels and stride of Bottleneck must be positive, but are %s and %s.",
        inner,
        stride);
  }

  @Override
  public String id() {
    return "bottleneck";
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return in.strided(stride).withChannels(EXPANSION * inner);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    String last =
        Layers.convBnAct(
            graph,
            name + "/conv1",
            input,
            Layers.convolution(1, in.channels(), inner, 1),
            Activation.RELU);
    last =
        Layers.convBnAct(
            graph,
            name + "/conv2",
            last,
            Layers.convolution(3, inner, inner, stride),
            Activation.RELU);
    last =
        Layers.convBnAct(
            graph,
            name + "/conv3",
            last,
            Layers.convolution(1, inner, EXPANSION * inner, 1),
            Activation.IDENTITY);
    return Layers.residual(graph, name, input, last, in, EXPANSION * inner, stride);
  }
}
