package org.lightnas.metric;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A cost of a network that can be predicted and bounded. The constants are those the library knows
 * by itself; make another for whatever your predictor predicts.
 *
 * @param name lower case, for messages: {@code latency}
 * @param unit for messages and files: {@code ms}
 * @since 0.1.0
 */
public record Metric(String name, String unit) {

  /** Time for one batch, in milliseconds. */
  public static final Metric LATENCY = new Metric("latency", "ms");

  /** Multiply-accumulate operations for one image. */
  public static final Metric MACS = new Metric("macs", "MAC");

  /** Trainable numbers. */
  public static final Metric PARAMETERS = new Metric("parameters", "parameters");

  /** The most memory that one image's feature maps take at the same time, as float32. */
  public static final Metric ACTIVATIONS = new Metric("activation memory", "bytes");

  /** Energy for one batch, in millijoules. */
  public static final Metric ENERGY = new Metric("energy", "mJ");

  /**
   * Checks that both texts say something.
   *
   * @throws IllegalArgumentException if one is blank
   */
  public Metric {
    checkArgument(
        !name.isBlank() && !unit.isBlank(),
        "A metric needs a name and a unit, but got '%s' and '%s'.",
        name,
        unit);
  }
}
