package org.lightnas.search;

import java.util.List;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/** Finds the architecture of the largest total score that keeps all bounds. */
interface Projector {

  /** Of sums in another order, as a share of the bound. */
  double ROUNDING = 1e-9;

  /**
   * What was projected to.
   *
   * @param architecture keeps all upper limits, by prediction
   * @param gap by how much the total score of another one may be larger; 0 if this is proved to be
   *     the best, which it can be for additive predictors only; NaN if nothing is known
   */
  record Projected(Architecture architecture, double gap) {}

  /**
   * Checks that something meets the bounds.
   *
   * @throws org.lightnas.InfeasibleConstraintException if nothing was found that does
   */
  void requireFeasible();

  /**
   * Projects.
   *
   * @param scores {@code [choice][candidate]}, finite, larger is better
   * @param lower for each constraint what the prediction should reach, where possible
   * @param upper for each constraint what the prediction does not exceed
   * @throws org.lightnas.InfeasibleConstraintException if nothing is found below all of {@code
   *     upper}
   */
  Projected project(double[][] scores, double[] lower, double[] upper);

  /** For one bound exactly by {@link Knapsack}, for several by {@link BranchAndBound}. */
  static Projector of(List<Constraint> constraints) {
    return constraints.size() == 1
        ? new Projection(constraints.get(0))
        : new JointProjection(constraints);
  }

  /**
   * Whether single swaps have the same effects around architectures that share no candidate, as
   * they must where predictions are sums over choices. No proof, but what is not a sum shows.
   */
  static boolean isSum(Constraint constraint) {
    ChoiceSpace space = constraint.predictor().space();
    int most = space.choices().stream().mapToInt(Choice::size).max().orElse(1);
    double[][] here = constraint.sensitivity(space.uniform(0));
    for (int probe = 1; probe < most; probe++) {
      Architecture other = space.uniform(probe);
      double[][] there = constraint.sensitivity(other);
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
