package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * A convolution without bias, batch norm, ReLU: the stem of residual networks.
 *
 * @param kernel edge length k, odd; padded by k / 2
 * @param channels output channels
 * @param stride 1 or more
 */
public record ConvBnRelu(int kernel, int channels, int stride) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the kernel is even or a value is below 1
   */
  public ConvBnRelu {
    checkArgument(
        kernel >= 1 && kernel % 2 == 1, "The kernel of ConvBnRelu must be odd, but is %s.", kernel);
    checkArgument(
        channels >= 1 && stride >= 1,
        "Channels and stride of ConvBnRelu must be positive, but are %s and %s.",
        channels,
        stride);
  }

  @Override
  public String id() {
    return "relu_conv" + kernel;
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return in.strided(stride).withChannels(channels);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    return Layers.convBnAct(
        graph,
        name + "/conv",
        input,
        Layers.convolution(kernel, in.channels(), channels, stride),
        Activation.RELU);
  }
}
