package org.lightnas.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WorkersTest {

  private final Workers workers = new Workers(3);

  @AfterEach
  void close() {
    workers.close();
  }

  @Test
  void runsEveryIndexOnceAndNeverTwoOnOneThreadNumber() {
    for (int count : new int[] {0, 1, 2, 3, 1000}) {
      AtomicIntegerArray runs = new AtomicIntegerArray(Math.max(1, count));
      AtomicIntegerArray busy = new AtomicIntegerArray(workers.threads());
      AtomicBoolean shared = new AtomicBoolean();
      workers.run(
          count,
          (index, thread) -> {
            shared.compareAndSet(false, busy.incrementAndGet(thread) > 1);
            runs.incrementAndGet(index);
            busy.decrementAndGet(thread);
          });
      for (int i = 0; i < count; i++) {
        assertThat(runs.get(i)).as("index %s of %s", i, count).isEqualTo(1);
      }
      assertThat(shared).as("two tasks on one thread number").isFalse();
    }
  }

  @Test
  void sharesTheTasks() {
    CountDownLatch together = new CountDownLatch(3);
    AtomicInteger met = new AtomicInteger();
    workers.run(
        3,
        (index, thread) -> {
          together.countDown();
          try {
            met.addAndGet(together.await(10, TimeUnit.SECONDS) ? 1 : 0);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
    assertThat(met).hasValue(3);
  }

  @Test
  void throwsWhatATaskThrowsWhicheverThreadRanIt() {
    for (int culprit = 0; culprit < 3; culprit++) {
      int thread = culprit;
      CountDownLatch together = new CountDownLatch(3);
      assertThatThrownBy(
              () ->
                  workers.run(
                      3,
                      (index, own) -> {
                        // Each thread has one task, so the culprit gets its own.
                        together.countDown();
                        await(together);
                        if (own == thread) {
                          throw new IllegalArgumentException("thread " + own);
                        }
                      }))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("thread " + thread);
    }
    AtomicInteger after = new AtomicInteger();
    workers.run(100, (index, thread) -> after.incrementAndGet());
    assertThat(after).hasValue(100);
  }

  @Test
  void errorsAreNotLostEither() {
    assertThatThrownBy(
            () ->
                workers.run(
                    50,
                    (index, thread) -> {
                      throw new StackOverflowError("deep");
                    }))
        .isInstanceOf(StackOverflowError.class)
        .hasMessage("deep");
  }

  /** The caller may free the memory that tasks write into as soon as it has the exception. */
  @Test
  void waitsForTheOthersAndBeginsNothingNewAfterAnException() {
    CountDownLatch running = new CountDownLatch(3);
    AtomicInteger ended = new AtomicInteger();
    AtomicInteger begun = new AtomicInteger();
    Workers.Task task =
        (index, thread) -> {
          if (begun.incrementAndGet() > 3) {
            return;
          }
          running.countDown();
          await(running);
          if (index == 0) {
            throw new IllegalStateException("first");
          }
          sleep(100);
          ended.incrementAndGet();
        };
    assertThatThrownBy(() -> workers.run(1000, task)).hasMessage("first");
    assertThat(ended).hasValue(2);
    assertThat(begun).hasValue(3);
  }

  @Test
  void finishesWhenInterruptedAndKeepsTheFlag() {
    AtomicInteger runs = new AtomicInteger();
    Thread.currentThread().interrupt();
    workers.run(
        100,
        (index, thread) -> {
          if (thread > 0) {
            sleep(1);
          }
          runs.incrementAndGet();
        });
    assertThat(Thread.interrupted()).isTrue();
    assertThat(runs).hasValue(100);
  }

  @Test
  void helpersSleepBetweenLoopsAndWakeForTheNext() {
    for (int round = 0; round < 3; round++) {
      AtomicReferenceArray<Thread> ran = new AtomicReferenceArray<>(3);
      CountDownLatch together = new CountDownLatch(3);
      workers.run(
          3,
          (index, thread) -> {
            together.countDown();
            await(together);
            ran.set(thread, Thread.currentThread());
          });
      assertThat(ran.get(0)).isSameAs(Thread.currentThread());
      for (int thread = 1; thread < 3; thread++) {
        Thread helper = ran.get(thread);
        for (int i = 0; i < 1000 && helper.getState() != Thread.State.WAITING; i++) {
          sleep(1);
        }
        assertThat(helper.getState()).isEqualTo(Thread.State.WAITING);
        assertThat(helper.isDaemon()).isTrue();
      }
    }
  }

  @Test
  void manyShortLoopsInARowAreAllDone() {
    AtomicInteger runs = new AtomicInteger();
    for (int loop = 0; loop < 20_000; loop++) {
      workers.run(3, (index, thread) -> runs.incrementAndGet());
    }
    assertThat(runs).hasValue(60_000);
  }

  @Test
  void endsItsThreadsWhenClosedAndThenRunsOnTheCallersAlone() throws InterruptedException {
    AtomicReferenceArray<Thread> ran = new AtomicReferenceArray<>(3);
    CountDownLatch together = new CountDownLatch(3);
    workers.run(
        3,
        (index, thread) -> {
          together.countDown();
          await(together);
          ran.set(thread, Thread.currentThread());
        });
    workers.close();
    for (int thread = 1; thread < 3; thread++) {
      ran.get(thread).join(5000);
      assertThat(ran.get(thread).isAlive()).isFalse();
    }
    AtomicInteger callers = new AtomicInteger();
    workers.run(10, (index, thread) -> callers.addAndGet(thread == 0 ? 1 : 100));
    assertThat(callers).hasValue(10);
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("the others did not come");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
