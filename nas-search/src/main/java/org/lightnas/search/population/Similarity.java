package org.lightnas.search.population;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * How much the scores of two architectures have to do with each other: the mean of two kernels, one
 * of the picks that differ, one of how often each kind of candidate is taken anywhere,
 *
 * <pre>
 * k(a, b) = (exp(-picks(a, b) / l) + exp(-counts(a, b) / l)) / 2
 * picks   = choices in which they differ / L
 * counts  = sum over kinds of (difference of their numbers)^2 / 4 L
 * </pre>
 *
 * of what {@linkplain ChoiceSpace#reachable reaches the output}. A swap of one choice is 1 / L by
 * the first and 1 / 2 L by the second. Candidates with the same id are of the same kind.
 */
final class Similarity {

  private final ChoiceSpace space;
  private final int[][] kinds;
  private final int kindCount;

  /** An architecture as the kernels see it. */
  record Encoded(int[] picks, int[] counts) {}

  Similarity(ChoiceSpace space) {
    this.space = space;
    Map<String, Integer> known = new HashMap<>();
    List<Choice> choices = space.choices();
    kinds = new int[choices.size()][];
    for (int l = 0; l < kinds.length; l++) {
      kinds[l] =
          choices.get(l).candidates().stream()
              .mapToInt(c -> known.computeIfAbsent(c.id(), id -> known.size()))
              .toArray();
    }
    kindCount = known.size();
  }

  Encoded encode(Architecture architecture) {
    int[] picks = space.reachable(space.canonical(architecture)).picks();
    int[] counts = new int[kindCount];
    for (int l = 0; l < picks.length; l++) {
      counts[kinds[l][picks[l]]]++;
    }
    return new Encoded(picks, counts);
  }

  /**
   * From 0 to 1; 1 for the same.
   *
   * @param length l, positive
   */
  double of(Encoded a, Encoded b, double length) {
    int differing = 0;
    for (int l = 0; l < a.picks.length; l++) {
      differing += a.picks[l] == b.picks[l] ? 0 : 1;
    }
    int squares = 0;
    for (int k = 0; k < kindCount; k++) {
      int difference = a.counts[k] - b.counts[k];
      squares += difference * difference;
    }
    double scale = a.picks.length * length;
    return 0.5 * (Math.exp(-differing / scale) + Math.exp(-squares / (4 * scale)));
  }
}
