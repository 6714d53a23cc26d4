package org.lightnas.examples.bench;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether merging kept what it promises, over all outcomes of which it is known: the same answers,
 * and the time that was predicted.
 */
final class DominoVerdicts {

  /** What a measurement may be above the prediction. */
  private static final double ALLOWED = 0.1;

  private DominoVerdicts() {}

  /** A sentence, and whether it says what was aimed at. */
  record Line(boolean good, String text) {}

  /** On real images, borders included; null where nothing has been checked. */
  static @Nullable Line equivalence(List<DominoOutcome> outcomes) {
    List<DominoCheck> checks =
        outcomes.stream().map(DominoOutcome::check).filter(Objects::nonNull).toList();
    if (checks.isEmpty()) {
      return null;
    }
    return new Line(
        checks.stream().allMatch(DominoCheck::holds),
        String.format(
            Locale.ROOT,
            "merged networks differ from grafted ones by at most %.1e in DL4J and %.1e in ONNX"
                + " Runtime, merged maps by %.1e at borders and %.1e inside (limit %.0e, %d"
                + " outcomes, at least %,d images each)",
            largest(checks.stream().mapToDouble(DominoCheck::dl4j).toArray()),
            largest(checks.stream().mapToDouble(DominoCheck::onnx).toArray()),
            largest(checks.stream().mapToDouble(DominoCheck::border).toArray()),
            largest(checks.stream().mapToDouble(DominoCheck::inside).toArray()),
            DominoCheck.LIMIT,
            checks.size(),
            checks.stream().mapToInt(DominoCheck::images).min().orElseThrow()));
  }

  /** NaN if one is. */
  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  /** Measured latencies with predicted ones; null where nothing was predicted. */
  static @Nullable Line prediction(List<DominoOutcome> outcomes) {
    double[] ratios =
        outcomes.stream()
            .filter(outcome -> outcome.predictedMillis() != null)
            .mapToDouble(o -> o.millisAfter() / Objects.requireNonNull(o.predictedMillis()))
            .toArray();
    if (ratios.length == 0) {
      return null;
    }
    double most = Bench.Spread.of(ratios).max();
    return new Line(
        most <= 1 + ALLOWED,
        String.format(
            Locale.ROOT,
            "merged networks were measured at %+.1f %% of their prediction at most (%d outcomes;"
                + " allowed %+.0f %%)",
            100 * (most - 1),
            ratios.length,
            100 * ALLOWED));
  }

  /** Merged latencies with those of the same networks before they were; null where unknown. */
  static @Nullable Line merging(List<DominoOutcome> outcomes) {
    List<DominoLead> leads =
        DominoLead.of(outcomes).stream()
            .filter(lead -> lead.rival().equals(DominoMethod.UNMERGED.label()))
            .toList();
    if (leads.isEmpty()) {
      return null;
    }
    double most = leads.stream().mapToDouble(lead -> lead.time().max()).max().orElseThrow();
    return new Line(
        most <= 1,
        String.format(
            Locale.ROOT,
            "merged networks take %.2f of the time of unmerged ones at most (%d outcomes)",
            most,
            leads.stream().mapToInt(lead -> lead.time().count()).sum()));
  }
}
