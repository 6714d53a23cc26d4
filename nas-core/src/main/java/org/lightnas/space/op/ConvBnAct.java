package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ascii;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * A convolution without bias, batch norm, an activation.
 *
 * @param kernel edge length k, odd; padded by k / 2
 * @param channels output channels
 * @param stride 1 or more
 * @param activation ReLU6 in mobile networks, ReLU in residual ones
 * @since 0.1.0
 */
public record ConvBnAct(int kernel, int channels, int stride, Activation activation) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the kernel is even or a value is below 1
   */
  public ConvBnAct {
    checkArgument(
        kernel >= 1 && kernel % 2 == 1, "The kernel of ConvBnAct must be odd, but is %s.", kernel);
    checkArgument(
        channels >= 1 && stride >= 1,
        "Channels and stride of ConvBnAct must be positive, but are %s and %s.",
        channels,
        stride);
  }

  /** With ReLU6. */
  public ConvBnAct(int kernel, int channels, int stride) {
    this(kernel, channels, stride, Activation.RELU6);
  }

  @Override
  public String id() {
    return activation == Activation.RELU6
        ? "conv" + kernel
        : Ascii.toLowerCase(activation.name()) + "_conv" + kernel;
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
        activation);
  }
}
