package org.lightnas.engine;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

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

  /** Runs tasks {@code 0 … count-1} and returns when all are done. */
  void run(int count, Task task) {
    int helping = Math.min(threads, count) - 1;
    AtomicInteger next = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(helping);
    for (int t = 1; t <= helping; t++) {
      int thread = t;
      helpers.execute(
          () -> {
            try {
              take(next, count, task, thread);
            } finally {
              done.countDown();
            }
          });
    }
    take(next, count, task, 0);
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        // The helpers are writing into the caller's memory: it must not be left before they end.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void take(AtomicInteger next, int count, Task task, int thread) {
    int index;
    while ((index = next.getAndIncrement()) < count) {
      task.run(index, thread);
    }
  }

  @Override
  public void close() {
    helpers.shutdown();
  }
}
