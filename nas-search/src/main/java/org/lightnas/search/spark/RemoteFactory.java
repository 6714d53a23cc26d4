package org.lightnas.search.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import org.lightnas.space.ChoiceSpace;

/**
 * How an executor makes what it works with: an {@link org.lightnas.metric.Evaluator} or a {@link
 * org.lightnas.device.Device}. Make it a record of plain values (numbers, texts): it travels by
 * Java serialisation, as everything that Spark runs does, and nothing else of yours has to.
 *
 * @param <S> the kind of space
 * @param <T> what is made
 * @since 0.1.0
 */
public interface RemoteFactory<S extends ChoiceSpace, T> extends Serializable {

  /** The space, the same on driver and executors. */
  S space();

  /**
   * Makes it, once for each executor. Tasks that run on one executor at the same time share it, so
   * it must be thread-safe, as evaluators are for several searching threads. What is {@link
   * AutoCloseable} is closed after the executor no longer needs it.
   *
   * @param files a folder with the files that were broadcast, by the names they had; empty if there
   *     were none. It is gone when this returns.
   * @throws IOException if a file cannot be read
   */
  T create(Path files) throws IOException;
}
