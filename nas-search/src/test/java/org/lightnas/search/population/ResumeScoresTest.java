package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lightnas.CheckpointException;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;

class ResumeScoresTest {

  private static final Toy SPACE = Toy.of(6, 4);
  private static final Constraint BOUND = Constraint.atMost(11, SPACE.latency());

  @TempDir Path folder;

  /** Awkward numbers, so that what is rounded on disk shows. */
  private static double score(Architecture architecture) {
    return Math.sin(Toy.sum(architecture) + 0.1 * architecture.pick(2)) / 3;
  }

  private final AtomicInteger asked = new AtomicInteger();

  private Evaluator interrupting(int at) {
    return Evaluator.of(
        "waves",
        a -> {
          if (asked.incrementAndGet() == at) {
            Thread.currentThread().interrupt();
          }
          return score(a);
        });
  }

  private static void assertSame(ScoreResult one, ScoreResult other) {
    assertThat(one.leaders()).isEqualTo(other.leaders());
    assertThat(one.improvements()).isEqualTo(other.improvements());
    assertThat(one.tally()).isEqualTo(other.tally());
    assertThat(one.settings()).isEqualTo(other.settings());
  }

  @ParameterizedTest
  @CsvSource({"1,false", "1,true", "3,false"})
  void goesOnAsIfNothingHadHappened(int atOnce, boolean kept) {
    RegularizedEvolution.Builder search =
        RegularizedEvolution.builder(interrupting(-1))
            .population(10)
            .sample(3)
            .atOnce(atOnce)
            .keepDuplicates(kept)
            .stop(StopRule.evaluations(100));
    ScoreResult whole = search.build().search(SPACE, BOUND);
    int all = asked.getAndSet(0);
    List<Path> written = new ArrayList<>();
    int given = 0;
    for (int at : new int[] {7, 23, 1, 40}) {
      asked.set(0);
      ScoreSearcher interrupted =
          RegularizedEvolution.builder(interrupting(at))
              .population(10)
              .sample(3)
              .atOnce(atOnce)
              .keepDuplicates(kept)
              .stop(StopRule.evaluations(100))
              .checkpoints(folder)
              .listener(
                  new ScoreListener() {
                    @Override
                    public void onCheckpoint(Path file) {
                      written.add(file);
                    }
                  })
              .build();
      try {
        interrupted.search(SPACE, BOUND);
        break;
      } catch (InterruptedRunException e) {
        assertThat(e)
            .hasMessageMatching(
                "(?s)The search was interrupted after \\d+ evaluations; '.*scores.ckpt' holds"
                    + " them.\nMaybe search again with the same settings.");
        assertThat(Thread.interrupted()).isTrue();
      }
      given += asked.get();
    }
    asked.set(0);
    ScoreResult resumed = search.resumeFrom(folder).build().search(SPACE, BOUND);
    assertSame(resumed, whole);
    assertThat(written).isNotEmpty();
    // A batch that was interrupted is asked for again; nothing else is.
    assertThat(given + asked.get()).isBetween(all, all + 4 * atOnce);
  }

  @Test
  void goesOnLongerThanBefore() {
    LocalSearch.Builder search = LocalSearch.builder(interrupting(-1)).atOnce(4);
    ScoreResult whole = search.stop(StopRule.evaluations(90)).build().search(SPACE);
    asked.set(0);
    search.checkpoints(folder).stop(StopRule.evaluations(30)).build().search(SPACE);
    ScoreResult longer = search.stop(StopRule.evaluations(90)).build().search(SPACE);
    assertSame(longer, whole);
    assertThat(asked).hasValue(90);
  }

  @Test
  void whatCameToTheEndOfItsSpaceIsAtItsEnd() {
    Toy few = Toy.of(3, 3, 2);
    RandomSearch.Builder search = RandomSearch.builder(interrupting(-1)).atOnce(4);
    ScoreResult whole = search.checkpoints(folder).build().search(few);
    assertThat(whole.tally().evaluations()).isEqualTo(18);
    assertThat(whole.settings()).containsEntry("ended", "as nothing new was found");
    assertSame(search.build().search(few), whole);
    assertThat(asked).hasValue(18);
    // Of more at once than there are.
    search.checkpoints(folder.resolve("wide")).atOnce(40).build().search(few);
    assertSame(
        search.build().search(few), search.checkpoints(folder.resolve("new")).build().search(few));
  }

  /** Whatever is found in a batch that a plateau would have cut. */
  @Test
  void goesOnThoughThePlateauMayBeLonger() {
    for (int seed = 1; seed <= 20; seed++) {
      LocalSearch.Builder search = LocalSearch.builder(interrupting(-1)).atOnce(4).seed(seed);
      ScoreResult whole = search.stop(StopRule.plateau(20)).build().search(SPACE);
      search.checkpoints(folder.resolve("" + seed)).stop(StopRule.plateau(5)).build().search(SPACE);
      assertSame(search.stop(StopRule.plateau(20)).build().search(SPACE), whole);
    }
  }

