package org.lightnas.search;

import java.nio.file.Path;
import org.lightnas.Progress;
import org.lightnas.space.Architecture;

/**
 * Hears how a search goes, on the thread that searches. It can neither change nor break the run:
 * what it throws is logged and dropped.
 *
 * @since 0.1.0
 */
public interface SearchListener {

  /**
   * Before the first pass; of searches for several bounds, before the warm-up they share and before
   * each of them.
   */
  default void onStart(SearchPlan plan) {}

  /** Before a path is run, for its weights or for the logits; be quick. */
  default void onPath(Phase phase, Architecture path) {}

  /** After every pass; be quick. */
  default void onStep(Progress progress, SearchStep step) {}

  /** When something looks wrong; the text says what, and a remedy. */
  default void onWarning(String warning) {}

  /** After a checkpoint was written. */
  default void onCheckpoint(Path file) {}

  /** After each projection onto the bounds, measured where a constraint names a device. */
  default void onProjection(Attempt attempt) {}

  /**
   * Writes every pass as a line of a CSV file: step, phase, loss, entropy, then for each bound what
   * is expected and the multiplier. A file that exists is replaced by a search that begins and
   * continued by one that goes on (passes after its last checkpoint come again); searches for
   * several bounds follow each other. A disk that does not take it is reported by the log.
   */
  static SearchListener csv(Path file) {
    return new CsvListener(file);
  }

  /** Logs a line for every so many passes; plan, warnings and projections are logged anyway. */
  static SearchListener log(int every) {
    return new LogListener(every);
  }
}
