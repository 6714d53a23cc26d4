package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;

/**
 * The largest value under a window.
 *
 * @param kernel edge length k, odd; padded by k / 2
 * @param stride 1 or more
 * @since 0.1.0
 */
public record MaxPool(int kernel, int stride) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the kernel is even or a value is below 1
   */
  public MaxPool {
    checkArgument(
        kernel >= 1 && kernel % 2 == 1, "The kernel of MaxPool must be odd, but is %s.", kernel);
    checkArgument(stride >= 1, "The stride of MaxPool must be positive, but is %s.", stride);
  }

  @Override
  public String id() {
    return "maxpool" + kernel;
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return in.strided(stride);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    graph.addLayer(
        name + "/pool",
        new SubsamplingLayer.Builder(PoolingType.MAX)
            .kernelSize(kernel, kernel)
            .stride(stride, stride)
            .padding(kernel / 2, kernel / 2)
            .convolutionMode(ConvolutionMode.Truncate)
            .build(),
        input);
    return name + "/pool";
  }
}
