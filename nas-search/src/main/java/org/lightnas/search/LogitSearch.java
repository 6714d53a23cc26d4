package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
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
 */
public final class LogitSearch {

  private final ChoiceSpace space;
  private final Dynamics dynamics;
  private final Estimator estimator;
  private final int paths;
  private final int passes;
  private final long seed;
  private final Logits logits;
  private final List<ConstraintTerm> terms;
  private List<ConstraintTerm.Expectation> expectations = List.of();
  private int done;
  private boolean onTarget;

  LogitSearch(
      List<Constraint> constraints,
      Dynamics dynamics,
      Estimator estimator,
      int paths,
      int passes,
      List<Boolean> aims,
      long seed) {
    this.space = constraints.get(0).predictor().space();
    this.dynamics = dynamics;
    this.estimator = estimator;
    this.paths = paths;
    this.passes = passes;
    this.seed = seed;
    this.logits = new Logits(space, dynamics.noise(), Seeds.random(seed, "initial logits", 0));
    this.terms = new ArrayList<>();
    for (int m = 0; m < constraints.size(); m++) {
      terms.add(new ConstraintTerm(constraints.get(m), dynamics, aims.get(m)));
    }
  }

  /**
   * As {@link LightNas#builder()} moves logits: from pairs of paths, aiming at the bound.
   *
   * @param passes how often {@link #learn} will be called, positive
   */
  public static LogitSearch robust(Constraint constraint, int passes, long seed) {
    requirePositive(passes);
    return new LogitSearch(
        List.of(constraint),
        Dynamics.robust(passes),
        Estimator.PATHS,
        2,
        passes,
        List.of(true),
        seed);
  }

  /**
   * As LightNAS is published: straight-through gates, published rates.
   *
   * @param passes how often {@link #learn} will be called, positive
   */
  public static LogitSearch faithful(Constraint constraint, int passes, long seed) {
    requirePositive(passes);
    return new LogitSearch(
        List.of(constraint),
        Dynamics.faithful(passes),
        Estimator.GATES,
        1,
        passes,
        List.of(true),
        seed);
  }

  private static void requirePositive(int passes) {
    checkArgument(passes > 0, "Logits need at least 1 pass to learn in, but got %s.", passes);
  }

  /**
   * One pass: draws paths, asks for their losses, moves logits and multipliers.
   *
   * @return the mean loss of the paths drawn; if it is not finite, nothing has moved
   * @throws IllegalStateException after the last pass
   */
  public double learn(PathLoss losses) {
    checkState(done < passes, "All %s passes of this search are done.", passes);
    double tau = dynamics.temperature().applyAsDouble(done);
    double[][] gradient = Logits.zeros(space);
    double loss;
    if (estimator == Estimator.PATHS) {
      loss = comparePaths(losses, tau, gradient);
      addCosts(gradient);
    } else {
      Logits.Draw draw = logits.draw(Seeds.random(seed, "logit paths", done), tau);
      loss = passGates(losses, draw, tau, gradient);
      if (dynamics.relaxed()) {
        addCosts(gradient);
      } else {
        terms.forEach(term -> term.addGradient(gradient, draw, tau));
      }
    }
    if (!Double.isFinite(loss)) {
      return loss;
    }
    logits.update(gradient, rate(), dynamics.decay());
    ascend();
    done++;
    return loss;
  }

  private void addCosts(double[][] gradient) {
    double[][] p = logits.probabilities();
    expectations = expect(p);
    for (int m = 0; m < terms.size(); m++) {
      terms.get(m).addGradient(gradient, p, expectations.get(m));
    }
  }

  private List<ConstraintTerm.Expectation> expect(double[][] p) {
    Architecture mostProbable = logits.mostProbable();
    return terms.stream().map(term -> term.expect(p, mostProbable)).toList();
  }

