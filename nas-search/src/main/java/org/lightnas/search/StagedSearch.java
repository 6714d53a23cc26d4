package org.lightnas.search;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Constraint;
import org.lightnas.space.TrainableSpace;

/** A search with the stage that follows it, if one does. */
final class StagedSearch {

  private StagedSearch() {}

  /**
   * Searches, then goes on from every result.
   *
   * @param targets one for each result, each a list of bounds to be kept together
   * @param folder for checkpoints, in which the stage has one of its own for each result
   */
  static List<SearchResult> run(
      @Nullable SearchStage stage,
      TrainableSpace space,
      List<List<Constraint>> targets,
      @Nullable Path folder,
      Supplier<List<SearchResult>> search) {
    if (stage == null) {
      return search.get();
    }
    targets.forEach(constraints -> stage.require(space, constraints));
    List<SearchResult> refined = new ArrayList<>();
    for (SearchResult found : search.get()) {
      Path own = folder == null ? null : folder.resolve("stage-" + (refined.size() + 1));
      refined.add(found.withRefined(stage.run(found, space, own)));
    }
    return refined;
  }
}
