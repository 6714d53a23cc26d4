package org.lightnas.compress;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.train.Schedule;

/** Scores masks as {@link Domino#slopes} says. */
final class SlopeRule {

  private static final double SHARE = 0.5;

  /** Nothing is made linear for free. */
  private static final double LEAST = 0.01;

  private SlopeRule() {}

  /** Takes an epoch of training. */
  static Evaluator learned(ComputationGraph network, ImageData images, long seed) {
    GraftingSpace space = GraftingSpace.of(network);
    Architecture all = space.uniform(Integer.MAX_VALUE);
    ComputationGraph begun = space.graft(network, all, SHARE);
    ComputationGraph trained =
        GraftTraining.defaults(network)
            .epochs(1)
            .schedule(Schedule.constant())
            .seed(seed)
            .build()
            .fit(begun, images);
    begun.close();
    TrainedGraph values = TrainedGraph.of(trained);
    trained.close();
    double[][] bends = new double[space.blocks().size()][];
    for (int l = 0; l < bends.length; l++) {
      bends[l] = new double[space.choices().get(l).size()];
      for (int k = 1; k < bends[l].length; k++) {
        Linearity linearity = GraftingSpace.picked(space.uniform(0).with(l, k), l);
        for (Node.Activate activation : space.blocks().get(l).straightened(linearity)) {
          double[] slopes = values.value(activation.name() + "/W");
          double slope = Arrays.stream(slopes).map(Math::abs).average().orElse(0);
          bends[l][k] += Math.max(LEAST, 1 - slope);
        }
      }
    }
    return Evaluator.of("slopes", mask -> -sum(bends, mask));
  }

  private static double sum(double[][] bends, Architecture mask) {
    double sum = 0;
    for (int l = 0; l < bends.length; l++) {
      sum += bends[l][mask.pick(l)];
    }
    return sum;
  }
}
