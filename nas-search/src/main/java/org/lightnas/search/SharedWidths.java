package org.lightnas.search;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Parameter;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.Op;
import org.lightnas.space.SearchSpace;

/**
 * Which candidates of a space share their weights: operations of one choice with the same {@link
 * Op#weightKey}. The widest of them has the weights, the others their leading slices.
 */
final class SharedWidths {

  private final SearchSpace space;

  /** {@code [choice][candidate]}: the position of the widest that has its weights. */
  private final int[][] widest;

  private boolean any;

  /**
   * Of a space.
   *
   * @param read the network of an architecture; asked for those that hold candidates that share
   */
  SharedWidths(SearchSpace space, Function<Architecture, LayerGraph> read) {
    this.space = space;
    List<Choice> choices = space.choices();
    widest = new int[choices.size()][];
    for (int l = 0; l < widest.length; l++) {
      List<Candidate> candidates = choices.get(l).candidates();
      widest[l] = new int[candidates.size()];
      Map<String, Integer> widestOf = new LinkedHashMap<>();
      Map<Integer, Long> sizes = new LinkedHashMap<>();
      for (int k = 0; k < candidates.size(); k++) {
        Integer other = widestOf.putIfAbsent(key(candidates.get(k)), k);
        if (other != null) {
          any = true;
          long size = size(read, sizes, l, k);
          if (size > size(read, sizes, l, other)) {
            widestOf.put(key(candidates.get(k)), k);
          }
        }
      }
      for (int k = 0; k < candidates.size(); k++) {
        widest[l][k] = widestOf.getOrDefault(key(candidates.get(k)), k);
      }
    }
  }

  private long size(
      Function<Architecture, LayerGraph> read, Map<Integer, Long> known, int choice, int k) {
    return known.computeIfAbsent(
        k,
        pick ->
            read.apply(space.uniform(0).with(choice, pick)).parameters().stream()
                .mapToLong(Parameter::size)
                .sum());
  }

  /** What decides which weights a candidate has. */
  static String key(Candidate candidate) {
    return candidate instanceof Op op ? op.weightKey() : candidate.id();
  }

  /** Whether there are any that share. */
  boolean any() {
    return any;
  }

  /** With the widest candidates in place of those that share their weights. */
  Architecture widened(Architecture architecture) {
    int[] picks = architecture.picks();
    for (int l = 0; l < picks.length; l++) {
      picks[l] = widest[l][picks[l]];
    }
    return space.architecture(picks);
  }
}
