package org.lightnas.search.population;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/** Asks a strategy until it proposes what may be scored: within the bounds, and new. */
final class Proposals {

  /** Of a strategy, before its proposals are repaired, and as often before random ones are. */
  private static final int TRIES = 100;

  /** Random architectures drawn before there is said to be nothing new. */
  private static final int LAST_TRIES = 2_000;

  private final ChoiceSpace space;
  private final Strategy strategy;
  private final Admission admission;
  private final long seed;
  private long beyondBounds;
  private long duplicates;
  private long repaired;

  Proposals(ChoiceSpace space, Strategy strategy, Admission admission, long seed) {
    this.space = space;
    this.strategy = strategy;
    this.admission = admission;
    this.seed = seed;
  }

  /**
   * The next one to be scored.
   *
   * @param number of the evaluation, from 1
   * @return null if nothing new was found
   */
  @Nullable Architecture next(long number) {
    RandomGenerator random = Seeds.random(seed, "proposal", number);
    for (int i = 0; i < TRIES; i++) {
      Architecture drawn = strategy.propose(number, random);
      if (!admission.isWithin(drawn)) {
        beyondBounds++;
      } else if (take(drawn)) {
        return drawn;
      }
    }
    for (int i = 0; i < TRIES + LAST_TRIES; i++) {
      Architecture drawn = i < TRIES ? strategy.propose(number, random) : space.sample(random);
      Architecture within = admission.repaired(drawn, random);
      if (take(within)) {
        repaired += within.equals(drawn) ? 0 : 1;
        return within;
      }
    }
    return null;
  }

  private boolean take(Architecture architecture) {
    boolean taken = admission.take(architecture);
    duplicates += taken ? 0 : 1;
    return taken;
  }

  Tally tally(long evaluations, long remembered) {
    return new Tally(evaluations, remembered, beyondBounds, duplicates, repaired);
  }
}
