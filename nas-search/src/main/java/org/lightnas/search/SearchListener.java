package org.lightnas.search;

import org.lightnas.Progress;
import org.lightnas.metric.Verdict;
import org.lightnas.space.Architecture;

/**
 * Hears how a search goes, on the thread that searches. It can neither change nor break the run:
 * what it throws is logged and dropped.
 */
public interface SearchListener {

  /** Before the first step, with the memory that the search is about to take. */
  default void onStart(MemoryEstimate memory) {}

  /** After every step; be quick. */
  default void onStep(Progress progress, SearchStep step) {}

  /** After each projection onto the bound, measured if the constraint names a device. */
  default void onProjection(Architecture architecture, Verdict verdict) {}
}
