package org.lightnas.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;

/**
 * How a configuration says what images it takes. DL4J forgets the input type once a network is
 * built; the one place where it keeps height, width and channels is the preprocessor that unfolds
 * flat images, which leaves unfolded ones alone. It belongs to a layer that reads the input; where
 * none can have it (an operation begins by splitting channels), it is a vertex of its own.
 */
final class InputSize {

  private InputSize() {}

  static FeatureShape of(ComputationGraphConfiguration configuration) {
    return readers(configuration).stream()
        .flatMap(vertex -> saidBy(vertex).stream())
        .findFirst()
        .orElseThrow(
            () ->
                new NasException(
                    "The network does not say the size of its input images.\n"
                        + "Maybe build it with InputType.convolutionalFlat(height, width,"
                        + " channels), which takes unfolded images as well."));
  }

  /** The size that a vertex says behind the input. */
  static Optional<FeatureShape> saidBy(GraphVertex vertex) {
    InputPreProcessor before =
        vertex instanceof LayerVertex layer
            ? layer.getPreProcessor()
            : vertex instanceof PreprocessorVertex between ? between.getPreProcessor() : null;
    return before instanceof FeedForwardToCnnPreProcessor size
        ? Optional.of(
            new FeatureShape(
                (int) size.getNumChannels(),
                (int) size.getInputHeight(),
                (int) size.getInputWidth()))
        : Optional.empty();
  }

  /** Writes the size into a configuration that does not say it. */
  static void mark(ComputationGraphConfiguration configuration, FeatureShape input) {
    List<GraphVertex> readers = readers(configuration);
    if (readers.stream().anyMatch(vertex -> saidBy(vertex).isPresent())) {
      return;
    }
    InputPreProcessor size =
        new FeedForwardToCnnPreProcessor(input.height(), input.width(), input.channels());
    for (GraphVertex reader : readers) {
      if (reader instanceof LayerVertex layer && layer.getPreProcessor() == null) {
        layer.setPreProcessor(size);
        return;
      }
    }
    insert(configuration, new PreprocessorVertex(size));
  }

  /** Puts a vertex between the input and all that read it. */
  private static void insert(ComputationGraphConfiguration configuration, GraphVertex vertex) {
    String input = configuration.getNetworkInputs().get(0);
    String name = input + ":size";
    Map<String, List<String>> inputs = configuration.getVertexInputs();
    inputs.replaceAll(
        (reader, read) -> read.stream().map(r -> r.equals(input) ? name : r).toList());
    inputs.put(name, List.of(input));
    configuration.getVertices().put(name, vertex);
  }

  /** The vertices that read the input, in the order in which they were added. */
  private static List<GraphVertex> readers(ComputationGraphConfiguration configuration) {
    List<GraphVertex> readers = new ArrayList<>();
    configuration
        .getVertexInputs()
        .forEach(
            (name, inputs) -> {
              if (configuration.getNetworkInputs().contains(inputs.get(0))) {
                readers.add(configuration.getVertices().get(name));
              }
            });
    return readers;
  }
}
