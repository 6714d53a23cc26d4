package org.lightnas.search;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.NasException;
import org.lightnas.device.Measurement;
import org.lightnas.internal.Listeners;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a search: projects onto the bound and, with a device, measures; while the measurement
 * exceeds the bound, lowers the bound by the gap and projects again. Nothing is trained.
 */
final class Settlement {

  private static final Logger log = LoggerFactory.getLogger(Settlement.class);

  /** Measurements after the first one. */
  private static final int REPAIRS = 5;

  private final SearchSpace space;
  private final Constraint constraint;
  private final Projection projection;
  private final double[][] scores;
  private final double aimedAt;
  private final long seed;
  private final List<SearchListener> listeners;
  private final List<Verdict> verdicts = new ArrayList<>();

  /** An architecture and what is known of its cost. */
  record Settled(Architecture architecture, Verdict verdict) {

    boolean isBetterThan(Settled other) {
      if (verdict.satisfied() != other.verdict.satisfied()) {
        return verdict.satisfied();
      }
      Measurement ours = verdict.measured();
      Measurement theirs = other.verdict.measured();
      return ours != null && theirs != null && ours.upperMillis() < theirs.upperMillis();
    }
  }

  /**
   * Prepares a settlement.
   *
   * @param aimedAt share of the bound that the prediction should reach; 0 for any
   * @param seed of the networks that are measured
   */
  Settlement(
      SearchSpace space,
      Constraint constraint,
      double[][] scores,
      double aimedAt,
      long seed,
      List<SearchListener> listeners) {
    this.space = space;
    this.constraint = constraint;
    this.projection = new Projection(constraint);
    this.scores = scores;
    this.aimedAt = aimedAt;
    this.seed = seed;
    this.listeners = listeners;
  }

  /**
   * The best found: one that keeps the bound, or that exceeds it least.
   *
   * @throws InfeasibleConstraintException if nothing is predicted within the bound
   */
  Settled settle() {
    double bound = constraint.bound();
    Settled now = judge(project(bound));
    Settled best = now;
    for (int repair = 1; repair <= REPAIRS && !now.verdict().satisfied(); repair++) {
      Measurement measured = now.verdict().measured();
      if (measured == null) {
        break;
      }
      double gap = measured.upperMillis() - constraint.bound();
      bound = Math.min(bound, constraint.predict(now.architecture())) - gap;
      Architecture next = bound > 0 ? projectIfPossible(bound) : null;
      if (next == null) {
        log.warn(
            "The measurement exceeds the bound by {} ms; nothing is predicted that much below {}",
            Numbers.format(gap),
            now.architecture());
        break;
      }
      now = judge(next);
      if (now.isBetterThan(best)) {
        best = now;
      }
    }
    return best;
  }

  /** Every verdict taken, in order. */
  List<Verdict> verdicts() {
    return List.copyOf(verdicts);
  }

  private Architecture project(double bound) {
    return projection.project(scores, aimedAt * bound, bound);
  }

  private @Nullable Architecture projectIfPossible(double bound) {
    try {
      return project(bound);
    } catch (InfeasibleConstraintException e) {
      return null;
    }
  }

  private Settled judge(Architecture architecture) {
    Verdict verdict =
        constraint.device() == null ? constraint.verify(architecture) : measure(architecture);
    verdicts.add(verdict);
    log.info("{}: {}", architecture, verdict);
    Listeners.tell(listeners, l -> l.onProjection(architecture, verdict), log);
    return new Settled(architecture, verdict);
  }

  private Verdict measure(Architecture architecture) {
    ComputationGraph network = space.network(architecture, seed);
    try {
      return constraint.verify(architecture, network);
    } catch (NasException e) {
      // Minutes of search end here: what was found must not go with them.
      throw new NasException(
          "The search found "
              + architecture.toJson()
              + ", predicted "
              + Numbers.format(constraint.predict(architecture))
              + " "
              + constraint.metric().unit()
              + ", but it could not be measured: "
              + e.getMessage(),
          e);
    } finally {
      network.close();
    }
  }
}
