package org.lightnas.search;

import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;

/**
 * The cheapest and the costliest architecture that are found by taking the swaps that save (or
 * cost), all at once or the best one alone, until none does: the true extremes for additive
 * predictors.
 */
final class Extremes {

  private Extremes() {}

  static Architecture cheapest(Constraint constraint) {
    return extreme(constraint, 1);
  }

  static Architecture costliest(Constraint constraint) {
    return extreme(constraint, -1);
  }

  private static Architecture extreme(Constraint constraint, int sign) {
    Architecture now = constraint.predictor().space().uniform(0);
    while (true) {
      double[][] change = constraint.sensitivity(now);
      Architecture all = now;
      Architecture one = now;
      double most = 0;
      for (int l = 0; l < change.length; l++) {
        for (int k = 0; k < change[l].length; k++) {
          if (sign * change[l][k] < sign * change[l][all.pick(l)]) {
            all = all.with(l, k);
          }
          if (sign * change[l][k] < most) {
            most = sign * change[l][k];
            one = now.with(l, k);
          }
        }
      }
      double difference = sign * (constraint.predict(all) - constraint.predict(one));
      Architecture next = difference <= 0 ? all : one;
      if (!(sign * constraint.predict(next) < sign * constraint.predict(now))) {
        return now;
      }
      now = next;
    }
  }
}
