package org.lightnas.search.population;

import java.nio.file.Path;

/**
 * Hears how a search goes, on the thread that searches, in the order of the evaluations. It can
 * neither change nor break the run: what it throws is logged and dropped. Of a search that goes on
 * after an interruption it hears what is new.
 *
 * @since 0.1.0
 */
public interface ScoreListener {

  /** After every evaluation; be quick. */
  default void onScored(Scored scored, StopRule.Standing standing) {}

  /** After an evaluation that is better than all before. */
  default void onBetter(Scored scored) {}

  /** After a checkpoint was written. */
  default void onCheckpoint(Path file) {}
}
