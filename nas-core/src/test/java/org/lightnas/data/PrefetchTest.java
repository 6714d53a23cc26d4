package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lightnas.NasException;

@Timeout(60)
class PrefetchTest {

  private static final int BATCH = 4;
  private static final ImageSet IMAGES = ImageData.generated(13, 10, 1).train();

  private static Batches batches() {
    return new Batches(IMAGES, BATCH, Augmentation.cropAndFlip(), 7);
  }

  private static Prefetch of(Prefetch.Source source, long first, long end) {
    return new Prefetch(
        source,
        new Prefetch.Batch(IMAGES.room(1), new int[1]),
        new Prefetch.Batch(IMAGES.room(1), new int[1]),
        first,
        end);
  }

  @Test
  void deliversTheBatchesOfItsStepsFromAnyStart() {
    Batches plain = batches();
    Prefetch.Batch expected = plain.room();
    for (int first : new int[] {0, 5}) {
      try (Prefetch prefetch = new Prefetch(batches(), first, 9)) {
        for (int step = first; step < 9; step++) {
          Prefetch.Batch batch = prefetch.next();
          plain.read(step, expected);
          assertThat(((Pixels.Bytes) batch.nhwc()).values())
              .isEqualTo(((Pixels.Bytes) expected.nhwc()).values());
          assertThat(batch.labels()).isEqualTo(expected.labels());
        }
      }
    }
  }

  /** While step 0 is in use step 1 is read, into the other buffer, and step 2 waits for it. */
  @Test
  void readsOneStepAheadOnAnotherThreadAndLeavesTheBatchInUseAlone() throws Exception {
    CountDownLatch secondRead = new CountDownLatch(1);
    List<Long> read = new CopyOnWriteArrayList<>();
    List<Thread> readers = new CopyOnWriteArrayList<>();
    try (Prefetch prefetch =
        of(
            (step, batch) -> {
              read.add(step);
              readers.add(Thread.currentThread());
              batch.labels()[0] = (int) step;
              if (step == 1) {
                secondRead.countDown();
              }
            },
            0,
            3)) {
      Prefetch.Batch first = prefetch.next();
      assertThat(secondRead.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(read).containsExactly(0L, 1L);
      assertThat(first.labels()[0]).isEqualTo(0);
      assertThat(prefetch.next().labels()[0]).isEqualTo(1);
      assertThat(prefetch.next().labels()[0]).isEqualTo(2);
    }
    assertThat(readers).hasSize(3).containsOnly(readers.get(0));
    assertThat(readers.get(0).getName()).isEqualTo("lightnas-batches");
    assertThat(readers.get(0).isDaemon()).isTrue();
    assertThat(readers.get(0)).isNotSameAs(Thread.currentThread());
    assertThat(readers.get(0).isAlive()).as("closing ends the thread").isFalse();
  }

  @Test
  void endsAfterTheLastStepAndWithClosing() {
    Prefetch prefetch = new Prefetch(batches(), 4, 5);
    prefetch.next();
    assertThatExceptionOfType(NoSuchElementException.class)
        .isThrownBy(prefetch::next)
        .withMessage("There is no batch of step 5: it is the end.");
    prefetch.close();
    prefetch.close();
    assertThatIllegalStateException()
        .isThrownBy(prefetch::next)
        .withMessage("This prefetch is closed.");
  }

  @Test
  void whatTheReaderThrowsArrivesWithItsCauseAtTheStepItBelongsTo() {
    RuntimeException cause = new IllegalStateException("no disk");
    try (Prefetch prefetch =
        of(
            (step, batch) -> {
              if (step == 1) {
                throw cause;
              }
            },
            0,
            3)) {
      prefetch.next();
      assertThatExceptionOfType(NasException.class)
          .isThrownBy(prefetch::next)
          .withMessage("The batch of step 1 could not be read: no disk")
          .withCause(cause);
    }
    Error error = new OutOfMemoryError("as a test");
    try (Prefetch prefetch =
        of(
            (step, batch) -> {
              throw error;
            },
            0,
            3)) {
      assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(prefetch::next).isSameAs(error);
    }
  }

  @Test
  void anInterruptionStaysSetAndTheBatchComesAllTheSame() {
    try (Prefetch prefetch = of((step, batch) -> batch.labels()[0] = (int) step + 1, 0, 2)) {
      Thread.currentThread().interrupt();
      assertThat(prefetch.next().labels()[0]).isEqualTo(1);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
    } finally {
      assertThat(Thread.interrupted()).as("still, after closing").isTrue();
    }
  }

  /** The reader begins to take its time only when it sees its user wait. */
  @Test
  void measuresTheTimeItKeptItsUserWaiting() {
    Duration slow = Duration.ofMillis(30);
    Thread user = Thread.currentThread();
    try (Prefetch prefetch =
        of(
            (step, batch) -> {
              while (step == 0 && user.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
              }
              long end = System.nanoTime() + slow.toNanos();
              while (System.nanoTime() < end) {
                Thread.onSpinWait();
              }
            },
            0,
            1)) {
      assertThat(prefetch.waited()).isZero();
      prefetch.next();
      assertThat(prefetch.waited()).isGreaterThanOrEqualTo(slow);
    }
  }

  @Test
  void rejectsRangesThatAreNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Prefetch(batches(), 3, 2))
        .withMessage("Steps 3 to 2 (exclusive) are no range.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Prefetch(batches(), -1, 2))
        .withMessage("Steps -1 to 2 (exclusive) are no range.");
  }
}
