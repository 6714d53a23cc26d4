package org.lightnas.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.device.Measurement;
import org.lightnas.internal.Listeners;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.space.Architecture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a search: projects onto the bounds and, where a constraint names a device, measures;
 * while a measurement exceeds its bound, lowers the bound by the gap and projects again. Where the
 * bound is aimed at and a measurement falls short of it, raises the bound by the gap: what a device
 * does faster than predicted is the user's to spend. Nothing is trained.
 *
 * <p>Wanted is a spread more of room than a {@link Verdict} needs, so that who measures the trained
 * network is not told otherwise; if nothing has it, a verdict that is just satisfied will do.
 */
final class Settlement {

  private static final Logger log = LoggerFactory.getLogger(Settlement.class);

  /** Projections after the first one. */
  private static final int REPAIRS = 5;

  /** Aiming at the bound means to end within this share below it. */
  static final double AIMED_AT = 0.97;

  /** The same for repairs: there is less room left, and the gap is known. */
  private static final double REPAIRED_AT = 0.985;

  /** Of the measurement, within the bound; a verdict needs two. */
  private static final double SPREADS = 3;

  private final List<Constraint> constraints;
  private final List<Boolean> aims;
  private final Projector projector;
  private final double[][] scores;
  private final long seed;
  private final List<SearchListener> listeners;
  private final List<Attempt> attempts = new ArrayList<>();

  /** The least prediction for each bound of what was measured to exceed it. */
  private final double[] ceilings;

  private double gap;

  /**
   * Prepares a settlement.
   *
   * @param aims for each constraint, whether its bound is aimed at
   * @param seed of the networks that are measured
   */
  Settlement(
      List<Constraint> constraints,
      List<Boolean> aims,
      double[][] scores,
      long seed,
      List<SearchListener> listeners) {
    this.constraints = constraints;
    this.aims = aims;
    this.projector = Projector.of(constraints);
    this.scores = scores;
    this.seed = seed;
    this.listeners = listeners;
    this.ceilings = new double[constraints.size()];
    Arrays.fill(ceilings, Double.POSITIVE_INFINITY);
  }

  /**
   * The best found: of those that keep the bounds with room to spare, or failing that at all, the
   * one of the largest score, otherwise the one that exceeds them least.
   *
   * @throws InfeasibleConstraintException if nothing is predicted within the bounds
   */
  Attempt settle() {
    double[] upper = constraints.stream().mapToDouble(Constraint::bound).toArray();
    Set<Architecture> judged = new HashSet<>();
    Attempt now = judge(project(upper));
    Attempt best = now;
    judged.add(now.architecture());
    for (int repair = 1; repair <= REPAIRS; repair++) {
      double[] shifted = shift(now, upper);
      if (shifted == null) {
        break;
      }
      Architecture next = projectIfPossible(shifted);
      if (next == null) {
        if (!now.satisfied()) {
          log.warn("Nothing is predicted low enough to make up for the gap of {}", now.verdict());
        }
        break;
      }
      if (!judged.add(next)) {
        break;
      }
      upper = shifted;
      now = judge(next);
      if (isBetter(now, best)) {
        best = now;
      }
    }
    return best;
  }

  /** Every projection, in order. */
  List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  /** Of the first projection, as {@link Projector.Projected#gap}. */
  double gap() {
    return gap;
  }

  /**
   * Limits of the prediction by which the next measurement should keep the bounds.
   *
   * @return null if nothing is to be mended
   */
  private double @Nullable [] shift(Attempt now, double[] upper) {
    double[] shifted = upper.clone();
    boolean changed = false;
    for (int m = 0; m < shifted.length; m++) {
      double bound = constraints.get(m).bound();
      double predicted = constraints.get(m).predict(now.architecture());
      Measurement measured = now.verdicts().get(m).measured();
      if (measured == null) {
        continue;
      }
      double over = withRoom(measured) - bound;
      boolean low = aims.get(m) && measured.millis() < AIMED_AT * bound;
      if (over > 0) {
        ceilings[m] = Math.min(ceilings[m], predicted);
        shifted[m] = Math.min(upper[m], predicted) - over;
        changed = true;
      } else if (low) {
        shifted[m] = Math.min(predicted - over, Math.nextDown(ceilings[m]));
        changed = true;
      }
    }
    return changed ? shifted : null;
  }

  private boolean isBetter(Attempt ours, Attempt theirs) {
    if (hasRoom(ours) != hasRoom(theirs)) {
      return hasRoom(ours);
    }
    if (ours.satisfied() != theirs.satisfied()) {
      return ours.satisfied();
    }
    return ours.satisfied()
        ? score(ours.architecture()) > score(theirs.architecture())
        : ours.excess() < theirs.excess();
  }

  private static boolean hasRoom(Attempt attempt) {
    return attempt.satisfied()
        && attempt.verdicts().stream()
            .allMatch(v -> v.measured() == null || withRoom(v.measured()) <= v.bound());
  }

  private static double withRoom(Measurement measured) {
    return measured.millis() + SPREADS * measured.spread();
  }

  private double score(Architecture architecture) {
    double sum = 0;
    for (int l = 0; l < scores.length; l++) {
      sum += scores[l][architecture.pick(l)];
    }
    return sum;
  }

  private Architecture project(double[] upper) {
    double[] lower = new double[upper.length];
    for (int m = 0; m < lower.length; m++) {
      double share = attempts.isEmpty() ? AIMED_AT : REPAIRED_AT;
      lower[m] = aims.get(m) ? share * upper[m] : 0;
    }
    Projector.Projected projected = projector.project(scores, lower, upper);
    if (attempts.isEmpty()) {
      gap = projected.gap();
    }
    return projected.architecture();
  }

  private @Nullable Architecture projectIfPossible(double[] upper) {
    for (double limit : upper) {
      if (limit <= 0) {
        return null;
      }
    }
    try {
      return project(upper);
    } catch (InfeasibleConstraintException e) {
      return null;
    }
  }

  private Attempt judge(Architecture architecture) {
    Attempt attempt = Attempt.of(constraints, architecture, seed);
    attempts.add(attempt);
    log.info("{}: {}", architecture, attempt.verdicts());
    Listeners.tell(listeners, l -> l.onProjection(attempt), log);
    return attempt;
  }
}
