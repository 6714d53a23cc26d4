package org.lightnas.examples.bench;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.lightnas.NasException;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * Random architectures to compare found ones with: drawn uniformly, those that do not fit are
 * rejected.
 */
final class Rivals {

  /** As much of the bound as a search uses when it aims at it; and how near rivals are. */
  static final double WITHIN = 0.03;

  /** So many draws find what is there in any space of more than some hundred architectures. */
  private static final int DRAWS = 200_000;

  private static final long SEED = 1;

  private Rivals() {}

  /**
   * Distinct architectures that meet the bound, whose predictions are within 3 % of that of a found
   * one, and that are other networks. All draws are one sequence: found architectures of about the
   * same cost have most rivals in common, whatever is run first.
   *
   * @return the first {@code n} of the sequence, canonical; fewer only if there are not as many
   *     among 200,000 draws
   */
  static List<Architecture> of(Architecture found, Constraint bound, int n) {
    ChoiceSpace space = found.space();
    double predicted = bound.predict(found);
    Architecture itself = space.canonical(found);
    RandomGenerator random = Seeds.random(SEED, "rivals", 0);
    Set<Architecture> rivals = new LinkedHashSet<>();
    for (int draw = 0; draw < DRAWS && rivals.size() < n; draw++) {
      Architecture drawn = space.canonical(space.sample(random));
      if (bound.admits(drawn)
          && Math.abs(bound.predict(drawn) - predicted) <= WITHIN * predicted
          && !drawn.equals(itself)) {
        rivals.add(drawn);
      }
    }
    return List.copyOf(rivals);
  }

  /**
   * An architecture that uses a bound as a search that aims at it does: what searching has to beat.
   *
   * @return canonical, at most 3 % below the bound
   * @throws NasException if there is none among 200,000 draws
   */
  static Architecture within(Constraint bound, long seed) {
    ChoiceSpace space = bound.predictor().space();
    RandomGenerator random = Seeds.random(seed, "random search", 0);
    for (int draw = 0; draw < DRAWS; draw++) {
      Architecture drawn = space.canonical(space.sample(random));
      if (bound.admits(drawn) && bound.predict(drawn) >= (1 - WITHIN) * bound.bound()) {
        return drawn;
      }
    }
    throw new NasException(
        String.format(
            Locale.ROOT,
            "None of %,d random architectures of space '%s' is within 3 %% below the bound of"
                + " %.3f %s.\nMaybe give -Dbounds nearer to the middle of the range.",
            DRAWS,
            space.name(),
            bound.bound(),
            bound.metric().unit()));
  }
}
