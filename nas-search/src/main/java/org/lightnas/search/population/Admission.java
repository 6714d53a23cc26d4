package org.lightnas.search.population;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/** What may be scored: what is within the bounds and new. */
final class Admission {

  private final Repair repair;

  /** Null where duplicates are kept. */
  private final @Nullable Set<Object> scored;

  private final Function<Architecture, ?> sameness;

  /**
   * Of a search.
   *
   * @throws org.lightnas.InfeasibleConstraintException if nothing was found within the bounds
   */
  Admission(ChoiceSpace space, List<Constraint> constraints, ScoreSettings settings) {
    this.repair = new Repair(space, constraints);
    this.scored = settings.keepDuplicates() ? null : new HashSet<>();
    this.sameness = settings.sameness() == null ? space::canonical : settings.sameness();
  }

  boolean isWithin(Architecture architecture) {
    return repair.admits(architecture);
  }

  boolean isNew(Architecture architecture) {
    return scored == null || !scored.contains(sameness.apply(architecture));
  }

  /** Takes note of one that will be scored; false if its like was before. */
  boolean take(Architecture architecture) {
    return scored == null || scored.add(sameness.apply(architecture));
  }

  /** The architecture itself, or a dearer one near it that uses a share of the bounds. */
  Architecture raised(Architecture architecture, double share, RandomGenerator random) {
    return repair.raised(architecture, share, random);
  }

  /** The architecture itself, or another one near it that keeps the bounds. */
  Architecture repaired(Architecture architecture, RandomGenerator random) {
    return repair.repaired(architecture, random);
  }
}
