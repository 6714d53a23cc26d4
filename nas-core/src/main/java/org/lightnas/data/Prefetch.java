package org.lightnas.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;

/**
 * Reads the batch of the next step on a thread of its own while the current one is used. There are
 * two buffers, so that nothing is allocated after the first two steps. Which batch comes depends on
 * the step alone, not on the thread. Owns its thread until closed; to be used from one thread.
 */
public final class Prefetch implements AutoCloseable {

  private final Source source;
  private final long end;
  private final Batch[] buffers;
  private final ExecutorService reader = Executors.newSingleThreadExecutor(this::thread);
  private @Nullable Thread thread;
  private Future<?> coming;
  private long step;
  private long waited;

  /**
   * A batch in a buffer that will be filled anew.
   *
   * @param nhwc images, {@code [batchSize, H, W, C]}
   * @param labels their classes
   */
  public record Batch(Pixels nhwc, int[] labels) {}

  /**
   * Begins to read.
   *
   * @param batches read by this object's thread from now on, and to be left alone until it is
   *     closed
   * @param first the step of the first batch
   * @param end the step after that of the last batch
   * @throws IllegalArgumentException if the range of steps is none
   */
  public Prefetch(Batches batches, long first, long end) {
    this(batches::read, batches.room(), batches.room(), first, end);
  }

  Prefetch(Source source, Batch even, Batch odd, long first, long end) {
    checkArgument(
        first >= 0 && first <= end, "Steps %s to %s (exclusive) are no range.", first, end);
    this.source = source;
    this.buffers = new Batch[] {even, odd};
    this.end = end;
    this.step = first;
    this.coming = read(first);
  }

  /** What {@link Batches#read} does. */
  interface Source {
    void read(long step, Batch batch);
  }

  /** Called once, when the first batch is asked for: what a task throws does not end the thread. */
  private Thread thread(Runnable work) {
    Thread made = new Thread(work, "lightnas-batches");
    made.setDaemon(true);
    thread = made;
    return made;
  }

  private Future<?> read(long wanted) {
    Batch buffer = buffer(wanted);
    return reader.submit(
        () -> {
          if (wanted < end) {
            source.read(wanted, buffer);
          }
        });
  }

  private Batch buffer(long ofStep) {
    return buffers[(int) (ofStep % buffers.length)];
  }

  /**
   * The batch of the next step; waits until it is read. An interruption does not cut the wait short
   * (a batch is read in milliseconds) and stays visible in the thread's status.
   *
   * @return valid until the next call
   * @throws NoSuchElementException after the last step
   * @throws NasException if reading failed, with the reader's exception as its cause
   * @throws IllegalStateException if this object is closed
   */
  public Batch next() {
    checkState(!reader.isShutdown(), "This prefetch is closed.");
    if (step >= end) {
      throw new NoSuchElementException("There is no batch of step " + step + ": it is the end.");
    }
    long start = System.nanoTime();
    try {
      Uninterruptibles.getUninterruptibly(coming);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      Throwables.throwIfInstanceOf(cause, Error.class);
      throw new NasException(
          "The batch of step " + step + " could not be read: " + cause.getMessage(), cause);
    }
    waited += System.nanoTime() - start;
    Batch batch = buffer(step);
    step++;
    coming = read(step);
    return batch;
  }

  /** How long {@link #next} has waited so far: what reading has cost, all the rest was free. */
  public Duration waited() {
    return Duration.ofNanos(waited);
  }

  /** Returns when the thread has ended, after the batch it is reading. */
  @Override
  public void close() {
    reader.shutdownNow();
    if (thread != null) {
      Uninterruptibles.joinUninterruptibly(thread);
    }
  }
}
