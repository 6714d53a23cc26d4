package org.lightnas.compress;

import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Evaluator;
import org.lightnas.train.Trainer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What scores masks where the caller says nothing: predicted accuracies if they rank, else slopes.
 *
 * @param learner fresh settings
 * @param training how grafted networks are trained, for slopes
 */
record MaskScores(
    Supplier<MaskLearner.Builder> learner, UnaryOperator<Trainer.Builder> training, long seed) {

  private static final Logger LOG = LoggerFactory.getLogger(Domino.class);

  /**
   * Of the masks of a network.
   *
   * @param start the network itself, or one grafted from it and trained
   */
  Evaluator of(
      GraftingSpace space, ComputationGraph network, ComputationGraph start, ImageData images) {
    try {
      // Cheap tasks cost as much as all the rest, and what they teach is not seen to be worth it.
      MaskAccuracy.Prior none = MaskAccuracy.Prior.untaught(space);
      MaskAccuracy learned =
          learner.get().prior(none).seed(seed).build().learn(space, network, start, images.train());
      if (learned.steers()) {
        return learned;
      }
      LOG.warn("Masks are chosen by slopes: {} ranks no better than chance", learned);
    } catch (InterruptedRunException e) {
      throw e;
    } catch (NasException | IllegalArgumentException e) {
      // All masks are as good as each other.
      LOG.warn("Masks are chosen by slopes: {}", e.getMessage());
    }
    return SlopeRule.learned(network, images, training, seed);
  }
}
