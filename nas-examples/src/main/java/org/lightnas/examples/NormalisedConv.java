package org.lightnas.examples;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.nd4j.linalg.activations.Activation;

/**
 * An operation of one's own: a convolution and AlexNet's local response normalisation. Our engine
 * does not know that DL4J layer, so it runs through DL4J itself.
 */
public record NormalisedConv(int kernel, int channels) implements Op {

  @Override
  public String id() {
    return "lrn" + kernel;
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return in.withChannels(channels);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    graph.addLayer(
        name + "/conv",
        new ConvolutionLayer.Builder(kernel, kernel)
            .nIn(in.channels())
            .nOut(channels)
            .padding(kernel / 2, kernel / 2)
            .activation(Activation.RELU)
            .build(),
        input);
    graph.addLayer(name + "/lrn", new LocalResponseNormalization.Builder().build(), name + "/conv");
    return name + "/lrn";
  }
}
