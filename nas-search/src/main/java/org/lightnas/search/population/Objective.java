package org.lightnas.search.population;

import java.util.List;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;

/**
 * The objective of HSCoNAS (Luo et al., DATE 2021; recalled, not verified),
 *
 * <pre>
 * F(arch) = ACC(arch) + beta |LAT(arch) / T - 1|        beta &lt;= 0
 * </pre>
 *
 * or, one-sided, with {@code max(0, LAT(arch) / T - 1)}; the penalties of several bounds are added.
 *
 * @param accuracy ACC
 * @param constraints each gives LAT and T
 * @param beta in the unit of the accuracy
 */
record Objective(Evaluator accuracy, List<Constraint> constraints, double beta, boolean oneSided)
    implements Evaluator {

  Objective {
    constraints = List.copyOf(constraints);
  }

  @Override
  public double score(Architecture architecture) {
    return accuracy.score(architecture) + penalty(architecture);
  }

  /** What is added to the accuracy, not positive. */
  double penalty(Architecture architecture) {
    double sum = 0;
    for (Constraint constraint : constraints) {
      double excess = constraint.predict(architecture) / constraint.bound() - 1;
      sum += oneSided ? Math.max(0, excess) : Math.abs(excess);
    }
    return beta * sum;
  }

  @Override
  public String name() {
    return accuracy.name()
        + " "
        + (beta < 0 ? "- " + -beta : "+ " + beta)
        + (oneSided ? " max(0, cost / bound - 1)" : " |cost / bound - 1|");
  }
}
