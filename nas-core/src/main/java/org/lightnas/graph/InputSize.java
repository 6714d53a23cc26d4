package org.lightnas.graph;

import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
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
    for (Map.Entry<String, GraphVertex> entry : configuration.getVertices().entrySet()) {
      if (entry.getValue() instanceof LayerVertex layer
          && layer.getPreProcessor() instanceof FeedForwardToCnnPreProcessor size
          && configuration
              .getNetworkInputs()
              .contains(configuration.getVertexInputs().get(entry.getKey()).get(0))) {
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
    for (Map.Entry<String, GraphVertex> entry : configuration.getVertices().entrySet()) {
      if (entry.getValue() instanceof LayerVertex layer
          && configuration
              .getNetworkInputs()
              .contains(configuration.getVertexInputs().get(entry.getKey()).get(0))) {
        InputPreProcessor present = layer.getPreProcessor();
        if (present == null) {
          layer.setPreProcessor(
              new FeedForwardToCnnPreProcessor(input.height(), input.width(), input.channels()));
        }
        return;
      }
    }
  }
}
