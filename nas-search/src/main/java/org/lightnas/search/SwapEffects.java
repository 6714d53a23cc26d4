package org.lightnas.search;

import org.lightnas.NasException;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;

/**
 * What single swaps change, checked: one NaN would spread to every logit and be noticed by none.
 */
final class SwapEffects {

  private SwapEffects() {}

  /**
   * The predictor's {@code sensitivity}, {@code [choice][candidate]}.
   *
   * @throws NasException naming the predictor and the swap whose effect is not finite
   */
  static double[][] of(Constraint constraint, Architecture architecture) {
    double[][] change = constraint.predictor().sensitivity(architecture);
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
}
