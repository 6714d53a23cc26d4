package org.lightnas.graph;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;

/**
 * How a configuration says what images it takes. DL4J forgets the input type once a network is
 * built; the one place where it keeps height, width and channels is the preprocessor that unfolds
 * flat images, which leaves unfolded ones alone.
 */
final class InputSize {

  private InputSize() {}

  static FeatureShape of(ComputationGraphConfiguration configuration) {
    for (LayerVertex layer : readers(configuration)) {
      if (layer.getPreProcessor() instanceof FeedForwardToCnnPreProcessor size) {
        return new FeatureShape(
            (int) size.getNumChannels(), (int) size.getInputHeight(), (int) size.getInputWidth());
      }
    }
    throw new NasException(
        "The network does not say the size of its input images.\n"
            + "Maybe build it with InputType.convolutionalFlat(height, width, channels), which"
            + " takes unfolded images as well.");
  }

  /** Writes the size into a configuration, if its input is read by a layer without preprocessor. */
  static void mark(ComputationGraphConfiguration configuration, FeatureShape input) {
    readers(configuration).stream()
        .findFirst()
        .filter(layer -> layer.getPreProcessor() == null)
        .ifPresent(
            layer ->
                layer.setPreProcessor(
                    new FeedForwardToCnnPreProcessor(
                        input.height(), input.width(), input.channels())));
  }

  /** The layers that read the input, in the order in which they were added. */
  private static List<LayerVertex> readers(ComputationGraphConfiguration configuration) {
    List<LayerVertex> readers = new ArrayList<>();
    configuration
        .getVertexInputs()
        .forEach(
            (name, inputs) -> {
              if (configuration.getNetworkInputs().contains(inputs.get(0))
                  && configuration.getVertices().get(name) instanceof LayerVertex layer) {
                readers.add(layer);
              }
            });
    return readers;
  }
}
