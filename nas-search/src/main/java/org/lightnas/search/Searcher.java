package org.lightnas.search;

import com.google.common.collect.Lists;
import java.util.List;
import org.lightnas.metric.Constraint;
import org.lightnas.space.TrainableSpace;

/**
 * Finds a good architecture within bounds.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface Searcher {

  /**
   * Searches.
   *
   * @param space a space and the images to train and choose on; test images are not looked at
   * @param constraints the bounds, at least one; their predictors must be for this space
   * @return an architecture whose predictions do not exceed the bounds
   * @throws org.lightnas.InfeasibleConstraintException before any training, if no architecture
   *     meets the bounds
   * @throws org.lightnas.PoorPredictorException before any training, if a predictor's quality is
   *     known and worse than the searcher asks for
   * @throws IllegalArgumentException if there is no bound, or a predictor is for another space
   */
  SearchResult search(TrainableSpace space, List<Constraint> constraints);

  /** As {@link #search(TrainableSpace, List)}, with the bounds one by one. */
  default SearchResult search(TrainableSpace space, Constraint first, Constraint... more) {
    return search(space, Lists.asList(first, more));
  }
}
