package org.lightnas.metric;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.lightnas.device.Measurement;

/**
 * Whether a bound is kept, with the evidence.
 *
 * @param metric what is bounded
 * @param bound the upper bound, in the metric's unit
 * @param predicted the prediction, where there is an architecture to predict
 * @param measured the measurement, where a device was given
 * @since 0.1.0
 */
public record Verdict(
    Metric metric, double bound, @Nullable Double predicted, @Nullable Measurement measured) {

  /**
   * With a measurement: {@code measured + 2 spread <= bound}. Without: {@code predicted <= bound}.
   */
  public boolean satisfied() {
    if (measured != null) {
      return measured.upperMillis() <= bound;
    }
    return predicted != null && predicted <= bound;
  }

  /** {@code asked ≤ 0.150 ms, predicted 0.146 ms, measured 0.118 ±0.002 ms: satisfied}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("asked ≤ ").append(withUnit(bound));
    if (predicted != null) {
      text.append(", predicted ").append(withUnit(predicted));
    }
    if (measured != null) {
      text.append(", measured ").append(measured);
    }
    return text.append(satisfied() ? ": satisfied" : ": not satisfied").toString();
  }

  private String withUnit(double value) {
    return String.format(Locale.ROOT, value < 1000 ? "%.3f %s" : "%,.0f %s", value, metric.unit());
  }
}
