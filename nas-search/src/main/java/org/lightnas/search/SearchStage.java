package org.lightnas.search;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Constraint;
import org.lightnas.space.TrainableSpace;

/**
 * What may follow a search: looks for something better near what was found, under the same bounds,
 * as {@code ChannelSearch} does among its widths.
 *
 * @since 0.1.0
 */
public interface SearchStage {

  /**
   * Refuses what it will not be able to do, before the search before it begins.
   *
   * @throws IllegalArgumentException if it cannot follow a search of this space under these bounds
   */
  void require(TrainableSpace space, List<Constraint> constraints);

  /**
   * About how many batches will be trained on, for the plan; 0, the default, if that is unknown.
   */
  default int passes() {
    return 0;
  }

  /**
   * Goes on from what was found.
   *
   * @param found by the search before
   * @param space of that search, with its images
   * @param folder for checkpoints, of this stage alone; null for none
   * @return of a space of its own, under the same bounds
   * @throws org.lightnas.InterruptedRunException if this thread was interrupted; anything else that
   *     is thrown reaches the caller of the search as {@link StageException}
   */
  Found run(Found found, TrainableSpace space, @Nullable Path folder);
}
