package org.lightnas.search.channels;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Clock;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.Foreign;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.QualityLimit;
import org.lightnas.search.population.EvolutionSearch;
import org.lightnas.search.population.ScoreListener;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.proxy.BatchwiseTrainingEstimation;
import org.lightnas.space.Architecture;
import org.lightnas.space.TrainableSpace;
import org.lightnas.space.widths.ChannelSpace;

/**
 * What decides a search among widths.
 *
 * @param batches of an estimate
 * @param predictor of the caller's; null for the bound's own
 * @param fitness of the caller's; null for an estimate
 */
record ChannelSettings(
    int population,
    int generations,
    int parents,
    double mutationRate,
    double atLeast,
    int batches,
    int finalists,
    QualityLimit quality,
    Function<Architecture, ChannelSpace> widths,
    @Nullable BiFunction<ChannelSpace, Constraint, Predictor> predictor,
    @Nullable BiFunction<TrainableSpace, Architecture, Evaluator> fitness,
    long seed,
    Clock clock,
    List<ScoreListener> listeners) {

  ChannelSettings {
    listeners = List.copyOf(listeners);
  }

  /** Batches of all estimates; of the caller's scores nothing is known. */
  int passes() {
    return fitness == null ? population * generations * batches : 0;
  }

  Evaluator fitness(TrainableSpace widths, Architecture start) {
    return fitness == null
        ? BatchwiseTrainingEstimation.builder(widths)
            .batches(batches)
            .reference(start)
            .seed(seed)
            .build()
        : given(fitness, widths, start, "fitness of the widths of " + start.id());
  }

  /** What a function of the caller's makes. */
  static <A, B, T> T given(BiFunction<A, B, T> function, A one, B other, String what) {
    T made = Foreign.call(() -> function.apply(one, other), () -> "The " + what + " failed");
    checkArgument(made != null, "The function for the %s returned null.", what);
    return made;
  }

  EvolutionSearch.Builder search(TrainableSpace widths, Architecture start) {
    EvolutionSearch.Builder search =
        EvolutionSearch.builder(fitness(widths, start))
            .population(population)
            .parents(parents)
            .mutationRate(mutationRate)
            .atLeast(atLeast)
            .start(start)
            .stop(StopRule.evaluations((long) population * generations))
            .finalists(finalists)
            .quality(quality)
            .seed(seed)
            .clock(clock);
    listeners.forEach(search::listener);
    return search;
  }
}
