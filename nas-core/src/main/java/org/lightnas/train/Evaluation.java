package org.lightnas.train;

import java.util.ArrayList;
import java.util.List;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Loss;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;

/** Runs a network over all images of a set, as deployed. Every image counts once. */
final class Evaluation {

  private static final int BATCH = 64;

  private final ImageSet images;

  /** One plan for full batches and, if something remains, one for the rest. */
  private final List<Plan> plans = new ArrayList<>();

  Evaluation(Engine engine, LayerGraph graph, Weights weights, ImageSet images) {
    this.images = images;
    int full = Math.min(BATCH, images.size());
    int rest = images.size() % full;
    plans.add(engine.inference(graph, weights, full));
    if (rest > 0) {
      plans.add(engine.inference(graph, weights, rest));
    }
  }

  /** With the weights as they are now. */
  TrainingListener.Validation run() {
    double lossSum = 0;
    int correct = 0;
    for (int from = 0; from < images.size(); ) {
      Plan plan = plans.get(images.size() - from >= plans.get(0).batch() ? 0 : 1);
      Batches.Batch batch = images.batch(from, plan.batch());
      plan.forward(batch.nhwc(), Pass.inference());
      Loss loss = plan.loss(batch.labels(), 0);
      lossSum += loss.mean() * plan.batch();
      correct += loss.correct();
      from += plan.batch();
    }
    return new TrainingListener.Validation(
        lossSum / images.size(), 100.0 * correct / images.size());
  }
}
