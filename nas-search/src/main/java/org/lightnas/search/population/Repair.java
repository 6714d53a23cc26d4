package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.lightnas.metric.Constraint;
import org.lightnas.search.Projections;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Keeps proposals within the bounds: those that exceed them are changed by random single swaps,
 * each of which exceeds them less.
 */
final class Repair {

  /** So that a sum rounded up is not an excess that no swap lessens. */
  private static final double ROUNDING = 1e-12;

  private final List<Constraint> constraints;

  /** Keeps the bounds, for proposals that swaps cannot bring there. */
  private final Architecture admitted;

  /**
   * Of a space.
   *
   * @throws org.lightnas.InfeasibleConstraintException if nothing was found within the bounds
   */
  Repair(ChoiceSpace space, List<Constraint> constraints) {
    this.constraints = constraints;
    Projections.requireFeasible(constraints);
    double[][] zeros =
        space.choices().stream().map(c -> new double[c.size()]).toArray(double[][]::new);
    this.admitted =
        constraints.isEmpty() ? space.uniform(0) : Projections.project(zeros, constraints);
  }

  boolean admits(Architecture architecture) {
    for (Constraint constraint : constraints) {
      if (!constraint.admits(architecture)) {
        return false;
      }
    }
    return true;
  }

  /** The architecture itself, or another one near it that keeps the bounds. */
  Architecture repaired(Architecture architecture, RandomGenerator random) {
    Architecture now = architecture;
    while (!admits(now)) {
      List<Architecture> lower = swaps(now);
      if (lower.isEmpty()) {
        return admitted;
      }
      now = lower.get(random.nextInt(lower.size()));
    }
    return now;
  }

  /** Single swaps that lessen the excess. */
  private List<Architecture> swaps(Architecture now) {
    int bounds = constraints.size();
    double[] predicted = new double[bounds];
    double[][][] change = new double[bounds][][];
    double excess = 0;
    for (int m = 0; m < bounds; m++) {
      predicted[m] = constraints.get(m).predict(now);
      change[m] = constraints.get(m).predictor().sensitivity(now);
      excess += excess(m, predicted[m]);
    }
    List<Architecture> lower = new ArrayList<>();
    for (int l = 0; l < change[0].length; l++) {
      for (int k = 0; k < change[0][l].length; k++) {
        double then = 0;
        for (int m = 0; m < bounds; m++) {
          then += excess(m, predicted[m] + change[m][l][k]);
        }
        if (then < excess * (1 - ROUNDING)) {
          lower.add(now.with(l, k));
        }
      }
    }
    return lower;
  }

  private double excess(int m, double predicted) {
    return Math.max(0, predicted / constraints.get(m).bound() - 1);
  }
}
