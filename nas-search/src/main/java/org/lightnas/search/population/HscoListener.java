package org.lightnas.search.population;

import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.lightnas.Progress;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;

/**
 * Hears how {@link HscoNas} goes, on the thread that searches. It can neither change nor break the
 * run: what it throws is logged and dropped.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface HscoListener {

  /**
   * Where the supernet stands.
   *
   * @param stages of narrowing that came before: 0 for the whole space
   * @param accuracy scores by the supernet as it is now; not to be used later
   * @param draw draws an architecture, of the whole space, from what is left
   * @param shrinkage all that was decided so far
   * @since 0.1.0
   */
  record Stage(
      int stages,
      Evaluator accuracy,
      Function<RandomGenerator, Architecture> draw,
      List<Shrinkage> shrinkage) {

    /** Copies the list. */
    public Stage {
      shrinkage = List.copyOf(shrinkage);
    }
  }

  /** After each epoch of a training of the supernet. */
  default void onProgress(Progress progress) {}

  /**
   * After each training of the supernet; where a stage dropped nothing, without one. A search that
   * goes on after an interruption tells the stage again at which it goes on.
   */
  void onTrained(Stage stage);
}
