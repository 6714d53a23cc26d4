package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * Does as little as the shapes allow: the identity where nothing changes, otherwise a 1x1
 * convolution with stride, batch norm and ReLU6 (LightNAS, as published by the authors).
 *
 * @param channels output channels
 * @param stride 1 or more
 * @since 0.1.0
 */
public record SkipConnect(int channels, int stride) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if a value is below 1
   */
  public SkipConnect {
    checkArgument(
        channels >= 1 && stride >= 1,
        "Channels and stride of SkipConnect must be positive, but are %s and %s.",
        channels,
        stride);
  }

  @Override
  public String id() {
    return "skip";
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return in.strided(stride).withChannels(channels);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    if (outputShape(in).equals(in)) {
      graph.addLayer(name + "/identity", Layers.activation(Activation.IDENTITY), input);
      return name + "/identity";
    }
    return Layers.convBnAct(
        graph,
        name + "/conv",
        input,
        Layers.convolution(1, in.channels(), channels, stride),
        Activation.RELU6);
  }
}
