package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * The inverted residual of MobileNetV2 (Sandler et al., 2018): 1x1 expansion, depthwise k x k, 1x1
 * linear projection, each with batch norm, ReLU6 after the first two; a shortcut where shape and
 * channels stay. Without expansion (factor 1) the first convolution is left out.
 *
 * @param kernel edge length of the depthwise kernel, odd
 * @param expand expansion factor of the inner channels
 * @param channels output channels
 * @param stride of the depthwise convolution
 * @since 0.1.0
 */
public record MbConv(int kernel, int expand, int channels, int stride) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the kernel is even or a value is below 1
   */
  public MbConv {
    checkArgument(
        kernel >= 1 && kernel % 2 == 1, "The kernel of MbConv must be odd, but is %s.", kernel);
    checkArgument(
        expand >= 1 && channels >= 1 && stride >= 1,
        "Expansion, channels and stride of MbConv must be positive, but are %s, %s and %s.",
        expand,
        channels,
        stride);
  }

  @Override
  public String id() {
    return "k" + kernel + "e" + expand;
  }

  /** All kernels and expansions. */
  @Override
  public String family() {
    return "mbconv";
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return in.strided(stride).withChannels(channels);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    int inner = in.channels() * expand;
    String last = input;
    if (expand > 1) {
      last =
          Layers.convBnAct(
              graph,
              name + "/expand",
              last,
              Layers.convolution(1, in.channels(), inner, 1),
              Activation.RELU6);
    }
    last =
        Layers.convBnAct(
            graph,
            name + "/depthwise",
            last,
            Layers.depthwise(kernel, inner, stride),
            Activation.RELU6);
    last =
        Layers.convBnAct(
            graph,
            name + "/project",
            last,
            Layers.convolution(1, inner, channels, 1),
            Activation.IDENTITY);
    if (!outputShape(in).equals(in)) {
      return last;
    }
    graph.addVertex(name + "/add", new ElementWiseVertex(ElementWiseVertex.Op.Add), input, last);
    return name + "/add";
  }
}
