package org.lightnas.compress;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
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
    Map<String, Double> bends = new HashMap<>();
    for (GraftingBlock block : space.blocks()) {
      for (Node.Activate activation : block.straightened(Linearity.ALL)) {
        double slope =
            Arrays.stream(values.value(activation.name() + "/W")).map(Math::abs).average().orElse(0);
        bends.put(activation.name(), Math.max(LEAST, 1 - slope));
      }
    }
    return Evaluator.of("slopes", mask -> -bends(space, mask, bends));
  }

  private static double bends(GraftingSpace space, Architecture mask, Map<String, Double> bends) {
    double sum = 0;
    for (int l = 0; l < space.blocks().size(); l++) {
      Linearity linearity = GraftingSpace.picked(mask, l);
      if (linearity != Linearity.NONE) {
        for (Node.Activate activation : space.blocks().get(l).straightened(linearity)) {
          sum += bends.getOrDefault(activation.name(), 1.0);
        }
      }
    }
    return sum;
  }
}
