package org.lightnas.search;

import com.google.common.collect.Lists;
import java.util.List;
import org.lightnas.metric.Constraint;
import org.lightnas.space.TrainableSpace;

/**
 * Finds a good architecture within bounds. {@link LightNas} and {@link SurgeNas} learn from the
 * losses of a supernet; {@link org.lightnas.search.population.HscoNas HscoNas} and the searchers by
 * scores evolve, climb or guess. Each returns a {@link Found} of its own type.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Searcher {

  /**
   * Searches.
   *
   * @param space a space and the images to train and choose on; test images are not looked at
   * @param constraints the bounds; their predictors must be for this space. Searchers by scores
   *     need none, the others at least one.
   * @return an architecture whose predictions do not exceed the bounds, except where a bound is
   *     aimed at and the device that it names is faster than predicted; whether measurements keep
   *     them, {@link Found#satisfied} says
   * @throws org.lightnas.InfeasibleConstraintException before any training, if no architecture
   *     meets the bounds
   * @throws org.lightnas.PoorPredictorException before any training, if a predictor's quality is
   *     known and worse than the searcher asks for
   * @throws org.lightnas.DivergedSearchException if a loss is no number
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   * @throws org.lightnas.CheckpointException if the state of the search cannot be read or written,
   *     or is of another one
   * @throws org.lightnas.NasException if a device, a predictor or an evaluator fails, naming it
   * @throws IllegalArgumentException if there is no bound though one is needed, or a predictor is
   *     for another space
   */
  Found search(TrainableSpace space, List<Constraint> constraints);

  /** As {@link #search(TrainableSpace, List)}, with the bounds one by one. */
  default Found search(TrainableSpace space, Constraint first, Constraint... more) {
    return search(space, Lists.asList(first, more));
  }
}
