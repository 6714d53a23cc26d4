package org.lightnas.search;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Our own way to learn logits. {@link Effects} keeps what every candidate adds to the loss, by all
 * losses seen; logits are {@code -(effect + lambda cost / bound) / temperature}, and each
 * multiplier ascends so that the expected cost comes to its bound.
 *
 * <p>Nothing has to be tuned, because nothing has a scale of its own: temperatures are in units of
 * the spread of the effects, and the ascent in units of the dual's curvature ({@link
 * ConstraintTerm#ascend(double[][], ConstraintTerm.Expectation, double)}).
 */
final class EffectLearner implements LogitLearner {

  /** In units of the spread of effects: all candidates alike, and nearly decided. */
  private static final double TAU_START = 5;

  private static final double TAU_END = 0.1;

  /** Candidates of which each is seen once in seven passes, remembered over half of all passes. */
  private static final double DRIFT = 28;

  private final ChoiceSpace space;
  private final Logits logits;
  private final List<ConstraintTerm> terms;
  private final Draws draws;
  private final boolean gated;
  private final int passes;
  private final long seed;
  private final Effects effects;

  /**
   * Begins.
   *
   * @param draws the paths of a pass
   * @param gated whether to learn from the gates of the first of them instead of comparing all
   */
  EffectLearner(
      ChoiceSpace space,
      Logits logits,
      List<ConstraintTerm> terms,
      Draws draws,
      boolean gated,
      int passes,
      long seed) {
    this.space = space;
    this.logits = logits;
    this.terms = terms;
    this.draws = draws;
    this.gated = gated;
    this.passes = passes;
    this.seed = seed;
    this.effects = new Effects(space, DRIFT / ((double) passes * passes));
  }

  @Override
  public double learn(PathLoss losses, int pass) {
    RandomGenerator random = Seeds.random(seed, "logit paths", pass);
    List<Architecture> paths =
        draws.after(logits.draw(random, 1).architecture(), logits, random);
    double loss = gated ? seeGates(losses, paths) : comparePaths(losses, paths);
    if (!Double.isFinite(loss)) {
      return loss;
    }
    effects.fade();
    double progress = (pass + 1.0) / passes;
    double temperature =
        TAU_START
            * Math.pow(TAU_END / TAU_START, progress)
            * Math.max(effects.scale(), Double.MIN_NORMAL);
    double[][] p = logits.probabilities();
    double[][] total = effects.estimates();
    for (ConstraintTerm term : terms) {
      ConstraintTerm.Expectation cost = term.expect(p, logits.mostProbable());
      term.ascend(p, cost, temperature);
      term.addCost(total, cost);
    }
    logits.set(total, -1 / temperature);
    return loss;
  }

  private double seeGates(PathLoss from, List<Architecture> paths) {
    PathLoss.Gates passed = from.gates(paths.get(0));
    double mean = passed.loss() / paths.size();
    for (Architecture path : paths.subList(1, paths.size())) {
      mean += from.loss(path) / paths.size();
    }
    for (int l = 0; l < passed.picked().length && Double.isFinite(mean); l++) {
      double[][] weights = Logits.zeros(space);
      weights[l][paths.get(0).pick(l)] = 1;
      effects.observe(weights, passed.picked()[l]);
    }
    return mean;
  }

  /**
   * Each path is compared with the mean of those before it, in units of equal noise (Helmert). That
   * is right for paths drawn in any way, as far as effects add up: which paths are compared then
   * decides how well effects are known, not what they are.
   */
  private double comparePaths(PathLoss from, List<Architecture> paths) {
    // Towards the end most draws are the same path, whose loss on these images is the same.
    Map<Architecture, Double> known = new HashMap<>();
    double[] losses = new double[paths.size()];
    for (int m = 0; m < losses.length; m++) {
      losses[m] = known.computeIfAbsent(paths.get(m), from::loss);
    }
    double mean = Arrays.stream(losses).average().orElseThrow();
    for (int m = 1; m < losses.length && Double.isFinite(mean); m++) {
      double unit = Math.sqrt(m / (m + 1.0));
      double[][] weights = Logits.zeros(space);
      double difference = unit * losses[m];
      for (int l = 0; l < weights.length; l++) {
        weights[l][paths.get(m).pick(l)] += unit;
      }
      for (int before = 0; before < m; before++) {
        difference -= unit * losses[before] / m;
        for (int l = 0; l < weights.length; l++) {
          weights[l][paths.get(before).pick(l)] -= unit / m;
        }
      }
      effects.observe(weights, difference);
    }
    return mean;
  }

  @Override
  public List<Double> costs() {
    double[][] p = logits.probabilities();
    return terms.stream().map(term -> term.expect(p, logits.mostProbable()).value()).toList();
  }

  @Override
  public Extra extra() {
    return new Extra(effects.state(), false);
  }

  @Override
  public void restore(Extra extra) {
    if (extra.effects() != null) {
      effects.restore(extra.effects());
    }
  }
}
