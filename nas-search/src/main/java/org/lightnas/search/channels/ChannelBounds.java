package org.lightnas.search.channels;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.lightnas.device.Device;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.MeasuredPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.widths.ChannelSpace;

/** Bounds on a space of operations as bounds on widths. */
record ChannelBounds(ChannelSettings settings) {

  /** Refuses a bound on what cannot be predicted of widths. */
  void require(Constraint constraint) {
    checkArgument(
        settings.predictor() != null || isCounted(constraint.metric()) || isMeasured(constraint),
        "Of other widths the %s cannot be predicted: %s.\n"
            + "Maybe %s, or give ChannelSearch.builder().predictor(…).",
        constraint.metric().name(),
        constraint.device() == null
            ? "the bound names no device to measure some on"
            : "the " + constraint.predictor() + " cannot be made anew from measurements",
        constraint.device() == null
            ? "use constraint.measuredOn(device)"
            : "take a predictor that was fitted on a profile");
  }

  private static boolean isCounted(Metric metric) {
    return metric.equals(Metric.MACS)
        || metric.equals(Metric.PARAMETERS)
        || metric.equals(Metric.ACTIVATIONS);
  }

  private static boolean isMeasured(Constraint constraint) {
    return constraint.device() != null && constraint.predictor() instanceof MeasuredPredictor;
  }

  /**
   * The same bound on widths.
   *
   * @param known value of the found network, to which predictions are in proportion
   * @param file for measurements; null for none
   */
  Constraint on(ChannelSpace widths, Constraint constraint, double known, @Nullable Path file) {
    Predictor predictor = predictor(widths, constraint, file);
    return new Constraint(
        isCounted(constraint.metric()) && settings.predictor() == null
            ? predictor
            : InProportion.of(predictor, widths.start(), known),
        constraint.bound(),
        constraint.device());
  }

  private Predictor predictor(ChannelSpace widths, Constraint constraint, @Nullable Path file) {
    if (settings.predictor() != null) {
      return ChannelSettings.given(
          settings.predictor(), widths, constraint, "predictor of the bound " + constraint.bound());
    }
    Metric metric = constraint.metric();
    if (isCounted(metric)) {
      return metric.equals(Metric.MACS)
          ? CostPredictor.macs(widths)
          : metric.equals(Metric.PARAMETERS)
              ? CostPredictor.parameters(widths)
              : CostPredictor.activations(widths);
    }
    Device device = constraint.device();
    if (device != null && constraint.predictor() instanceof MeasuredPredictor measured) {
      return measured.forWidths(widths, device, file);
    }
    throw new IllegalStateException("a bound that was not checked: " + constraint);
  }
}
