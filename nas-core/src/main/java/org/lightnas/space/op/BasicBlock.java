package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * The residual block of two 3x3 convolutions (He et al., 2016): convolution with the stride, batch
 * norm, ReLU, convolution, batch norm; then the shortcut is added, and ReLU. The shortcut is the
 * identity where the shape stays, otherwise a 1x1 convolution with the stride and batch norm.
 *
 * @param channels output channels
 * @param stride 1 or more
 * @since 0.1.0
 */
public record BasicBlock(int channels, int stride) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is below 1
   */
  public BasicBlock {
    checkArgument(
        channels >= 1 && stride >= 1,
        "Channels and stride of BasicBlock must be positive, but are %s and %s.",
        channels,
        stride);
  }

  @Override
  public String id() {
    return "basic";
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return in.strided(stride).withChannels(channels);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    String first =
        Layers.convBnAct(
            graph,
            name + "/conv1",
            input,
            Layers.convolution(3, in.channels(), channels, stride),
            Activation.RELU);
    String last =
        Layers.convBnAct(
            graph,
            name + "/conv2",
            first,
            Layers.convolution(3, channels, channels, 1),
            Activation.IDENTITY);
    return Layers.residual(graph, name, input, last, in, channels, stride);
  }
}
