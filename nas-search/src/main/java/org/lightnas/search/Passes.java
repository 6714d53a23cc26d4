package org.lightnas.search;

/** What does the passes of one search. */
interface Passes {

  /**
   * Does a pass.
   *
   * @param phase what learns
   * @param index how many passes of this kind came before, see {@link Timetable#index}
   * @param rate at which weights learn
   * @return the loss of the path, or the mean of all of them; if it is not finite, nothing has
   *     moved
   */
  double run(Phase phase, int index, double rate);
}
