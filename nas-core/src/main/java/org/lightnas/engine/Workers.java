package org.lightnas.engine;

import com.google.common.base.Throwables;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A few daemon threads that share the tasks of a loop with the caller, one caller at a time. Tasks
 * are handed out in any order: what depends on the order must be combined by the caller afterwards.
 * Owns its threads, which begin with the first loop that needs them.
 */
final class Workers implements AutoCloseable {

  /**
   * How often a thread looks for work before it lies down, some 20 microseconds: loops come in
   * quick succession, and waking a thread takes longer than many of them.
   */
  private static final int LOOKS = 500;

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
  private final @Nullable Helper[] helpers;
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger busy = new AtomicInteger();
  private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
  private volatile @Nullable Thread caller;
  private volatile boolean closed;

  Workers(int threads) {
    this.threads = threads;
    this.helpers = new Helper[Math.max(0, threads - 1)];
  }

  int threads() {
    return threads;
  }

  /**
   * Runs tasks {@code 0 … count-1} and returns when all are done. Once one throws, no further ones
   * begin, and what it threw is thrown here when those that had begun are done. Without helpers
   * after {@link #close}.
   */
  void run(int count, Task task) {
    int helping = closed ? 0 : Math.max(0, Math.min(threads, count) - 1);
    next.set(0);
    thrown.set(null);
    busy.set(helping);
    caller = Thread.currentThread();
    for (int i = 0; i < helping; i++) {
      helper(i).call(task, count);
    }
    take(task, count, 0);
    // The helpers write into the caller's memory: it must not be left before they end.
    boolean interrupted = await(() -> busy.get() == 0);
    caller = null;
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    Throwable first = thrown.get();
    if (first != null) {
      Throwables.throwIfUnchecked(first);
      throw new IllegalStateException(first);
    }
  }

  private Helper helper(int i) {
    Helper helper = helpers[i];
    if (helper == null) {
      helper = new Helper(i + 1);
      helper.start();
      helpers[i] = helper;
    }
    return helper;
  }

  private void take(Task task, int count, int thread) {
    try {
      int index;
      while (thrown.get() == null && (index = next.getAndIncrement()) < count) {
        task.run(index, thread);
      }
    } catch (Throwable e) {
      thrown.compareAndSet(null, e);
    }
  }

  /** Looks, then sleeps until woken and looks again; returns whether it was interrupted. */
  private static boolean await(BooleanSupplier condition) {
    boolean interrupted = false;
    for (int looks = 0; !condition.getAsBoolean(); looks++) {
      if (looks < LOOKS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park();
        interrupted |= Thread.interrupted();
      }
    }
    return interrupted;
  }

  /** A thread that waits to be called. */
  private final class Helper extends Thread {
    private final int number;
    private int count;
    private volatile @Nullable Task task;

    Helper(int number) {
      super("lightnas-kernels");
      this.number = number;
      setDaemon(true);
    }

    void call(Task called, int tasks) {
      count = tasks;
      task = called;
      LockSupport.unpark(this);
    }

    @Override
    public void run() {
      while (true) {
        boolean unused = await(() -> task != null || closed);
        Task called = task;
        if (called == null) {
          return;
        }
        task = null;
        take(called, count, number);
        // After this the caller may leave, and call again.
        Thread waiting = caller;
        if (busy.decrementAndGet() == 0) {
          LockSupport.unpark(waiting);
        }
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Helper helper : helpers) {
      LockSupport.unpark(helper);
    }
  }
}
