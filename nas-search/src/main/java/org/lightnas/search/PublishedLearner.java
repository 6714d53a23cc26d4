package org.lightnas.search;

import java.util.Arrays;
import java.util.List;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * LightNAS as published (its code, {@code search_imagenet.py}), its 80 epochs of 90 stretched over
 * the passes: one hard Gumbel-softmax draw per pass, gradients straight through it at {@code tau =
 * 5 exp(-0.1 epoch)}, Adam at 1e-3 halved every 20 epochs with weight decay 1e-3, multiplier at
 * 5e-4 per pass with its sign clamp, and the end game: in the last ten epochs, from the first pass
 * at which the most probable architecture is on target, the rate shrinks with its distance.
 */
final class PublishedLearner implements LogitLearner {

  /** Standard deviation of the initial logits. */
  static final double INITIAL_NOISE = 1e-3;

  /** Less than 0.15 ms away, where bounds are 20 to 30 ms. */
  private static final double ON_TARGET = 0.15 / 20;

  private static final double TAU = 5;
  private static final double TAU_DECAY = 0.1;
  private static final double RATE = 1e-3;
  private static final double WEIGHT_DECAY = 1e-3;
  private static final double MULTIPLIER_RATE = 5e-4;
  private static final int EPOCHS = 80;
  private static final int END_GAME_EPOCHS = 10;
  private static final int HALVING_EPOCHS = 20;

  private final ChoiceSpace space;
  private final Logits logits;
  private final List<ConstraintTerm> terms;
  private final boolean allGates;
  private final int passes;
  private final long seed;
  private boolean onTarget;

  /**
   * Begins.
   *
   * @param allGates whether gates that were not picked get a gradient too, as in the authors' code
   */
  PublishedLearner(
      ChoiceSpace space,
      Logits logits,
      List<ConstraintTerm> terms,
      boolean allGates,
      int passes,
      long seed) {
    this.space = space;
    this.logits = logits;
    this.terms = terms;
    this.allGates = allGates;
    this.passes = passes;
    this.seed = seed;
  }

  @Override
  public double learn(PathLoss losses, int pass) {
    int epoch = (int) ((long) pass * EPOCHS / passes);
    double tau = TAU * Math.exp(-TAU_DECAY * epoch);
    Logits.Draw draw = logits.draw(Seeds.random(seed, "logit paths", pass), tau);
    PathLoss.Gates passed = losses.gates(draw.architecture());
    if (!Double.isFinite(passed.loss())) {
      return passed.loss();
    }
    double[][] gates = Logits.zeros(space);
    for (int l = 0; l < gates.length; l++) {
      if (allGates) {
        Arrays.fill(gates[l], passed.others()[l]);
      }
      gates[l][draw.architecture().pick(l)] = passed.picked()[l];
    }
    double[][] gradient = Logits.zeros(space);
    draw.addStraightThrough(gates, tau, gradient);
    terms.forEach(term -> term.addGradient(gradient, draw, tau));
    logits.update(gradient, rate(epoch), WEIGHT_DECAY);
    Architecture mostProbable = logits.mostProbable();
    terms.forEach(term -> term.ascend(MULTIPLIER_RATE, term.predict(mostProbable)));
    return passed.loss();
  }

  private double rate(int epoch) {
    int halvings = epoch / HALVING_EPOCHS;
    double rate = RATE * Math.pow(0.5, halvings);
    // Where the trade-off is given there is no target to hold on to.
    if (epoch < EPOCHS - END_GAME_EPOCHS || terms.stream().anyMatch(ConstraintTerm::isGiven)) {
      return rate;
    }
    double distance = 0;
    for (ConstraintTerm term : terms) {
      distance = Math.max(distance, term.distance(term.predict(logits.mostProbable())));
    }
    onTarget |= distance < ON_TARGET;
    return onTarget ? rate * distance : rate;
  }

  @Override
  public List<Double> costs() {
    return terms.stream().map(term -> term.predict(logits.mostProbable())).toList();
  }

  @Override
  public Extra extra() {
    return new Extra(null, onTarget);
  }

  @Override
  public void restore(Extra extra) {
    onTarget = extra.onTarget();
  }
}
