package org.lightnas.compress;

import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.NasException;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Evaluator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What scores masks where the caller says nothing: predicted accuracies if they rank, else slopes.
 *
 * @param learner fresh settings, without a prior
 */
record MaskScores(Supplier<MaskLearner.Builder> learner, long seed)
    implements BiFunction<ComputationGraph, ImageData, Evaluator> {

  private static final Logger LOG = LoggerFactory.getLogger(Domino.class);

  @Override
  public Evaluator apply(ComputationGraph network, ImageData images) {
    MaskAccuracy learned =
        learner
            .get()
            .seed(seed)
            .prior(prior(network, images))
            .build()
            .learn(network, images.train());
    if (learned.steers()) {
      return learned;
    }
    LOG.warn("The {} ranks no better than chance; masks are chosen by slopes", learned);
    return SlopeRule.learned(network, images, seed);
  }

  /** Not of every network other tasks can be made. */
  private MaskAccuracy.Prior prior(ComputationGraph network, ImageData images) {
    try {
      return learner.get().seed(seed).build().teach(network, images.train());
    } catch (NasException e) {
      LOG.warn("Nothing was learned from other tasks: {}", e.getMessage());
      return MaskAccuracy.Prior.untaught(GraftingSpace.of(network));
    }
  }
}
