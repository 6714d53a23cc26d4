package org.lightnas.search.spark;

import java.io.Serializable;
import org.lightnas.space.ChoiceSpace;

/**
 * What is done on an executor.
 *
 * @param <T> what it works with
 */
@FunctionalInterface
interface Question<T> extends Serializable {

  /** Answers in one text. */
  String answer(ChoiceSpace space, T tool, String asked);
}
