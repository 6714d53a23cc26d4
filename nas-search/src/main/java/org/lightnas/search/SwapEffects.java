package org.lightnas.search;

import org.lightnas.NasException;
import org.lightnas.internal.Foreign;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * What single swaps change, checked: one NaN would spread to every logit and be noticed by none.
 */
final class SwapEffects {

  /** Of sums in another order, as a share of the bound. */
  private static final double ROUNDING = 1e-9;

  private SwapEffects() {}

  /**
   * The predictor's {@code sensitivity}, {@code [choice][candidate]}.
   *
   * @throws NasException naming the predictor and the swap whose effect is not finite, or what it
   *     failed on
   */
  static double[][] of(Constraint constraint, Architecture architecture) {
    double[][] change =
        Foreign.call(
            () -> constraint.predictor().sensitivity(architecture),
            () ->
                "The "
                    + constraint.predictor()
                    + " failed on swaps of architecture "
                    + architecture.id());
    for (int l = 0; l < change.length; l++) {
      for (int k = 0; k < change[l].length; k++) {
        if (!Double.isFinite(change[l][k])) {
          Architecture swapped = architecture.with(l, k);
          constraint.predict(swapped); // says it better, if it is at fault
          throw new NasException(
              "The "
                  + constraint.predictor()
                  + " says that a swap from "
                  + architecture.id()
                  + " to "
                  + swapped.id()
                  + " changes "
                  + constraint.metric().name()
                  + " by "
                  + change[l][k]
                  + " "
                  + constraint.metric().unit()
                  + ".\nMaybe its sensitivity() does not agree with its predict().");
        }
      }
    }
    return change;
  }

  /**
   * Whether single swaps have the same effects around architectures that share no candidate, as
   * they must where predictions are sums over choices. No proof, but what is not a sum shows.
   */
  static boolean addUp(Constraint constraint) {
    ChoiceSpace space = constraint.predictor().space();
    int most = space.choices().stream().mapToInt(Choice::size).max().orElse(1);
    double[][] here = of(constraint, space.uniform(0));
    for (int probe = 1; probe < most; probe++) {
      Architecture other = space.uniform(probe);
      double[][] there = of(constraint, other);
      for (int l = 0; l < here.length; l++) {
        for (int k = 0; k < here[l].length; k++) {
          double difference = there[l][k] - (here[l][k] - here[l][other.pick(l)]);
          if (Math.abs(difference) > ROUNDING * constraint.bound()) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
