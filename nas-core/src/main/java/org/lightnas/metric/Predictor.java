package org.lightnas.metric;

import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * Predicts one metric of the architectures of one space, without building them.
 *
 * @since 0.1.0
 */
public interface Predictor {

  /** What is predicted; it fixes the unit. */
  Metric metric();

  /** The space whose architectures are predicted. */
  ChoiceSpace space();

  /**
   * The predicted value, in the metric's unit; positive and finite. Must be fast, pure and
   * thread-safe: searches call it thousands of times.
   */
  double predict(Architecture architecture);

  /**
   * What each single swap would change: {@code [l][k]} = prediction with choice {@code l} set to
   * candidate {@code k}, minus the prediction now; 0 at the current picks. The default predicts
   * every swap.
   */
  default double[][] sensitivity(Architecture architecture) {
    double now = predict(architecture);
    List<Choice> choices = space().choices();
    double[][] change = new double[choices.size()][];
    for (int l = 0; l < change.length; l++) {
      change[l] = new double[choices.get(l).size()];
      for (int k = 0; k < change[l].length; k++) {
        change[l][k] = k == architecture.pick(l) ? 0 : predict(architecture.with(l, k)) - now;
      }
    }
    return change;
  }

  /**
   * Whether the prediction is about something unlike all that the predictor was fitted on, as far
   * as it knows. Searches say so of their result. Default no.
   */
  default boolean extrapolates(Architecture architecture) {
    return false;
  }

  /**
   * The fingerprint of the device whose measurements the predictions stand for; empty where no
   * device was measured. {@link Constraint#measuredOn} refuses another device.
   */
  default Optional<String> fingerprint() {
    return Optional.empty();
  }

  /**
   * How well it did on architectures that it was not fitted on; empty where that was not tried.
   * Searchers refuse a predictor that did badly.
   */
  default Optional<Quality> quality() {
    return Optional.empty();
  }

  /** A predictor made of a function. */
  static Predictor of(ChoiceSpace space, Metric metric, ToDoubleFunction<Architecture> prediction) {
    return new Predictor() {
      @Override
      public Metric metric() {
        return metric;
      }

      @Override
      public ChoiceSpace space() {
        return space;
      }

      @Override
      public double predict(Architecture architecture) {
        return prediction.applyAsDouble(architecture);
      }

      @Override
      public String toString() {
        return metric.name() + " predictor of space '" + space.name() + "'";
      }
    };
  }
}