  private double rate() {
    double rate = dynamics.rate().applyAsDouble(done);
    if (done < dynamics.endGame()) {
      return rate;
    }
    Architecture now = logits.mostProbable();
    double distance = 0;
    for (ConstraintTerm term : terms) {
      distance = Math.max(distance, term.distance(term.predict(now)));
    }
    onTarget |= distance < Dynamics.ON_TARGET;
    return onTarget ? rate * distance : rate;
  }

  private void ascend() {
    Architecture mostProbable = logits.mostProbable();
    for (int m = 0; m < terms.size(); m++) {
      ConstraintTerm term = terms.get(m);
      term.ascend(dynamics.relaxed() ? expectations.get(m).value() : term.predict(mostProbable));
    }
  }

  private double comparePaths(PathLoss from, double tau, double[][] gradient) {
    RandomGenerator random = Seeds.random(seed, "logit paths", done);
    double[][] p = logits.probabilities();
    List<Architecture> drawn = new ArrayList<>();
    // Towards the end most draws are the same path, whose loss on these images is the same.
    Map<Architecture, Double> known = new HashMap<>();
    double[] losses = new double[paths];
    for (int m = 0; m < paths; m++) {
      drawn.add(logits.draw(random, tau).architecture());
      losses[m] = known.computeIfAbsent(drawn.get(m), from::loss);
    }
    double mean = Arrays.stream(losses).average().orElseThrow();
    for (int m = 0; m < paths; m++) {
      double advantage = (losses[m] - mean) / (paths - 1);
      for (int l = 0; l < p.length; l++) {
        for (int k = 0; k < p[l].length; k++) {
          double one = drawn.get(m).pick(l) == k ? 1 : 0;
          gradient[l][k] += advantage * (one - p[l][k]);
        }
      }
    }
    return mean;
  }

  private double passGates(PathLoss from, Logits.Draw draw, double tau, double[][] gradient) {
    PathLoss.Gates passed = from.gates(draw.architecture());
    double[][] gates = Logits.zeros(space);
    for (int l = 0; l < gates.length; l++) {
      if (estimator == Estimator.ALL_GATES) {
        Arrays.fill(gates[l], passed.others()[l]);
      }
      gates[l][draw.architecture().pick(l)] = passed.picked()[l];
    }
    draw.addStraightThrough(gates, tau, gradient);
    return passed.loss();
  }

  /** A path drawn by the logits as they are, for the weights to learn. */
  Architecture draw(RandomGenerator random) {
    return logits.draw(random, 1).architecture();
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

  /** What each bound does, by the last pass; before the first one, by the initial logits. */
  List<SearchStep.Pressure> pressures() {
    List<SearchStep.Pressure> pressures = new ArrayList<>();
    Architecture mostProbable = logits.mostProbable();
    List<ConstraintTerm.Expectation> known =
        expectations.isEmpty() ? expect(logits.probabilities()) : expectations;
    for (int m = 0; m < terms.size(); m++) {
      ConstraintTerm term = terms.get(m);
      double cost = dynamics.relaxed() ? known.get(m).value() : term.predict(mostProbable);
      pressures.add(new SearchStep.Pressure(cost, term.multiplier()));
    }
    return pressures;
  }

  /**
   * All that changes, for checkpoints.
   *
   * @param done passes so far
   * @param multipliers one per bound
   * @param onTarget whether the logits have slowed down
   */
  record State(int done, Logits.State logits, double[] multipliers, boolean onTarget) {}

  /** A copy of where this is. */
  State state() {
    return new State(
        done,
        logits.state(),
        terms.stream().mapToDouble(ConstraintTerm::multiplier).toArray(),
        onTarget);
  }

  /** Goes to where another run with the same settings was. */
  void restore(State state) {
    done = state.done();
    logits.restore(state.logits());
    onTarget = state.onTarget();
    for (int m = 0; m < terms.size(); m++) {
      terms.get(m).restore(state.multipliers()[m]);
    }
    expectations = List.of();
  }
}
