package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.Map;

/**
 * All that changes during a search.
 *
 * @param position what is known to the JVM
 * @param weights the supernet's tensors, as {@link Supernet#snapshot} copies them
 */
record SearchState(Position position, Map<String, double[]> weights) {

  /**
   * Where the search is.
   *
   * @param pass passes done
   * @param logits of the candidates, and the multipliers
   * @param history of the passes done
   */
  record Position(int pass, LogitSearch.State logits, List<SearchStep> history) {

    /** Copies the history and checks that it is of the passes done. */
    Position {
      history = List.copyOf(history);
      checkArgument(history.size() == pass, "%s passes are told of %s", history.size(), pass);
    }
  }
}
