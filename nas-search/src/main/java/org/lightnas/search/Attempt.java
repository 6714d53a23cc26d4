package org.lightnas.search;

import java.util.List;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.space.Architecture;

/**
 * One projection onto the bounds, judged.
 *
 * @param architecture what was projected to
 * @param verdicts one for each bound, in their order
 * @since 0.1.0
 */
public record Attempt(Architecture architecture, List<Verdict> verdicts) {

  /** Copies what could change. */
  public Attempt {
    verdicts = List.copyOf(verdicts);
  }

  /**
   * Judges what a search found, by measuring where a bound names a device.
   *
   * @param constraints at least one
   * @param seed of the network's weights
   * @throws NasException if a device fails, with what was found: hours of search must not go with a
   *     measurement
   * @throws InterruptedRunException likewise, if this thread is interrupted
   */
  public static Attempt of(List<Constraint> constraints, Architecture architecture, long seed) {
    try {
      return new Attempt(
          architecture, constraints.stream().map(c -> c.verify(architecture, seed)).toList());
    } catch (RuntimeException e) {
      if (constraints.stream().allMatch(constraint -> constraint.device() == null)) {
        throw e;
      }
      String found =
          "The search found "
              + architecture.toJson()
              + ", predicted "
              + Numbers.format(constraints.get(0).predict(architecture))
              + " "
              + constraints.get(0).metric().unit()
              + ", but it could not be measured: "
              + e.getMessage();
      throw e instanceof InterruptedRunException
          ? new InterruptedRunException(found)
          : new NasException(found, e);
    }
  }

  /**
   * By how much measurements exceed their bounds, with two spreads: shares of the bounds, summed; 0
   * where none does.
   */
  public double excess() {
    double sum = 0;
    for (Verdict verdict : verdicts) {
      Measurement measured = verdict.measured();
      sum += measured == null ? 0 : Math.max(0, measured.upperMillis() / verdict.bound() - 1);
    }
    return sum;
  }

  /** Whether all bounds are kept. */
  public boolean satisfied() {
    return verdicts.stream().allMatch(Verdict::satisfied);
  }

  /** The first verdict that is not satisfied, or the first of all. */
  public Verdict verdict() {
    return verdicts.stream().filter(v -> !v.satisfied()).findFirst().orElse(verdicts.get(0));
  }
}
