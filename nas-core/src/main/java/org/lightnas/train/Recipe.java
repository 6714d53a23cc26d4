package org.lightnas.train;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Augmentation;
import org.lightnas.engine.Optimizer;

/**
 * Everything that decides the result of a training, apart from network and images. The components
 * are those of {@link Trainer.Builder}, which checks them.
 *
 * @param patience epochs without improvement after which to stop; 0 for never
 * @param averaging decay of the moving average of weights; 0 for none
 * @param validation share of the training images held out; 0 for none
 * @param normBatches augmented batches from which batch norms are estimated; 0 for none
 */
record Recipe(
    int epochs,
    int batchSize,
    Optimizer optimizer,
    double learningRate,
    Schedule schedule,
    double warmup,
    double weightDecay,
    double labelSmoothing,
    double clip,
    Augmentation augmentation,
    @Nullable Teacher teacher,
    double averaging,
    double validation,
    int patience,
    int normBatches,
    long seed) {

  /** Names and values; two recipes with the same facts train alike. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    for (RecordComponent component : Recipe.class.getRecordComponents()) {
      try {
        facts.put(component.getName(), String.valueOf(component.getAccessor().invoke(this)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("A record's own accessor failed.", e);
      }
    }
    return facts;
  }

  /** For reports. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%d epochs, batch %d, %s, rate %.3g, %s, weight decay %.3g, smoothing %.2g, %s",
            epochs,
            batchSize,
            optimizer,
            learningRate,
            schedule,
            weightDecay,
            labelSmoothing,
            augmentation));
    if (teacher != null) {
      text.append(", teacher ").append(teacher);
    }
    if (averaging > 0) {
      text.append(", averaging ").append(averaging);
    }
    if (validation > 0) {
      text.append(", validation ").append(validation);
    }
    if (patience > 0) {
      text.append(", early stop ").append(patience);
    }
    return text.append(", seed ").append(seed).toString();
  }
}
