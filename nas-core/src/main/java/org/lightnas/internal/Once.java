package org.lightnas.internal;

import com.google.common.base.Throwables;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.lightnas.InterruptedRunException;

/**
 * Values that take minutes to make, each made once, by the thread that asks first; others that ask
 * for the same wait for it. ({@link ConcurrentHashMap#computeIfAbsent} would make them wait for
 * values of other keys, too.) What failed is made again when it is asked for again.
 *
 * @param <K> with equals
 */
public final class Once<K, V> {

  private final ConcurrentMap<K, FutureTask<V>> made = new ConcurrentHashMap<>();

  /**
   * The value of a key.
   *
   * @throws InterruptedRunException if this thread is interrupted while another one makes it
   */
  public V get(K key, Function<? super K, ? extends V> make) {
    FutureTask<V> own = new FutureTask<>(() -> make.apply(key));
    FutureTask<V> first = made.putIfAbsent(key, own);
    FutureTask<V> task = first == null ? own : first;
    if (first == null) {
      own.run();
    }
    try {
      return task.get();
    } catch (ExecutionException e) {
      made.remove(key, task);
      Throwable cause = Objects.requireNonNull(e.getCause());
      Throwables.throwIfUnchecked(cause);
      throw new IllegalStateException(cause);
    } catch (InterruptedException | CancellationException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedRunException(
          "Waiting for what another thread makes was interrupted.\nMaybe ask again.");
    }
  }

  /** Adds what was made in another way, unless it is known. */
  public void put(K key, V value) {
    FutureTask<V> done = new FutureTask<>(() -> value);
    done.run();
    made.putIfAbsent(key, done);
  }
}