  @Test
  void aClockThatIsSetBackCostsNothing() {
    Clock falling = new SteppingClock(Duration.ofMinutes(-1));
    RandomSearch.Builder search =
        RandomSearch.builder(interrupting(-1)).clock(falling).checkpoints(folder);
    assertThat(search.build().search(SPACE).elapsed()).isZero();
    assertThat(search.build().search(SPACE).elapsed()).isZero();
    assertThat(asked).hasValue(200);
  }

  @Test
  void whatWasScoredBeforeAnotherOfItsBatchFailedIsKept() {
    Evaluator failing =
        Evaluator.of(
            "waves",
            a -> {
              if (asked.incrementAndGet() == 8) {
                throw new IllegalStateException("out of coffee");
              }
              return score(a);
            });
    RandomSearch.Builder search = RandomSearch.builder(failing).atOnce(16).checkpoints(folder);
    assertThatThrownBy(() -> search.build().search(SPACE)).hasMessageMatching(OUT_OF_COFFEE);
    ScoreResult resumed = search.build().search(SPACE);
    // The one that failed is asked for again.
    assertThat(asked).hasValue(201);
    assertSame(resumed, RandomSearch.builder(interrupting(-1)).atOnce(16).build().search(SPACE));
  }

  @Test
  @Tag("slow")
  void executorsThatTakeOrDoNothingAreNamed() {
    ExecutorService full =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1));
    CountDownLatch end = new CountDownLatch(1);
    Evaluator slow =
        a -> {
          try {
            end.await();
          } catch (InterruptedException e) {
            // The search stops what it began.
          }
          return 0;
        };
    try {
      assertThatThrownBy(
              () -> RandomSearch.builder(slow).executor(full).atOnce(4).build().search(SPACE))
          .isInstanceOf(NasException.class)
          .hasMessageMatching(
              "(?s)The executor .* takes no evaluation of architecture [\\w-]+\\.\n"
                  + "Maybe its queue is shorter than atOnce\\(…\\), or it was shut down\\.")
          .hasCauseInstanceOf(RejectedExecutionException.class);
    } finally {
      end.countDown();
      full.shutdownNow();
    }
    ThreadPoolExecutor stopped =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(4));
    Evaluator stopping =
        a -> {
          // Not before all were handed over.
          while (stopped.getQueue().size() < 3) {
            Thread.onSpinWait();
          }
          stopped.shutdownNow();
          return 0;
        };
    assertThatThrownBy(
            () -> RandomSearch.builder(stopping).executor(stopped).atOnce(4).build().search(SPACE))
        .isInstanceOf(NasException.class)
        .hasMessageMatching(
            "(?s)The executor .* was shut down before all architectures were scored\\.\n"
                + "Maybe shut it down after the search\\.");
  }

  @Test
  void anEvaluatorOfOtherSettingsIsAnotherSearch() {
    RandomSearch.builder(rated("0.1")).checkpoints(folder).build().search(SPACE);
    assertThatThrownBy(
            () -> RandomSearch.builder(rated("0.05")).checkpoints(folder).build().search(SPACE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is of another search: score's rate was 0.1 and is 0.05.");
    assertThatThrownBy(() -> RandomSearch.builder(rated(null)).build().search(SPACE))
        .isInstanceOf(NasException.class)
        .hasMessageStartingWith("The evaluator of 'rated' failed: java.lang.NullPointerException");
  }

  private static Evaluator rated(@Nullable String rate) {
    return new Evaluator() {
      @Override
      public double score(Architecture architecture) {
        return Toy.sum(architecture);
      }

      @Override
      public String name() {
        return "rated";
      }

      @Override
      public Map<String, String> settings() {
        return Map.of("rate", Objects.requireNonNull(rate));
      }
    };
  }

  private static final String OUT_OF_COFFEE =
      "The evaluator of 'waves' failed on architecture [\\w-]+:"
          + " java\\.lang\\.IllegalStateException: out of coffee\nMaybe try it by itself; its own"
          + " error is the cause of this one\\.";

  /** The folder goes away under a search, which ends all the same. */
  @Test
  void aCheckpointThatFailsOnTheWayDoesNotCostTheSearch() throws IOException {
    Path doomed = folder.resolve("doomed");
    ScoreListener replacing =
        new ScoreListener() {
          @Override
          public void onScored(Scored scored, StopRule.Standing standing) {
            if (scored.number() == 3) {
              try {
                Files.delete(doomed.resolve(ScoreFiles.NAME));
                Files.delete(doomed);
                Files.writeString(doomed, "in the way");
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            }
          }
        };
    ScoreResult found =
        RandomSearch.builder(interrupting(-1))
            .checkpoints(doomed)
            .listener(replacing)
            .build()
            .search(SPACE);
    assertThat(doomed).hasContent("in the way");
    assertSame(found, RandomSearch.builder(interrupting(-1)).build().search(SPACE));
    assertThatThrownBy(
            () -> RandomSearch.builder(interrupting(-1)).checkpoints(doomed).build().search(SPACE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("'" + doomed.resolve(ScoreFiles.NAME) + "' cannot be written: ");
  }

  @Test
  void aFailingEvaluatorLosesNothingThatWasScored() {
    Evaluator failing =
        Evaluator.of(
            "waves",
            a -> {
              if (asked.incrementAndGet() == 31) {
                throw new IllegalStateException("out of coffee");
              }
              return score(a);
            });
    RandomSearch.Builder search = RandomSearch.builder(failing).checkpoints(folder);
    assertThatThrownBy(() -> search.build().search(SPACE))
        .isInstanceOf(NasException.class)
        .hasMessageMatching(OUT_OF_COFFEE)
        .hasCauseInstanceOf(IllegalStateException.class);
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      ScoreResult resumed = search.executor(executor).build().search(SPACE);
      assertThat(asked).hasValue(201);
      assertSame(resumed, RandomSearch.builder(interrupting(-1)).build().search(SPACE));
      asked.set(30);
      assertThatThrownBy(
              () -> RandomSearch.builder(failing).executor(executor).build().search(SPACE))
          .isInstanceOf(NasException.class)
          .hasMessageMatching(OUT_OF_COFFEE);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void withoutAFolderAnInterruptedSearchIsLost() {
    assertThatThrownBy(() -> RandomSearch.builder(interrupting(5)).build().search(SPACE))
        .isInstanceOf(InterruptedRunException.class)
        .hasMessage(
            "The search was interrupted after 5 evaluations and is lost.\n"
                + "Maybe give the searcher a folder for checkpoints.");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void rememberedScoresDoNotKeepASearchFromBeingInterrupted() {
    ScoreListener interrupting =
        new ScoreListener() {
          @Override
          public void onScored(Scored scored, StopRule.Standing standing) {
            if (scored.number() == 500) {
              Thread.currentThread().interrupt();
            }
          }
        };
    ScoreSearcher search =
        RandomSearch.builder(Toy.sums())
            .keepDuplicates(true)
            .stop(StopRule.evaluations(2_000))
            .listener(interrupting)
            .build();
    assertThatThrownBy(() -> search.search(Toy.of(1, 2)))
        .isInstanceOf(InterruptedRunException.class)
        .hasMessageStartingWith("The search was interrupted after 500 evaluations and is lost.");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void waitingForThreadsCanBeInterrupted() {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    Thread searching = Thread.currentThread();
    AtomicInteger stopped = new AtomicInteger();
    try {
      Evaluator slow =
          a -> {
            searching.interrupt();
            try {
              Thread.sleep(60_000);
            } catch (InterruptedException e) {
              stopped.incrementAndGet();
            }
            return 0;
          };
      assertThatThrownBy(() -> RandomSearch.builder(slow).executor(executor).build().search(SPACE))
          .isInstanceOf(InterruptedRunException.class);
      assertThat(Thread.interrupted()).isTrue();
      executor.shutdown();
      assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      assertThat(stopped).hasValue(1);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void refusesAnotherSearchNamingWhatDiffers() {
    RandomSearch.Builder search = RandomSearch.builder(interrupting(-1)).checkpoints(folder);
    search.build().search(SPACE, BOUND);
    assertThatThrownBy(() -> search.seed(5).build().search(SPACE, BOUND))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is of another search: seed was 42 and is 5.");
    search.seed(42);
    assertThatThrownBy(() -> search.build().search(SPACE, BOUND.withBound(9)))
        .hasMessageContaining("bound 1 on latency was 11.0 by predictions");
    assertThatThrownBy(() -> search.build().search(Toy.of(5, 4)))
        .hasMessageContaining("space was toy ");
    assertThatThrownBy(
            () -> LocalSearch.builder(Toy.sums()).checkpoints(folder).build().search(SPACE, BOUND))
        .hasMessageContaining("searcher was random search and is local search")
        .hasMessageContaining("score was waves and is sum of picks");
    assertThatThrownBy(
            () -> search.resumeFrom(folder.resolve("elsewhere")).build().search(SPACE, BOUND))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is not there: there is no search to resume.\nMaybe use checkpoints");
  }

  @Test
  void refusesScoresOfOtherArchitectures() throws IOException {
    RandomSearch.Builder search = RandomSearch.builder(interrupting(-1)).checkpoints(folder);
    search.sameness(a -> a).build().search(SPACE);
    // What the caller's function calls the same is not in the file; what it leads to is.
    assertThatThrownBy(() -> search.sameness(Toy::sum).build().search(SPACE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(
            " but of other architectures than this search proposes.\nMaybe it was");
    byte[] bytes = Files.readAllBytes(folder.resolve(ScoreFiles.NAME));
    bytes[bytes.length / 2]++;
    Files.write(folder.resolve(ScoreFiles.NAME), bytes);
    assertThatThrownBy(() -> search.build().search(SPACE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("it is damaged.");
  }
}
