package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;

/**
 * How often a network is right.
 *
 * @since 0.1.0
 */
public final class Accuracy {

  private Accuracy() {}

  /**
   * The share of images whose class gets the largest probability, in percent.
   *
   * @param network trained, its configuration says its input size; not changed
   * @param images of that size
   * @throws IllegalArgumentException if the images have another shape
   */
  public static double of(ComputationGraph network, ImageSet images) {
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    checkArgument(
        graph.input().equals(images.shape()),
        "The network takes images of %s, but these are %s.",
        graph.input(),
        images.shape());
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, 0);
      weights.load(NetworkValues.read(network, graph));
      return new Evaluation(engine, graph, weights, images).run().accuracy();
    }
  }
}
