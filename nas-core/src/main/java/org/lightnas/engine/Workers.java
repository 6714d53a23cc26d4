package org.lightnas.engine;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A few daemon threads that share the tasks of a loop with the caller. Tasks are handed out in any
 * order: what depends on the order must be combined by the caller afterwards. Owns its threads.
 */
final class Workers implements AutoCloseable {

  /** One piece of a loop. */
  @FunctionalInterface
  interface Task {
    /**
     * Does the piece.
     *
     * @param index which one
     * @param thread below {@link Workers#threads}; no two threads have the same at a time
     */
    void run(int index, int thread);
  }

  private final int threads;
  private final ExecutorService helpers;

  Workers(int threads) {
    this.threads = threads;
    this.helpers =
        Executors.newFixedThreadPool(
            Math.max(1, threads - 1),
            work -> {
              Thread thread = new Thread(work, "lightnas-kernels");
              thread.setDaemon(true);
              return thread;
            });
  }

  int threads() {
    return threads;
  }

  /**
   * Runs tasks {@code 0 … count-1} and returns when all are done. Once one throws, no further ones
   * begin, and what it threw is thrown here when those that had begun are done.
   */
  void run(int count, Task task) {
    int helping = Math.min(threads, count) - 1;
    Loop loop = new Loop(count, task);
    CountDownLatch done = new CountDownLatch(Math.max(0, helping));
    for (int t = 1; t <= helping; t++) {
      int thread = t;
      helpers.execute(
          () -> {
            loop.take(thread);
            done.countDown();
          });
    }
    loop.take(0);
    // The helpers write into the caller's memory: it must not be left before they end.
    Uninterruptibles.awaitUninterruptibly(done);
    loop.rethrow();
  }

  /** One call of {@link #run}. */
  private static final class Loop {
    private final int count;
    private final Task task;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();

    Loop(int count, Task task) {
      this.count = count;
      this.task = task;
    }

    void take(int thread) {
      try {
        int index;
        while (thrown.get() == null && (index = next.getAndIncrement()) < count) {
          task.run(index, thread);
        }
      } catch (Throwable e) {
        thrown.compareAndSet(null, e);
      }
    }

    void rethrow() {
      Throwable first = thrown.get();
      if (first != null) {
        Throwables.throwIfUnchecked(first);
        throw new IllegalStateException(first);
      }
    }
  }

  @Override
  public void close() {
    helpers.shutdown();
  }
}
