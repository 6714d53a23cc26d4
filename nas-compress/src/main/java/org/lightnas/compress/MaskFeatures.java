package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.stream.IntStream;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * What a mask does, in numbers: one for each way to make a block linear, one for each two
 * neighbours that are both linear at all, the square of the share of linear blocks, and a constant.
 * Their sizes say how much of the accuracy each may account for before anything is known. Spaces
 * with the same choices have the same features, whatever network they are of.
 */
final class MaskFeatures {

  private static final double PAIR = 0.3;
  private static final double CONSTANT = 3;

  /** Where the ways of each block begin; after them pairs, the square, the constant. */
  private final int[] offsets;

  private final int pairs;

  /** What there is to choose from, by block. */
  private final List<List<String>> ways;

  MaskFeatures(ChoiceSpace space) {
    List<Choice> choices = space.choices();
    ways = choices.stream().map(c -> c.candidates().stream().map(Candidate::id).toList()).toList();
    offsets = new int[choices.size()];
    int at = 0;
    for (int l = 0; l < offsets.length; l++) {
      offsets[l] = at;
      at += choices.get(l).size() - 1;
    }
    pairs = at;
  }

  private int ways(int l) {
    return (l + 1 < offsets.length ? offsets[l + 1] : pairs) - offsets[l];
  }

  /** Refuses a prior about other features. */
  void requireSame(MaskFeatures prior) {
    for (int l = 0; l < Math.max(ways.size(), prior.ways.size()); l++) {
      List<String> here = l < ways.size() ? ways.get(l) : List.of();
      List<String> there = l < prior.ways.size() ? prior.ways.get(l) : List.of();
      checkArgument(
          here.equals(there),
          "The prior is of masks that choose from %s for block %s, but these choose from %s.\n"
              + "Maybe learn it from tasks of this network, or take Prior.untaught(space).",
          there,
          l + 1,
          here);
    }
  }

  int count() {
    return pairs + (offsets.length - 1) + 2;
  }

  double[] of(Architecture mask) {
    checkArgument(
        mask.picks().length == offsets.length
            && IntStream.range(0, offsets.length).allMatch(l -> mask.pick(l) <= ways(l)),
        "Mask %s is of a space with other choices than the masks that were tried.\n"
            + "Maybe try masks of this space: that of the network, or one that joins its blocks.",
        mask);
    double[] x = new double[count()];
    double linear = 0;
    for (int l = 0; l < offsets.length; l++) {
      if (mask.pick(l) > 0) {
        x[offsets[l] + mask.pick(l) - 1] = 1;
        linear++;
        if (l > 0 && mask.pick(l - 1) > 0) {
          x[pairs + l - 1] = PAIR;
        }
      }
    }
    double share = linear / offsets.length;
    x[x.length - 2] = share * share;
    x[x.length - 1] = CONSTANT;
    return x;
  }
}
