package org.lightnas.space;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One candidate for every choice of a space. Immutable, equal by value: the same space and the same
 * picks.
 *
 * @since 0.1.0
 */
public final class Architecture {

  private final ChoiceSpace space;
  private final int[] picks;
  private final int hash;

  Architecture(ChoiceSpace space, int[] picks) {
    List<Choice> choices = space.choices();
    checkArgument(
        picks.length == choices.size(),
        "Space '%s' has %s choices, but %s picks were given: %s.",
        space.name(),
        choices.size(),
        picks.length,
        Arrays.toString(picks));
    for (int l = 0; l < picks.length; l++) {
      checkArgument(
          picks[l] >= 0 && picks[l] < choices.get(l).size(),
          "Pick %s of choice '%s' (position %s of space '%s') must be at least 0 and below %s.",
          picks[l],
          choices.get(l).name(),
          l,
          space.name(),
          choices.get(l).size());
    }
    this.space = space;
    this.picks = picks.clone();
    this.hash = 31 * space.name().hashCode() + Arrays.hashCode(picks);
  }

  /** The space it belongs to. */
  public ChoiceSpace space() {
    return space;
  }

  /**
   * Refuses to be taken for an architecture of another space.
   *
   * @throws IllegalArgumentException if it does not belong to this space, naming both
   */
  public void requireSpace(ChoiceSpace expected) {
    // Nearly always the same object; comparing spaces by value takes longer than predicting.
    if (space != expected && !space.equals(expected)) {
      boolean named = !space.name().equals(expected.name());
      throw new IllegalArgumentException(
          "Architecture "
              + id()
              + " belongs to space '"
              + (named ? space.name() : space)
              + "', not to '"
              + (named ? expected.name() : expected)
              + "'.");
    }
  }

  /** The position of the candidate picked for the choice at {@code position}. */
  public int pick(int position) {
    return picks[checkElementIndex(position, picks.length, "choice")];
  }

  /** All picks, in the order of the choices; a new array. */
  public int[] picks() {
    return picks.clone();
  }

  /** The candidate picked for the choice at {@code position}. */
  public Candidate candidate(int position) {
    return space.choices().get(position).candidates().get(pick(position));
  }

  /** The same architecture with one pick replaced. */
  public Architecture with(int position, int pick) {
    int[] changed = picks.clone();
    changed[checkElementIndex(position, picks.length, "choice")] = pick;
    return new Architecture(space, changed);
  }

  /**
   * The same architecture with one pick replaced, by name.
   *
   * @throws IllegalArgumentException if the space has no such choice or it does not offer the
   *     candidate; the message lists what there is
   */
  public Architecture with(String choice, String candidateId) {
    List<Choice> choices = space.choices();
    for (int l = 0; l < choices.size(); l++) {
      if (choices.get(l).name().equals(choice)) {
        return with(l, choices.get(l).indexOf(candidateId));
      }
    }
    throw new IllegalArgumentException(
        "Space '"
            + space.name()
            + "' has no choice '"
            + choice
            + "'; it has "
            + choices.stream().map(Choice::name).toList()
            + ".");
  }

  /** Row {@code l} is the one-hot code of choice {@code l}: {@code [L][K]}, rows may differ. */
  public double[][] oneHot() {
    double[][] rows = new double[picks.length][];
    for (int l = 0; l < picks.length; l++) {
      rows[l] = new double[space.choices().get(l).size()];
      rows[l][picks[l]] = 1;
    }
    return rows;
  }

  /** The candidates' ids joined by {@code -}: readable and unique within the space. */
  public String id() {
    return IntStream.range(0, picks.length)
        .mapToObj(l -> candidate(l).id())
        .collect(Collectors.joining("-"));
  }

  /** JSON with the format version, the space's name and the candidates' ids. */
  public String toJson() {
    return ArchitectureJson.write(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || (other instanceof Architecture that
            && hash == that.hash
            && Arrays.equals(picks, that.picks)
            && space.equals(that.space));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** The {@link #id()}. */
  @Override
  public String toString() {
    return id();
  }
}
