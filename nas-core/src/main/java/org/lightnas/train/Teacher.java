package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.data.Pixels;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.Fingerprint;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;

/**
 * A network whose opinion is learned from, copied when it was given. Immutable, without native
 * memory; {@link #answers} puts it to work.
 */
final class Teacher {

  private final LayerGraph graph;
  private final Map<String, double[]> values;
  private final String fingerprint;
  private final double temperature;
  private final double weight;

  Teacher(ComputationGraph network, double temperature, double weight) {
    this.graph = LayerGraph.read(network.getConfiguration());
    this.values = NetworkValues.read(network, graph);
    this.fingerprint = Fingerprint.of(network, graph, values);
    this.temperature = temperature;
    this.weight = weight;
  }

  double temperature() {
    return temperature;
  }

  double weight() {
    return weight;
  }

  /**
   * Whether it can judge these images.
   *
   * @throws IllegalArgumentException if not
   */
  void requireFits(ImageData images) {
    checkArgument(
        graph.input().equals(images.shape())
            && graph.output().output().channels() == images.classes(),
        "The teacher takes images of %s in %s classes, but '%s' holds %s in %s.",
        graph.input(),
        graph.output().output().channels(),
        images.name(),
        images.shape(),
        images.classes());
  }

  /**
   * Makes it answer on an engine.
   *
   * @param batch images per question
   */
  Answers answers(Engine engine, int batch) {
    return new Answers(engine, batch);
  }

  /** The teacher at work, with weights of its own in native memory. */
  final class Answers implements AutoCloseable {

    private final Weights weights;
    private final Plan plan;

    private Answers(Engine engine, int batch) {
      weights = new Weights(engine.type());
      try {
        weights.ensure(graph, 0);
        weights.load(values);
        plan = engine.inference(graph, weights, batch);
      } catch (RuntimeException | Error e) {
        weights.close();
        throw e;
      }
    }

    /**
     * Its logits for a batch, {@code [batch][classes]} flattened. Destroys what other plans of the
     * engine have in the arena, so it is to be asked before the student.
     */
    double[] logits(Pixels nhwc) {
      plan.forward(nhwc, Pass.inference());
      return plan.logits();
    }

    @Override
    public void close() {
      weights.close();
    }
  }

  /** For reports and for comparing settings. */
  @Override
  public String toString() {
    return "network " + fingerprint + " at temperature " + temperature + ", weight " + weight;
  }
}
