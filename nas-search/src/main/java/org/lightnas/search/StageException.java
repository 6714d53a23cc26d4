package org.lightnas.search;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;

/**
 * The {@link SearchStage} after a search failed; its own exception is the cause. What the search
 * found is not lost with it.
 *
 * @since 0.1.0
 */
public final class StageException extends NasException {

  private static final long serialVersionUID = 1L;

  /** Null once it was serialised: results are none of Java's serialisable objects. */
  private final transient @Nullable List<SearchResult> found;

  StageException(String message, List<SearchResult> found, RuntimeException cause) {
    super(message, cause);
    this.found = List.copyOf(found);
  }

  /**
   * One result for each list of bounds, in their order; {@linkplain SearchResult#refined() refined}
   * as far as the stage had come. Empty if this exception comes from another process.
   */
  public List<SearchResult> found() {
    return found == null ? List.of() : found;
  }
}
