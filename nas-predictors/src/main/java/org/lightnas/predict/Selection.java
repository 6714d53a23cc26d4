package org.lightnas.predict;

import java.util.List;
import java.util.Locale;
import org.lightnas.metric.Predictor;

/**
 * What {@link Predictors#best} chose, and what it compared.
 *
 * @param family the name of the family chosen
 * @param predictor fitted on the whole profile; its quality is that of the report
 * @param report of the family chosen: every sample predicted by a predictor of the other folds
 * @param compared every family, in the order given
 * @since 0.1.0
 */
public record Selection(
    String family, Predictor predictor, PredictorReport report, List<Compared> compared) {

  /** Copies the list. */
  public Selection {
    compared = List.copyOf(compared);
  }

  /**
   * What became of a family.
   *
   * @since 0.1.0
   */
  public enum Outcome {
    /** None that is simpler is as good, and none clearly better. */
    CHOSEN,
    /** A simpler one is as good within noise, or another one clearly better. */
    NOT_CHOSEN,
    /** After some folds no better than a simpler one, so the rest was saved. */
    DROPPED,
    /** It could not be fitted. */
    FAILED
  }

  /**
   * A family among those compared.
   *
   * @param family its name
   * @param outcome what became of it
   * @param samples how many it predicted before it was dropped
   * @param error median of {@code |log(predicted / measured)|}, about the relative error; NaN if it
   *     failed
   * @param excess how much larger its errors are than those of the family chosen, in the mean over
   *     the samples that both predicted
   * @param noise standard error of the excess, from the spread of the pairwise differences
   * @param note why it failed; empty otherwise
   * @since 0.1.0
   */
  public record Compared(
      String family,
      Outcome outcome,
      int samples,
      double error,
      double excess,
      double noise,
      String note) {}

  /** The table of what was compared, then the report. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Compared each : compared) {
      text.append(
          each.outcome() == Outcome.FAILED
              ? each.family() + ": " + each.note().lines().findFirst().orElse("failed")
              : String.format(
                  Locale.ROOT,
                  "%s: median error %.2f %%, %+.2f ± %.2f on %d samples: %s",
                  each.family(),
                  100 * each.error(),
                  100 * each.excess(),
                  100 * each.noise(),
                  each.samples(),
                  each.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
      text.append('\n');
    }
    return text.append(report).toString();
  }
}
