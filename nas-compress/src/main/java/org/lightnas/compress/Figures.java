package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Locale;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Cost;

/**
 * What a network costs and what it is worth.
 *
 * @param cost counted
 * @param latency measured; null where nothing was
 * @param accuracy on images that were not trained on, in percent; null where none were given
 * @since 0.1.0
 */
public record Figures(Cost cost, @Nullable Measurement latency, @Nullable Double accuracy) {

  /**
   * Checks the accuracy.
   *
   * @throws IllegalArgumentException if it is no percentage
   */
  public Figures {
    checkArgument(
        accuracy == null || (accuracy >= 0 && accuracy <= 100),
        "An accuracy must be between 0 and 100 percent, but is %s.",
        accuracy);
  }

  /** Of a network of which nothing else is known. */
  static Figures of(ComputationGraph network) {
    return new Figures(Cost.of(network.getConfiguration()), null, null);
  }

  /** Multiply-accumulate operations for one image. */
  public long macs() {
    return cost.macs();
  }

  /** Trainable numbers. */
  public long parameters() {
    return cost.parameters();
  }

  /** {@code 4,285,536 MACs, 7,788 parameters, 0.118 ±0.002 ms, 71.30 %}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%,d MACs, %,d parameters", macs(), parameters())
        + (latency == null ? "" : ", " + latency)
        + (accuracy == null ? "" : String.format(Locale.ROOT, ", %.2f %%", accuracy));
  }
}
