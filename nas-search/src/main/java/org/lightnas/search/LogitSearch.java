package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * The part of LightNAS that knows no network: logits that learn from the losses of paths, wherever
 * these come from, and from predicted costs, with one multiplier for each bound. {@link LightNas}
 * feeds it a supernet; a table of known losses will do as well.
 *
 * <p>Deterministic; not thread-safe.
 *
 * @since 0.1.0
 */
public final class LogitSearch {

  private final int passes;
  private final Logits logits;
  private final List<ConstraintTerm> terms;
  private final LogitLearner learner;
  private int done;

  private LogitSearch(
      List<Constraint> constraints,
      List<ConstraintTerm> terms,
      boolean faithful,
      Estimator estimator,
      int paths,
      int passes,
      long seed) {
    checkArgument(passes > 0, "Logits need at least 1 pass to learn in, but got %s.", passes);
    ChoiceSpace space = constraints.get(0).predictor().space();
    this.passes = passes;
    this.terms = List.copyOf(terms);
    if (faithful) {
      logits =
          new Logits(
              space, PublishedLearner.INITIAL_NOISE, Seeds.random(seed, "initial logits", 0));
      learner =
          new PublishedLearner(
              space, logits, terms, estimator == Estimator.ALL_GATES, passes, seed);
    } else {
      logits = new Logits(space);
      learner =
          new EffectLearner(
              space, logits, terms, estimator == Estimator.PATHS ? paths : 0, passes, seed);
    }
  }

  /**
   * A search with one multiplier for each bound.
   *
   * @param lambda all of them; null to learn them
   * @param paths compared in a pass, where paths are compared
   */
  static LogitSearch of(
      List<Constraint> constraints,
      List<Boolean> aims,
      @Nullable Double lambda,
      boolean faithful,
      Estimator estimator,
      int paths,
      int passes,
      long seed) {
    List<ConstraintTerm> terms =
        IntStream.range(0, constraints.size())
            .mapToObj(
                m ->
                    lambda == null
                        ? new ConstraintTerm(constraints.get(m), aims.get(m))
                        : ConstraintTerm.given(constraints.get(m), lambda))
            .toList();
    return new LogitSearch(constraints, terms, faithful, estimator, paths, passes, seed);
  }

  /**
   * As {@link LightNas#builder()} moves logits, aiming at the bound.
   *
   * @param estimator what it asks of the losses; {@link Estimator#PATHS} compares two
   * @param passes how often {@link #learn} will be called, positive
   */
  public static LogitSearch robust(
      Constraint constraint, Estimator estimator, int passes, long seed) {
    return of(List.of(constraint), List.of(true), null, false, estimator, 2, passes, seed);
  }

  /**
   * As LightNAS is published, but that gates which were not picked get no gradient.
   *
   * @param passes how often {@link #learn} will be called, positive
   */
  public static LogitSearch faithful(Constraint constraint, int passes, long seed) {
    return of(List.of(constraint), List.of(true), null, true, Estimator.GATES, 1, passes, seed);
  }

  /**
   * One pass: draws paths, asks for their losses, moves logits and multipliers.
   *
   * @return the mean loss of the paths drawn; if it is not finite, nothing has moved
   * @throws IllegalStateException after the last pass
   */
  public double learn(PathLoss losses) {
    checkState(done < passes, "All %s passes of this search are done.", passes);
    double loss = learner.learn(losses, done);
    if (Double.isFinite(loss)) {
      done++;
    }
    return loss;
  }

  /** A path drawn by the logits as they are, for the weights to learn. */
  Architecture draw(RandomGenerator random) {
    return logits.draw(random, 1).architecture();
  }

  /** The paths that follow a drawn one, as {@link Logits#following}. */
  List<Architecture> following(Architecture first, RandomGenerator random) {
    return logits.following(first, random);
  }

  /** The most probable candidate of every choice. */
  public Architecture mostProbable() {
    return logits.mostProbable();
  }

  /** {@code log p[choice][candidate]}; a new array. */
  public double[][] logProbabilities() {
    return logits.logProbabilities();
  }

  /** {@code p[choice][candidate]}; a new array. */
  public double[][] probabilities() {
    return logits.probabilities();
  }

  /** 1 undecided, 0 decided. */
  double entropy() {
    return logits.entropy();
  }

  /** What each bound does now. */
  List<SearchStep.Pressure> pressures() {
    List<Double> costs = learner.costs();
    return IntStream.range(0, terms.size())
        .mapToObj(m -> new SearchStep.Pressure(costs.get(m), terms.get(m).multiplier()))
        .toList();
  }

  /**
   * All that changes, for checkpoints.
   *
   * @param done passes so far
   * @param multipliers one per bound
   */
  record State(int done, Logits.State logits, double[] multipliers, LogitLearner.Extra extra) {}

  /** A copy of where this is. */
  State state() {
    return new State(
        done,
        logits.state(),
        terms.stream().mapToDouble(ConstraintTerm::multiplier).toArray(),
        learner.extra());
  }

  /**
   * Goes to where another run with the same settings was.
   *
   * @param learned in so many passes
   * @throws IllegalArgumentException if no such run can be there
   */
  void restore(State state, long learned) {
    checkArgument(
        state.done() == learned,
        "logits learned in %s passes instead of %s",
        state.done(),
        learned);
    done = state.done();
    logits.restore(state.logits());
    learner.restore(state.extra());
    double[] multipliers = new double[terms.size()];
    Saved.copy(state.multipliers(), multipliers, "multipliers");
    for (int m = 0; m < multipliers.length; m++) {
      terms.get(m).restore(multipliers[m]);
    }
  }
}
