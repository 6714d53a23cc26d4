package org.lightnas.search;

import org.lightnas.metric.Constraint;
import org.lightnas.space.TrainableSpace;

/** Finds a good architecture within a bound. */
@FunctionalInterface
public interface Searcher {

  /**
   * Searches.
   *
   * @param space a space and the images to train and choose on; test images are not looked at
   * @param constraint the bound; its predictor must be one for this space
   * @return an architecture whose prediction does not exceed the bound
   * @throws org.lightnas.InfeasibleConstraintException before any training, if no architecture
   *     meets the bound
   * @throws org.lightnas.PoorPredictorException before any training, if the predictor's quality is
   *     known and worse than the searcher asks for
   * @throws IllegalArgumentException if the predictor is for another space
   */
  SearchResult search(TrainableSpace space, Constraint constraint);
}
