package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.PredictorFamily;
import org.lightnas.predict.Predictors;
import org.lightnas.predict.Profile;
import org.lightnas.space.ChoiceSpace;

/** A device's rows: those to learn from, and those to be judged on. */
record PredictorSplit(Profile rest, Profile test) {

  private static final double TESTED = 0.25;
  private static final int MOST_TESTED = 2_000;

  /** A quarter of the rows, at most 2,000, is the test set; always the same for a device. */
  static PredictorSplit of(String device, Profile profile) {
    List<Profile.Sample> shuffled = shuffled(profile, Seeds.derive(1, device, 0));
    int tested = Math.min(MOST_TESTED, (int) (TESTED * shuffled.size()));
    return new PredictorSplit(
        part(profile, shuffled.subList(tested, shuffled.size())),
        part(profile, shuffled.subList(0, tested)));
  }

  Profile draw(int n, int seed) {
    return part(rest, shuffled(rest, Seeds.derive(seed, "training rows", n)).subList(0, n));
  }

  private static List<Profile.Sample> shuffled(Profile profile, long seed) {
    List<Profile.Sample> samples = new ArrayList<>(profile.samples());
    Collections.shuffle(samples, new Random(seed));
    return samples;
  }

  private static Profile part(Profile profile, List<Profile.Sample> samples) {
    return new Profile(profile.space(), profile.fingerprint(), samples);
  }

  PredictorScore judge(Predictor predictor) {
    return PredictorScore.of(predictor, test);
  }

  /** Whether families have a form of their own for what reaches the output. */
  boolean hasDeadParts() {
    ChoiceSpace space = test.space();
    return test.samples().stream()
        .map(Profile.Sample::architecture)
        .anyMatch(a -> !a.equals(space.reachable(a)));
  }

  /**
   * The Spearman correlation of the best family fitted on all rows outside the test set. Nets are
   * fitted in that form of a table which does better: on these rows that is no close call.
   */
  double ceiling() {
    double most = Double.NEGATIVE_INFINITY;
    boolean reachable = false;
    for (PredictorFamily family : Predictors.families()) {
      if (most == Double.NEGATIVE_INFINITY) {
        most = ceiling(family);
        double other = hasDeadParts() ? ceiling(family.reachable()) : most;
        reachable = other > most;
        most = Math.max(most, other);
      } else {
        most = Math.max(most, ceiling(reachable ? family.reachable() : family));
      }
    }
    return most;
  }

  private double ceiling(PredictorFamily family) {
    return judge(family.fit(rest)).spearman();
  }
}
