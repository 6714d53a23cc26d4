package org.lightnas.search;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Augmentation;
import org.lightnas.metric.QualityLimit;
import org.lightnas.space.SearchSpace;

/**
 * What decides the result of a search, apart from space, bounds and images. Components have the
 * names of the builder's setters: {@link Reproduction} writes them as calls.
 *
 * @param procedure what passes there are, and what they do
 * @param steps passes in which weights learn; null for as many as {@code epochs} have
 * @param epochs over the images that weights learn from; null if there are steps
 * @param warmup share of the steps in which weights learn alone
 * @param batchSize images per pass
 * @param planCache most memory for paths kept ready
 * @param learningRate of the weights at its peak
 * @param aimAtBound whether bounds are aimed at; null for a single one only
 * @param quality what predictors must be like
 * @param augmentation of the images that weights learn from
 * @param supernet the space whose networks share the weights; null for the one searched
 * @param seed of everything random
 */
record SearchSettings(
    Procedure procedure,
    @Nullable Integer steps,
    @Nullable Integer epochs,
    double warmup,
    int batchSize,
    long planCache,
    double learningRate,
    @Nullable Boolean aimAtBound,
    QualityLimit quality,
    Augmentation augmentation,
    @Nullable SearchSpace supernet,
    long seed) {

  static SearchSettings robust(Procedure procedure, int steps, double learningRate) {
    return of(procedure, steps, null, 0.4, 64, learningRate);
  }

  static SearchSettings published(Procedure procedure) {
    return of(procedure, null, 90, 1 / 9.0, 128, 0.1);
  }

  private static SearchSettings of(
      Procedure procedure,
      @Nullable Integer steps,
      @Nullable Integer epochs,
      double warmup,
      int batchSize,
      double rate) {
    return new SearchSettings(
        procedure,
        steps,
        epochs,
        warmup,
        batchSize,
        64 << 20,
        rate,
        null,
        QualityLimit.standard(),
        Augmentation.cropAndFlip(),
        null,
        42);
  }

  /**
   * The passes.
   *
   * @param perEpoch batches that the images for weights have
   */
  Timetable timetable(int perEpoch) {
    int all = steps != null ? steps : requireNonNull(epochs) * perEpoch;
    int alone = Math.min((int) Math.round(warmup * all), all - 1);
    return procedure.timetable(alone, all - alone, perEpoch);
  }

  boolean aims(List<?> constraints) {
    return aimAtBound == null
        ? constraints.size() == 1 && procedure.learnsMultipliers()
        : aimAtBound;
  }

  /** By name, for reports and checkpoints. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>(procedure.facts());
    if (steps != null) {
      facts.put("steps", Integer.toString(steps));
    } else {
      facts.put("epochs", String.valueOf(epochs));
    }
    facts.put("warm-up", Double.toString(warmup));
    facts.put("batch", Integer.toString(batchSize));
    facts.put("learning rate", Double.toString(learningRate));
    facts.put("augmentation", augmentation.toString());
    if (aimAtBound != null) {
      facts.put("aims at bounds", Boolean.toString(aimAtBound));
    }
    if (supernet != null) {
      facts.put("supernet", supernet.name());
    }
    facts.put("seed", Long.toString(seed));
    return facts;
  }
}
