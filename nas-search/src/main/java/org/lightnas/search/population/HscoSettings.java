package org.lightnas.search.population;

import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Augmentation;
import org.lightnas.metric.QualityLimit;

/**
 * Settings of {@link HscoNas}; its builder says what they are.
 *
 * @param folder of checkpoints; null for none
 */
record HscoSettings(
    int steps,
    int fineTuning,
    int batchSize,
    double learningRate,
    Augmentation augmentation,
    double heldOut,
    int normBatches,
    double beta,
    boolean oneSided,
    int samples,
    int stages,
    int stageChoices,
    int population,
    int generations,
    int finalists,
    QualityLimit quality,
    long seed,
    Clock clock,
    @Nullable Path folder,
    List<ScoreListener> listeners,
    List<HscoListener> stageListeners) {

  /** Fine-tuning begins at this share of the learning rate (0.01 after about 0.1; recalled). */
  static final double FINE_RATE = 0.1;

  HscoSettings {
    listeners = List.copyOf(listeners);
    stageListeners = List.copyOf(stageListeners);
  }

  /** What decides the result. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("searcher", "HSCoNAS");
    facts.put("supernet steps", Integer.toString(steps));
    facts.put("steps after each stage", Integer.toString(fineTuning));
    facts.put("batch size", Integer.toString(batchSize));
    facts.put("learning rate", Double.toString(learningRate));
    facts.put("augmentation", augmentation.toString());
    facts.put("held out", Double.toString(heldOut));
    facts.put("batches for batch norms", Integer.toString(normBatches));
    facts.put("beta", Double.toString(beta));
    facts.put("objective", oneSided ? "one-sided" : "two-sided");
    facts.put("samples for a quality", Integer.toString(samples));
    facts.put("stages at most", Integer.toString(stages));
    facts.put("choices of a stage", Integer.toString(stageChoices));
    facts.put("population", Integer.toString(population));
    facts.put("generations", Integer.toString(generations));
    facts.put("seed", Long.toString(seed));
    return facts;
  }
}
