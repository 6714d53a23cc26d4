package org.lightnas.compress;

import java.util.Comparator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;

/**
 * What a run of {@link Domino} needs to know.
 *
 * @param presets one after the other, until one loses little enough
 * @param millis the bound on latency instead of presets; null for none
 * @param points the most accuracy that may be lost; null for any
 * @param evaluator null for ours
 * @param largestKernel of blocks that are joined; 0 to join none
 */
record DominoSettings(
    List<Domino.Preset> presets,
    @Nullable Double millis,
    @Nullable Double points,
    List<Constraint> constraints,
    @Nullable BiFunction<ComputationGraph, ImageData, Evaluator> evaluator,
    int samples,
    int largestKernel,
    GraftTraining training) {

  /** From the largest saving to the smallest, where a smaller one may lose less. */
  static List<Domino.Preset> presets(Domino.@Nullable Preset asked, @Nullable Double points) {
    Domino.Preset first =
        asked != null ? asked : points != null ? Domino.Preset.AGGRESSIVE : Domino.Preset.MODERATE;
    return Stream.of(Domino.Preset.values())
        .filter(p -> points == null ? p == first : p.share() <= first.share())
        .sorted(Comparator.comparingDouble(Domino.Preset::share).reversed())
        .toList();
  }
}
