package org.lightnas.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lightnas.InterruptedRunException;

@Timeout(60)
class OnceTest {

  private final Once<String, Integer> once = new Once<>();
  private final AtomicInteger calls = new AtomicInteger();

  private int made(String key) {
    return 100 * calls.incrementAndGet() + key.length();
  }

  @Test
  void makesEachValueOnce() {
    assertThat(once.get("one", this::made)).isEqualTo(103);
    assertThat(once.get("one", this::made)).isEqualTo(103);
    assertThat(once.get("three", this::made)).isEqualTo(205);
    once.put("one", 7);
    once.put("four", 7);
    assertThat(once.get("one", this::made)).isEqualTo(103);
    assertThat(once.get("four", this::made)).isEqualTo(7);
  }

  /** As many keys as share a bin in a map of 16 are made at the same time. */
  @Test
  void nobodyWaitsForAnotherKey() throws Exception {
    int threads = 40;
    CountDownLatch all = new CountDownLatch(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<Integer>> asked =
          IntStream.range(0, threads)
              .<Callable<Integer>>mapToObj(
                  i ->
                      () ->
                          once.get(
                              "key" + i,
                              key -> {
                                all.countDown();
                                return await(all) ? i : -1;
                              }))
              .toList();
      List<Future<Integer>> answers = pool.invokeAll(asked);
      for (int i = 0; i < threads; i++) {
        assertThat(answers.get(i).get()).isEqualTo(i);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whatFailedIsMadeAgain() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                once.get(
                    "key",
                    key -> {
                      throw new IllegalStateException("not now");
                    }))
        .withMessage("not now");
    assertThat(once.get("key", this::made)).isEqualTo(103);
  }

  @Test
  void whoIsInterruptedDoesNotWait() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<Integer> other =
          pool.submit(
              () ->
                  once.get(
                      "key",
                      key -> {
                        begun.countDown();
                        return await(end) ? 1 : -1;
                      }));
      assertThat(await(begun)).isTrue();
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(() -> once.get("key", this::made))
          .withMessage("Waiting for what another thread makes was interrupted.\nMaybe ask again.");
      assertThat(Thread.interrupted()).isTrue();
      end.countDown();
      assertThat(other.get()).isEqualTo(1);
      assertThat(once.get("key", this::made)).isEqualTo(1);
    } finally {
      pool.shutdownNow();
    }
  }
}
