package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
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

  /**
   * In nats: smaller differences are rounding. Images that tell nothing apart make all effects 0,
   * and of 0 divided by hardly more than that nothing can be drawn.
   */
  private static final double LEAST_SCALE = 1e-9;

  /** Candidates of which each is seen once in seven passes, remembered over half of all passes. */
  private static final double DRIFT = 28;

  private final ChoiceSpace space;
  private final Logits logits;
  private final List<ConstraintTerm> terms;
  private final int paths;
  private final int passes;
  private final long seed;
  private final Effects effects;

  /**
   * Begins.
   *
   * @param paths to compare in a pass; 0 to learn from the gates of one
   */
  EffectLearner(
      ChoiceSpace space,
      Logits logits,
      List<ConstraintTerm> terms,
      int paths,
      int passes,
      long seed) {
    this.space = space;
    this.logits = logits;
    this.terms = terms;
    this.paths = paths;
    this.passes = passes;
    this.seed = seed;
    this.effects = new Effects(space, DRIFT / ((double) passes * passes));
  }

  @Override
  public double learn(PathLoss losses, int pass) {
    RandomGenerator random = Seeds.random(seed, "logit paths", pass);
    double loss = paths == 0 ? seeGates(losses, random) : comparePaths(losses, random);
    if (!Double.isFinite(loss)) {
      return loss;
    }
    effects.fade();
    double progress = (pass + 1.0) / passes;
    double temperature =
        TAU_START
            * Math.pow(TAU_END / TAU_START, progress)
            * Math.max(effects.scale(), LEAST_SCALE);
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

  private double seeGates(PathLoss from, RandomGenerator random) {
    Architecture path = logits.draw(random, 1).architecture();
    PathLoss.Gates passed = from.gates(path);
    if (Double.isFinite(passed.loss())) {
      for (int l = 0; l < passed.picked().length; l++) {
        double[][] weights = Logits.zeros(space);
        weights[l][path.pick(l)] = 1;
        effects.observe(weights, passed.picked()[l]);
      }
    }
    return passed.loss();
  }

  /** Each path is compared with the mean of those before it, in units of equal noise (Helmert). */
  private double comparePaths(PathLoss from, RandomGenerator random) {
    // Towards the end most draws are the same path, whose loss on these images is the same.
    Map<Architecture, Double> known = new HashMap<>();
    List<Architecture> drawn = new ArrayList<>();
    double[] losses = new double[paths];
    for (int m = 0; m < paths; m++) {
      drawn.add(logits.draw(random, 1).architecture());
      losses[m] = known.computeIfAbsent(drawn.get(m), from::loss);
    }
    double mean = Arrays.stream(losses).average().orElseThrow();
    for (int m = 1; m < paths && Double.isFinite(mean); m++) {
      double unit = Math.sqrt(m / (m + 1.0));
      double[][] weights = Logits.zeros(space);
      double difference = unit * losses[m];
      for (int l = 0; l < weights.length; l++) {
        weights[l][drawn.get(m).pick(l)] += unit;
      }
      for (int before = 0; before < m; before++) {
        difference -= unit * losses[before] / m;
        for (int l = 0; l < weights.length; l++) {
          weights[l][drawn.get(before).pick(l)] -= unit / m;
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
    Effects.State then = extra.effects();
    checkArgument(then != null, "there are no effects");
    effects.restore(then);
  }
}
