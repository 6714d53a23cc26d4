package org.lightnas.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Looks at a search after every epoch and says, once each, what looks wrong: candidates without
 * weights taken far more often than the bounds explain, choices decided before weights can tell, or
 * not at all, and weights that do not learn. Changes nothing.
 */
final class CollapseWatch {

  /** Random architectures at the bounds, for what share of free candidates they explain. */
  private static final int SAMPLES = 30;

  private static final double DEVIATIONS = 3;

  /** Fewer choices than this share more are no collapse, however certain. */
  private static final double LEAST_EXCESS = 0.25;

  private static final double DECIDED = 0.1;
  private static final double UNDECIDED = 0.9;
  private static final double EARLY = 0.25;

  /** Of the loss of a guess; label smoothing and noise stay well below. */
  private static final double NO_BETTER_THAN_CHANCE = 1.02;

  private final ChoiceSpace space;
  private final boolean[][] free;
  private final Projector projector;
  private final double[] lower;
  private final double[] upper;
  private final double chance;
  private final long seed;
  private final Consumer<String> warn;
  private final List<String> said = new ArrayList<>();
  private double @Nullable [] explained;

  /**
   * Begins to watch.
   *
   * @param free candidates that have nothing to learn
   * @param lower what predictions should reach, for each bound
   * @param upper the bounds
   * @param classes of the images
   * @param warn is told each warning once
   */
  CollapseWatch(
      ChoiceSpace space,
      boolean[][] free,
      Projector projector,
      double[] lower,
      double[] upper,
      int classes,
      long seed,
      Consumer<String> warn) {
    this.space = space;
    this.free = free;
    this.projector = projector;
    this.lower = lower;
    this.upper = upper;
    this.chance = Math.log(classes);
    this.seed = seed;
    this.warn = warn;
  }

  /**
   * Looks.
   *
   * @param weightLoss mean over the last epoch's weight passes
   * @param progress share of the logit passes done
   */
  void look(double weightLoss, double progress, double entropy, Architecture mostProbable) {
    // In the warm-up's first epochs that is nothing unusual.
    if (progress > 0 && weightLoss > NO_BETTER_THAN_CHANCE * chance) {
      say(
          "learning",
          "The weights do not learn: their mean loss over the last epoch is %.3f, and a guess has"
              + " %.3f.\nMaybe lower the learning rate, or check images and labels.",
          weightLoss,
          chance);
    }
    if (progress > 0 && progress < EARLY && entropy < DECIDED) {
      say(
          "early",
          "The choices are decided after %.0f %% of the passes for it (entropy %.2f), before weights"
              + " can tell.\nMaybe warm up longer, or search longer.",
          100 * progress,
          entropy);
    }
    if (progress >= 1 && entropy > UNDECIDED) {
      say(
          "undecided",
          "The choices are still undecided at the end (entropy %.2f): the bounds decide, and"
              + " chance.\nMaybe search longer, or with more images.",
          entropy);
    }
    if (progress >= 1 || entropy < 1 - UNDECIDED) {
      lookAtFreeCandidates(mostProbable);
    }
  }

  private void lookAtFreeCandidates(Architecture mostProbable) {
    if (explained == null) {
      explained = explained();
    }
    double share = share(mostProbable);
    double excess = share - explained[0];
    if (excess >= LEAST_EXCESS && excess > DEVIATIONS * explained[1]) {
      say(
          "collapse",
          "%.0f %% of the choices take a candidate without weights; of random architectures at the"
              + " bound %.0f ±%.0f %% do: the search may have collapsed.\nMaybe warm up longer, or"
              + " compare with another seed.",
          100 * share,
          100 * explained[0],
          100 * explained[1]);
    }
  }

  /** Mean and standard deviation of the share in random architectures at the bounds. */
  private double[] explained() {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < SAMPLES; i++) {
      RandomGenerator random = Seeds.random(seed, "at the bound", i);
      double[][] scores = Logits.zeros(space);
      for (double[] row : scores) {
        for (int k = 0; k < row.length; k++) {
          row[k] = random.nextDouble();
        }
      }
      double share = share(projector.project(scores, lower, upper).architecture());
      sum += share;
      squares += share * share;
    }
    double mean = sum / SAMPLES;
    return new double[] {mean, Math.sqrt(Math.max(0, squares / SAMPLES - mean * mean))};
  }

  private double share(Architecture architecture) {
    int count = 0;
    for (int l = 0; l < free.length; l++) {
      count += free[l][architecture.pick(l)] ? 1 : 0;
    }
    return count / (double) free.length;
  }

  private void say(String kind, String text, Object... values) {
    if (!said.contains(kind)) {
      said.add(kind);
      warn.accept(String.format(Locale.ROOT, text, values));
    }
  }
}
