package org.lightnas.search;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The paths of the warm-up: within each K consecutive steps every candidate of a choice of K comes
 * once, in random order (strict fairness; Chu et al. 2019). A function of seed and step.
 */
final class FairPaths {

  private final ChoiceSpace space;
  private final long seed;

  FairPaths(ChoiceSpace space, long seed) {
    this.space = space;
    this.seed = seed;
  }

  /** Paths that hold every candidate of the largest choice once, and of the others nearly so. */
  List<Architecture> round(int round) {
    int most = Logits.most(space);
    return IntStream.range(0, most).mapToObj(i -> at(round * most + i)).toList();
  }

  Architecture at(int step) {
    List<Choice> choices = space.choices();
    int[] picks = new int[choices.size()];
    for (int l = 0; l < picks.length; l++) {
      int size = choices.get(l).size();
      picks[l] = order(size, "fair order of choice " + l, step / size)[step % size];
    }
    return space.architecture(picks);
  }

  /** A permutation of 0 to size - 1, by the inside-out shuffle. */
  private int[] order(int size, String purpose, int round) {
    RandomGenerator random = Seeds.random(seed, purpose, round);
    int[] order = new int[size];
    for (int k = 0; k < size; k++) {
      int j = random.nextInt(k + 1);
      order[k] = order[j];
      order[j] = k;
    }
    return order;
  }
}
