package org.lightnas.search.population;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;
import org.lightnas.NasException;
import org.lightnas.internal.Foreign;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;

/** Asks the evaluator, in the caller's threads where there are any, and remembers what it said. */
final class Scores {

  private final Evaluator evaluator;
  private final @Nullable ExecutorService executor;

  /** By use, the one used longest ago first; null where nothing is asked for twice. */
  private final @Nullable Map<Architecture, Double> known;

  private final int most;
  private long remembered;

  Scores(ScoreSettings settings) {
    this.evaluator = settings.evaluator();
    this.executor = settings.executor();
    this.known = settings.keepDuplicates() ? new LinkedHashMap<>(16, 0.75f, true) : null;
    this.most = settings.remembered();
  }

  /** How often a score was known. */
  long remembered() {
    return remembered;
  }

  /** Learns a score that another run was told. */
  void learn(Architecture architecture, double score) {
    if (known == null) {
      return;
    }
    remembered += known.put(architecture, score) == null ? 0 : 1;
    if (known.size() > most) {
      known.remove(known.keySet().iterator().next());
    }
  }

  /**
   * Tells the scores, in the order asked for; those before the one that fails, too.
   *
   * @throws InterruptedException if this thread was interrupted; then what was begun is stopped
   * @throws NasException if a score is not finite, or the evaluator or the executor failed
   */
  void of(List<Architecture> architectures, DoubleConsumer scores) throws InterruptedException {
    Map<Architecture, Future<Double>> asked = new LinkedHashMap<>();
    try {
      ExecutorService threads = executor;
      if (threads != null) {
        for (Architecture architecture : architectures) {
          if (known == null || !known.containsKey(architecture)) {
            asked.computeIfAbsent(architecture, a -> submit(threads, a));
          }
        }
      }
      for (Architecture architecture : architectures) {
        Double before = known == null ? null : known.get(architecture);
        double score = before == null ? ask(architecture, asked.get(architecture)) : before;
        learn(architecture, score);
        scores.accept(score);
      }
    } finally {
      asked.values().forEach(future -> future.cancel(true));
    }
  }

  private Future<Double> submit(ExecutorService threads, Architecture architecture) {
    try {
      return threads.submit(() -> evaluator.score(architecture));
    } catch (RejectedExecutionException e) {
      throw new NasException(
          "The executor "
              + threads
              + " takes no evaluation of architecture "
              + architecture.id()
              + ".\nMaybe its queue is shorter than atOnce(…), or it was shut down.",
          e);
    }
  }

  /** What an executor that is shut down has not begun it will never do. */
  private double awaited(Future<Double> future) throws InterruptedException, ExecutionException {
    while (true) {
      try {
        return future.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (executor != null && executor.isTerminated() && !future.isDone()) {
          throw new NasException(
              "The executor "
                  + executor
                  + " was shut down before all architectures were scored.\n"
                  + "Maybe shut it down after the search.",
              e);
        }
      }
    }
  }

  private double ask(Architecture architecture, @Nullable Future<Double> future)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    double score;
    try {
      score = future == null ? evaluator.score(architecture) : awaited(future);
    } catch (ExecutionException e) {
      throw failure(architecture, unchecked(e.getCause()));
    } catch (RuntimeException e) {
      throw failure(architecture, e);
    }
    if (!Double.isFinite(score)) {
      throw new NasException(
          "The evaluator of '"
              + evaluator.name()
              + "' scores architecture "
              + architecture.id()
              + " with "
              + score
              + ".\nMaybe give hopeless architectures a very low score.");
    }
    return score;
  }

  private RuntimeException failure(Architecture architecture, RuntimeException thrown) {
    return Foreign.failure(
        "The evaluator of '" + evaluator.name() + "' failed on architecture " + architecture.id(),
        thrown);
  }

  private static RuntimeException unchecked(@Nullable Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException plain ? plain : new NasException("" + cause, cause);
  }
}
