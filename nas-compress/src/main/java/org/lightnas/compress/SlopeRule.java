package org.lightnas.compress;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.data.ImageData;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.train.Schedule;
import org.lightnas.train.Trainer;

/** Scores masks as {@link Domino#slopes} says. */
final class SlopeRule {

  private static final double SHARE = 0.5;

  /** Nothing is made linear for free. */
  private static final double LEAST = 0.01;

  /** That of a trainer, unless there are fewer images; batch norm needs two. */
  private static final int BATCH = 64;

  private SlopeRule() {}

  /**
   * Takes an epoch of training.
   *
   * @param training of the caller, over the defaults
   */
  static Evaluator learned(
      ComputationGraph network,
      ImageData images,
      UnaryOperator<Trainer.Builder> training,
      long seed) {
    GraftingSpace space = GraftingSpace.of(network);
    Architecture all = space.uniform(Integer.MAX_VALUE);
    Trainer.Builder usual =
        GraftTraining.defaults(network)
            .batchSize(Math.max(2, Math.min(BATCH, images.train().size())));
    Trainer trainer =
        training.apply(usual).epochs(1).schedule(Schedule.constant()).seed(seed).build();
    TrainedGraph values = fitted(space.graft(network, all, SHARE), trainer, images);
    List<Map<Linearity, Double>> bends = new ArrayList<>();
    for (int l = 0; l < space.blocks().size(); l++) {
      Map<Linearity, Double> block = new EnumMap<>(Linearity.class);
      block.put(Linearity.NONE, 0.0);
      for (int k = 1; k < space.choices().get(l).size(); k++) {
        Linearity linearity = GraftingSpace.picked(space.uniform(0).with(l, k), l);
        List<Node.Activate> straightened = space.blocks().get(l).straightened(linearity);
        double sum = straightened.stream().mapToDouble(f -> bend(f, values)).sum();
        block.put(linearity, sum);
        // The activation behind a block that is joined is gone too; nothing is known of its slope.
        if (linearity == Linearity.ALL) {
          block.put(Linearity.JOINED, sum * (1 + 1.0 / straightened.size()));
        }
      }
      bends.add(block);
    }
    return Evaluator.of("slopes", mask -> -sum(bends, mask));
  }

  /**
   * The values after training.
   *
   * @param begun is closed
   */
  private static TrainedGraph fitted(ComputationGraph begun, Trainer trainer, ImageData images) {
    ComputationGraph trained;
    try {
      trained = trainer.fit(begun, images);
    } finally {
      Networks.close(begun);
    }
    try {
      return TrainedGraph.of(trained);
    } finally {
      Networks.close(trained);
    }
  }

  private static double bend(Node.Activate activation, TrainedGraph values) {
    double[] slopes = values.value(activation.name() + "/W");
    double slope = Arrays.stream(slopes).map(Math::abs).average().orElse(0);
    return Math.max(LEAST, 1 - slope);
  }

  private static double sum(List<Map<Linearity, Double>> bends, Architecture mask) {
    double sum = 0;
    for (int l = 0; l < bends.size(); l++) {
      sum += bends.get(l).getOrDefault(GraftingSpace.picked(mask, l), 0.0);
    }
    return sum;
  }
}
