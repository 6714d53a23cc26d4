package org.lightnas.search.proxy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Augmentation;
import org.lightnas.space.Architecture;
import org.lightnas.train.LearningRate;
import org.lightnas.train.Schedule;

/**
 * What decides an estimate, apart from space and images.
 *
 * @param batches of a training
 * @param batchSize images in each
 * @param learningRate at its peak
 * @param warmup batches of the rise
 * @param schedule what comes after the rise
 * @param burnIn share of the batches whose loss does not count
 * @param decay of the moving average; 0 for a plain mean
 * @param seeds trainings of each network
 * @param reference which network's estimate is 1; null for none
 * @param initial networks whose weights trainings start from; null for fresh ones
 */
record BteSettings(
    int batches,
    int batchSize,
    double learningRate,
    int warmup,
    Schedule schedule,
    double burnIn,
    double decay,
    int seeds,
    Augmentation augmentation,
    @Nullable Architecture reference,
    @Nullable Function<Architecture, ComputationGraph> initial,
    long seed) {

  /** By name, without the images. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("batches", Integer.toString(batches));
    facts.put("batch size", Integer.toString(batchSize));
    facts.put("learning rate", Double.toString(learningRate));
    facts.put("warm-up", Integer.toString(warmup));
    facts.put("schedule", schedule.toString());
    facts.put("burn-in", Double.toString(burnIn));
    facts.put("moving average", Double.toString(decay));
    facts.put("seeds", Integer.toString(seeds));
    facts.put("augmentation", augmentation.toString());
    facts.put("reference", reference == null ? "none" : reference.id());
    facts.put("initial weights", initial == null ? "fresh" : "by a function of the caller's");
    facts.put("seed", Long.toString(seed));
    return facts;
  }

  /** The learning rate of each batch; a rise that is too long ends with the last one. */
  LearningRate rate(long perEpoch) {
    return new LearningRate(
        learningRate, schedule, Math.min(warmup, batches - 1), batches, perEpoch);
  }

  /**
   * The estimate of the first losses, in nats: their mean after the burn-in, or a moving average
   * that begins with the first one after it; the mean over the trainings. {@link ShortRun#CEILING}
   * if one of these diverged.
   *
   * @param losses {@code [seed][batch]}
   * @param count how many of them; the burn-in is a share of these
   */
  double estimate(double[][] losses, int count) {
    double sum = 0;
    for (double[] training : losses) {
      if (training[count - 1] >= ShortRun.CEILING) {
        return ShortRun.CEILING;
      }
      sum += estimate(training, count);
    }
    return sum / losses.length;
  }

  private double estimate(double[] losses, int count) {
    int first = (int) (burnIn * count);
    if (decay == 0) {
      return Arrays.stream(losses, first, count).average().orElseThrow();
    }
    double average = losses[first];
    for (int t = first + 1; t < count; t++) {
      average = decay * average + (1 - decay) * losses[t];
    }
    return average;
  }
}
