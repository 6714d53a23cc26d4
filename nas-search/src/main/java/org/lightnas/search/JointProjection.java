package org.lightnas.search;

import java.util.List;
import java.util.stream.Collectors;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * The architecture of the largest total score that keeps several bounds at once: {@link
 * BranchAndBound}, exact for additive predictors. For others its costs are the effects of single
 * swaps around the last solution; the solution is predicted, and rooms are shrunk by the errors
 * until every prediction keeps its bound; at last by the swaps that lessen the violation most.
 */
final class JointProjection implements Projector {

  private static final int ROUNDS = 20;

  /** Some seconds. */
  private static final long NODES = 2_000_000;

  /** How much more than the error a room is shrunk by. */
  private static final double MARGIN = 1.05;

  /** Sums of the same numbers in another order differ by less than this share. */
  private static final double NOISE = 1e-12;

  private final List<Constraint> constraints;
  private final ChoiceSpace space;

  JointProjection(List<Constraint> constraints) {
    this.constraints = List.copyOf(constraints);
    this.space = constraints.get(0).predictor().space();
  }

  @Override
  public void requireFeasible() {
    constraints.forEach(constraint -> new Projection(constraint).requireFeasible());
    project(Logits.zeros(space), new double[constraints.size()], bounds());
  }

  private double[] bounds() {
    return constraints.stream().mapToDouble(Constraint::bound).toArray();
  }

  @Override
  public Projected project(double[][] scores, double[] lower, double[] upper) {
    Architecture base = Logits.best(space, scores);
    if (violation(base, upper) == 0) {
      return new Projected(base, 0);
    }
    double[] rooms = upper.clone();
    for (int round = 0; round < ROUNDS; round++) {
      double[][][] costs = new double[rooms.length][][];
      double[] free = new double[rooms.length];
      for (int m = 0; m < rooms.length; m++) {
        costs[m] = constraints.get(m).sensitivity(base);
        free[m] = rooms[m] - constraints.get(m).predict(base);
      }
      BranchAndBound.Solution solution = BranchAndBound.solve(scores, costs, free, NODES);
      if (solution == null) {
        break;
      }
      Architecture found = space.architecture(solution.picks());
      for (int m = 0; m < rooms.length; m++) {
        double over = constraints.get(m).predict(found) - upper[m];
        rooms[m] -= over > 0 ? Math.max(MARGIN * over, NOISE * upper[m]) : 0;
      }
      if (violation(found, upper) == 0) {
        boolean exact = constraints.stream().allMatch(Projector::isSum);
        return new Projected(found, exact ? solution.gap() : Double.NaN);
      }
      base = found;
    }
    return new Projected(descend(base, scores, upper), Double.NaN);
  }

  /** The sum over the bounds of how far they are exceeded, as shares of them. */
  private double violation(Architecture architecture, double[] upper) {
    double total = 0;
    for (int m = 0; m < upper.length; m++) {
      total += Math.max(0, constraints.get(m).predict(architecture) / upper[m] - 1);
    }
    return total;
  }

  private Architecture descend(Architecture start, double[][] scores, double[] upper) {
    Architecture now = start;
    double violated = violation(now, upper);
    while (violated > 0) {
      Architecture next = null;
      double least = Double.POSITIVE_INFINITY;
      for (int l = 0; l < scores.length; l++) {
        for (int k = 0; k < scores[l].length; k++) {
          double saved = violated - violation(now.with(l, k), upper);
          double lostPerSaved = (scores[l][now.pick(l)] - scores[l][k]) / saved;
          if (saved > 0 && lostPerSaved < least) {
            least = lostPerSaved;
            next = now.with(l, k);
          }
        }
      }
      if (next == null) {
        throw infeasible(upper);
      }
      now = next;
      violated = violation(now, upper);
    }
    return now;
  }

  private InfeasibleConstraintException infeasible(double[] upper) {
    StringBuilder asked = new StringBuilder();
    for (int m = 0; m < upper.length; m++) {
      Constraint constraint = constraints.get(m);
      asked.append(m == 0 ? "" : " and ").append(constraint.metric().name()).append(" <= ");
      asked.append(Numbers.format(upper[m])).append(' ').append(constraint.metric().unit());
    }
    String alone =
        constraints.stream()
            .map(
                constraint ->
                    Numbers.formatUp(constraint.predict(Extremes.cheapest(constraint)))
                        + " "
                        + constraint.metric().unit())
            .collect(Collectors.joining(" and "));
    return new InfeasibleConstraintException(
        "No architecture of space '"
            + space.name()
            + "' was found that meets "
            + asked
            + " at once; each alone goes down to "
            + alone
            + ".\nMaybe raise one of the bounds.",
        upper[0],
        Double.NaN);
  }
}
