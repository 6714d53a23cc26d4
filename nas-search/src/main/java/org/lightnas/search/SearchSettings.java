package org.lightnas.search;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Augmentation;
import org.lightnas.metric.QualityLimit;
import org.lightnas.space.SearchSpace;

/**
 * What decides the result of a search, apart from space, bounds and images.
 *
 * @param faithful as LightNAS is published
 * @param steps passes in which weights learn; 0 for as many as {@code epochs} have
 * @param epochs over the images that weights learn from, if steps are 0
 * @param warmup share of the steps in which weights learn alone
 * @param batchSize images per pass
 * @param planBytes most memory for paths kept ready
 * @param learningRate of the weights at its peak
 * @param estimator what logits learn from
 * @param paths compared per logit pass
 * @param aim whether bounds are aimed at; null for a single one only
 * @param quality what predictors must be like
 * @param augmentation of the images that weights learn from
 * @param supernet the space whose networks share the weights; null for the one searched
 * @param seed of everything random
 */
record SearchSettings(
    boolean faithful,
    int steps,
    int epochs,
    double warmup,
    int batchSize,
    long planBytes,
    double learningRate,
    Estimator estimator,
    int paths,
    @Nullable Boolean aim,
    QualityLimit quality,
    Augmentation augmentation,
    @Nullable SearchSpace supernet,
    long seed) {

  static SearchSettings robust() {
    return new SearchSettings(
        false,
        1000,
        0,
        0.4,
        64,
        64 << 20,
        0.3,
        Estimator.PATHS,
        2,
        null,
        QualityLimit.standard(),
        Augmentation.cropAndFlip(),
        null,
        42);
  }

  static SearchSettings published() {
    return new SearchSettings(
        true,
        0,
        90,
        1 / 9.0,
        128,
        64 << 20,
        0.1,
        Estimator.ALL_GATES,
        1,
        null,
        QualityLimit.standard(),
        Augmentation.cropAndFlip(),
        null,
        42);
  }

  /**
   * The passes.
   *
   * @param perEpoch batches that one half of the images has
   */
  Timetable timetable(int perEpoch) {
    int all = steps > 0 ? steps : epochs * perEpoch;
    int alone = Math.min((int) Math.round(warmup * all), all - 1);
    return new Timetable(alone, all - alone, faithful ? perEpoch : 1);
  }

  boolean gated() {
    return estimator != Estimator.PATHS;
  }

  boolean aims(List<?> constraints) {
    return aim == null ? constraints.size() == 1 : aim;
  }

  /** By name, for reports and checkpoints. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("searcher", faithful ? "LightNAS, as published" : "LightNAS");
    facts.put("estimator", estimator.name().toLowerCase(Locale.ROOT).replace('_', ' '));
    if (steps > 0) {
      facts.put("steps", Integer.toString(steps));
    } else {
      facts.put("epochs", Integer.toString(epochs));
    }
    facts.put("warm-up", Double.toString(warmup));
    facts.put("batch", Integer.toString(batchSize));
    if (estimator == Estimator.PATHS) {
      facts.put("paths compared", Integer.toString(paths));
    }
    facts.put("learning rate", Double.toString(learningRate));
    facts.put("augmentation", augmentation.toString());
    if (aim != null) {
      facts.put("aims at bounds", Boolean.toString(aim));
    }
    if (supernet != null) {
      facts.put("supernet", supernet.name());
    }
    facts.put("seed", Long.toString(seed));
    return facts;
  }
}
