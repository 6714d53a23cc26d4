package org.lightnas.search.population;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
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
   * The scores, in the order asked for.
   *
   * @throws InterruptedException if this thread was interrupted; then what was begun is stopped
   * @throws NasException if a score is not finite, or the evaluator failed
   */
  double[] of(List<Architecture> architectures) throws InterruptedException {
    double[] scores = new double[architectures.size()];
    Map<Architecture, Future<Double>> asked = new LinkedHashMap<>();
    try {
      ExecutorService threads = executor;
      if (threads != null) {
        for (Architecture architecture : architectures) {
          if (known == null || !known.containsKey(architecture)) {
            asked.computeIfAbsent(architecture, a -> threads.submit(() -> evaluator.score(a)));
          }
        }
      }
      for (int i = 0; i < scores.length; i++) {
        Architecture architecture = architectures.get(i);
        Double before = known == null ? null : known.get(architecture);
        scores[i] = before == null ? ask(architecture, asked.get(architecture)) : before;
        learn(architecture, scores[i]);
      }
      return scores;
    } finally {
      asked.values().forEach(future -> future.cancel(true));
    }
  }

  private double ask(Architecture architecture, @Nullable Future<Double> future)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    double score;
    try {
      score = future == null ? evaluator.score(architecture) : future.get();
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
