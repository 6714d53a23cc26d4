package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;

/** How often a network is right. */
public final class Accuracy {

  private static final int BATCH = 64;

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
      return of(engine.inference(graph, weights, Math.min(BATCH, images.size())), images);
    }
  }

  /** The same for a plan, in inference mode. */
  static double of(Plan plan, ImageSet images) {
    int batch = plan.batch();
    int classes = plan.classes();
    int pixels = (int) images.shape().size();
    float[] nhwc = new float[batch * pixels];
    int correct = 0;
    for (int from = 0; from < images.size(); from += batch) {
      int count = Math.min(batch, images.size() - from);
      for (int i = 0; i < count; i++) {
        images.copyNhwc(from + i, nhwc, i * pixels);
      }
      plan.forward(nhwc, Pass.inference());
      double[] logits = plan.logits();
      for (int i = 0; i < count; i++) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
          if (logits[i * classes + c] > logits[i * classes + best]) {
            best = c;
          }
        }
        correct += best == images.label(from + i) ? 1 : 0;
      }
    }
    return 100.0 * correct / images.size();
  }
}
