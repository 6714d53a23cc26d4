package org.lightnas.search.population;

import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.Foreign;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.QualityLimit;
import org.lightnas.space.Architecture;

/**
 * What all searchers by scores have in common.
 *
 * @param sameness what makes two architectures duplicates; null for what their space calls the same
 * @param executor null for the thread that searches
 * @param folder of checkpoints; null for none
 */
record ScoreSettings(
    Evaluator evaluator,
    StopRule stop,
    boolean keepDuplicates,
    @Nullable Function<Architecture, ?> sameness,
    int atOnce,
    int remembered,
    int finalists,
    QualityLimit quality,
    @Nullable ExecutorService executor,
    long seed,
    Clock clock,
    @Nullable Path folder,
    boolean resuming,
    List<ScoreListener> listeners) {

  ScoreSettings {
    listeners = List.copyOf(listeners);
  }

  /** What decides the result, but for when it stops. */
  Map<String, String> facts(String searcher, Map<String, String> own) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("searcher", searcher);
    facts.putAll(own);
    facts.put("score", evaluator.name());
    Foreign.call(evaluator::settings, () -> "The evaluator of '" + evaluator.name() + "' failed")
        .forEach((name, value) -> facts.put("score's " + name, value));
    facts.put(
        "duplicates",
        keepDuplicates
            ? "kept"
            : sameness == null ? "refused" : "refused, by a function of the caller's");
    facts.put("proposed at once", Integer.toString(atOnce));
    facts.put("seed", Long.toString(seed));
    return facts;
  }
}
