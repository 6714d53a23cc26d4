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
 * each of which exceeds them less. And raises those that leave much of the bounds to others.
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

  /**
   * The architecture itself, or a dearer one within the bounds near it: random single swaps raise
   * the prediction that is nearest to its bound until it is a share of that, or none does.
   */
  Architecture raised(Architecture architecture, double share, RandomGenerator random) {
    Architecture now = architecture;
    while (!constraints.isEmpty() && admits(now) && used(now) < share) {
      List<Architecture> higher = raises(now);
      Architecture next = null;
      while (next == null && !higher.isEmpty()) {
        Architecture drawn = higher.remove(random.nextInt(higher.size()));
        // Changes are rounded, and these two are what counts.
        next = admits(drawn) && used(drawn) > used(now) ? drawn : null;
      }
      if (next == null) {
        return now;
      }
      now = next;
    }
    return now;
  }

  /** The largest prediction, as a share of its bound. */
  private double used(Architecture architecture) {
    return constraints.stream()
        .mapToDouble(c -> c.predict(architecture) / c.bound())
        .max()
        .orElse(1);
  }

  /** Single swaps that use more of the bounds, and keep them. */
  private List<Architecture> raises(Architecture now) {
    int bounds = constraints.size();
    double[] predicted = new double[bounds];
    double[][][] change = new double[bounds][][];
    for (int m = 0; m < bounds; m++) {
      predicted[m] = constraints.get(m).predict(now);
      change[m] = constraints.get(m).sensitivity(now);
    }
    double used = used(now);
    List<Architecture> higher = new ArrayList<>();
    for (int l = 0; l < change[0].length; l++) {
      for (int k = 0; k < change[0][l].length; k++) {
        double then = 0;
        for (int m = 0; m < bounds; m++) {
          then = Math.max(then, (predicted[m] + change[m][l][k]) / constraints.get(m).bound());
        }
        if (then > used && then <= 1) {
          higher.add(now.with(l, k));
        }
      }
    }
    return higher;
  }

  /** Single swaps that lessen the excess. */
  private List<Architecture> swaps(Architecture now) {
    int bounds = constraints.size();
    double[] predicted = new double[bounds];
    double[][][] change = new double[bounds][][];
    double excess = 0;
    for (int m = 0; m < bounds; m++) {
      predicted[m] = constraints.get(m).predict(now);
      change[m] = constraints.get(m).sensitivity(now);
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
