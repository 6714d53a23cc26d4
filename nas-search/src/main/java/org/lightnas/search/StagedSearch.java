package org.lightnas.search;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lightnas.InterruptedRunException;
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
   * @throws StageException with what was found, if the stage fails
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
    List<SearchResult> found = new ArrayList<>(search.get());
    for (int i = 0; i < found.size(); i++) {
      Path own = folder == null ? null : folder.resolve("stage-" + (i + 1));
      SearchResult result = found.get(i);
      try {
        found.set(i, result.withRefined(stage.run(result, space, own)));
      } catch (RuntimeException e) {
        throw withFindings(e, found, folder);
      }
    }
    return found;
  }

  /** Hours of search end here: what was found must not go with them. */
  private static RuntimeException withFindings(
      RuntimeException e, List<SearchResult> found, @Nullable Path folder) {
    StringBuilder text = new StringBuilder("The stage after the search failed: ");
    text.append(e.getMessage()).append("\nFound before:");
    for (SearchResult result : found) {
      add(text, result);
      if (result.refined() != null) {
        add(text.append("\n  then"), result.refined());
      }
    }
    text.append(
        folder == null
            ? "\nMaybe search again with a folder for checkpoints, or without this stage."
            : "\nMaybe search again with the same settings, or without this stage; '"
                + folder
                + "' holds the search.");
    return e instanceof InterruptedRunException
        ? new InterruptedRunException(text.toString())
        : new StageException(text.toString(), found, e);
  }

  private static void add(StringBuilder text, Found found) {
    text.append("\n  ").append(found.architecture().toJson());
    found.verdicts().forEach(verdict -> text.append("; ").append(verdict));
  }
}
