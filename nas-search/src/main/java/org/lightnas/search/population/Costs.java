package org.lightnas.search.population;

import java.util.List;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

/** What architectures are predicted to cost, guarded as bounds are. */
final class Costs {

  private final List<Constraint> guards;

  Costs(List<Predictor> predictors) {
    this.guards = predictors.stream().map(p -> Constraint.atMost(Double.MAX_VALUE, p)).toList();
  }

  List<Metric> metrics() {
    return guards.stream().map(Constraint::metric).toList();
  }

  /**
   * In the order of the predictors.
   *
   * @throws org.lightnas.NasException if one answers with a number that is negative or not finite
   */
  double[] of(Architecture architecture) {
    double[] costs = new double[guards.size()];
    for (int m = 0; m < costs.length; m++) {
      costs[m] = guards.get(m).predict(architecture);
    }
    return costs;
  }

  /** All objectives, each to be small: the score with the other sign, then the costs. */
  double[] objectives(Scored scored) {
    double[] costs = of(scored.architecture());
    double[] objectives = new double[costs.length + 1];
    objectives[0] = -scored.score();
    System.arraycopy(costs, 0, objectives, 1, costs.length);
    return objectives;
  }
}
