package org.lightnas.compress;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.internal.Foreign;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Predictor;
import org.lightnas.search.population.LocalSearch;
import org.lightnas.search.population.StopRule;
import org.lightnas.space.Architecture;

/**
 * The mask of the best score within bounds, among those that make linear, and join, only what saves
 * time: all of them are tried where they are few, else {@link LocalSearch} looks for it.
 */
final class MaskChoice {

  /** So many are scored one by one; scores are predictions, which take microseconds. */
  private static final double ENUMERATED = 1 << 20;

  private static final int EVALUATIONS = 20_000;

  private final Reach reach;
  private final Evaluator evaluator;
  private final long seed;
  private final double enumerated;
  private final List<List<Integer>> alone;

  /** What may be done with the blocks from each on: with one by itself, or several joined. */
  private final List<List<int[]>> options;

  MaskChoice(Reach reach, Evaluator evaluator, long seed) {
    this(reach, evaluator, seed, ENUMERATED);
  }

  /**
   * The seam for tests.
   *
   * @param enumerated the most masks that are tried one by one
   */
  MaskChoice(Reach reach, Evaluator evaluator, long seed, double enumerated) {
    this.reach = reach;
    this.evaluator = evaluator;
    this.seed = seed;
    this.enumerated = enumerated;
    this.alone = reach.worthwhile();
    this.options = options(reach);
  }

  /**
   * The best.
   *
   * @param from what is linear in it stays so, and joined what is joined
   * @throws InfeasibleConstraintException if no such mask keeps the bounds by prediction
   */
  Architecture best(List<Constraint> constraints, Architecture from) {
    return masks() <= enumerated
        ? new Enumeration(constraints, from).best()
        : search(constraints, from);
  }

  /** How many there are. */
  private double masks() {
    double[] from = new double[options.size() + 1];
    from[options.size()] = 1;
    for (int l = options.size() - 1; l >= 0; l--) {
      for (int[] picks : options.get(l)) {
        from[l] += from[l + picks.length];
      }
    }
    return from[0];
  }

  private static List<List<int[]>> options(Reach reach) {
    GraftingSpace space = reach.space();
    List<List<int[]>> options = new ArrayList<>();
    for (List<Integer> alone : reach.worthwhile()) {
      options.add(new ArrayList<>(alone.stream().map(k -> new int[] {k}).toList()));
    }
    for (BlockSpan span : reach.worthwhileSpans()) {
      int[] picks = space.joined(space.uniform(0), span).picks();
      options.get(span.first()).add(Arrays.copyOfRange(picks, span.first(), span.last() + 1));
    }
    return options;
  }

  /** Whether what is linear in a mask is as linear in another. */
  private static boolean goesOn(Architecture from, Architecture mask) {
    return IntStream.range(0, from.picks().length).allMatch(l -> goesOn(from, mask, l));
  }

  private static boolean goesOn(Architecture from, Architecture mask, int l) {
    Linearity was = GraftingSpace.picked(from, l);
    Linearity is = GraftingSpace.picked(mask, l);
    return was == Linearity.NONE || was == is || (was == Linearity.ALL && is == Linearity.JOINED);
  }

  /** All masks, one after the other. */
  private final class Enumeration {

    private final List<Constraint> constraints;
    private final Architecture from;
    private final int[] picks = new int[options.size()];
    private final double[] least;
    private @Nullable Architecture best;
    private double highest = Double.NEGATIVE_INFINITY;

    Enumeration(List<Constraint> constraints, Architecture from) {
      this.constraints = constraints;
      this.from = from;
      this.least = new double[constraints.size()];
      Arrays.fill(least, Double.POSITIVE_INFINITY);
    }

    Architecture best() {
      go(0);
      if (best == null) {
        throw infeasible(constraints, least);
      }
      return best;
    }

    private void go(int l) {
      if (l == picks.length) {
        look(reach.space().architecture(picks));
        return;
      }
      for (int[] some : options.get(l)) {
        System.arraycopy(some, 0, picks, l, some.length);
        go(l + some.length);
      }
    }

    private void look(Architecture mask) {
      if (!goesOn(from, mask)) {
        return;
      }
      boolean admitted = true;
      for (int m = 0; m < least.length; m++) {
        double value = constraints.get(m).predict(mask);
        least[m] = Math.min(least[m], value);
        admitted &= value <= constraints.get(m).bound();
      }
      if (admitted) {
        double score = score(mask);
        if (best == null || score > highest) {
          best = mask;
          highest = score;
        }
      }
    }
  }

  private double score(Architecture mask) {
    return Foreign.call(
        () -> evaluator.score(mask),
        () -> "The evaluator of '" + evaluator.name() + "' failed on mask " + mask.id());
  }

  private static InfeasibleConstraintException infeasible(
      List<Constraint> constraints, double[] least) {
    int worst = 0;
    for (int m = 0; m < least.length; m++) {
      if (least[m] / constraints.get(m).bound() > least[worst] / constraints.get(worst).bound()) {
        worst = m;
      }
    }
    Constraint bound = constraints.get(worst);
    return new InfeasibleConstraintException(
        String.format(
            Locale.ROOT,
            "No linear blocks bring the network within %s <= %.3f %s%s: the least predicted is"
                + " %.3f %s.\nMaybe raise the bound, or compress a narrower network.",
            bound.metric().name(),
            bound.bound(),
            bound.metric().unit(),
            constraints.size() > 1 ? " and the other bounds" : "",
            least[worst],
            bound.metric().unit()),
        bound.bound(),
        least[worst]);
  }

  private Architecture search(List<Constraint> constraints, Architecture from) {
    // Masks are predicted as they are scored: a block that joins nothing is no faster for it.
    List<Constraint> bounds = constraints.stream().map(bound -> onWorthwhile(bound, from)).toList();
    Evaluator worthwhile =
        Evaluator.of(evaluator.name(), mask -> evaluator.score(worthwhile(mask, from)));
    return worthwhile(
        LocalSearch.builder(worthwhile)
            .stop(StopRule.evaluations(EVALUATIONS))
            .seed(seed)
            .build()
            .search(reach.space(), bounds)
            .architecture(),
        from);
  }

  private Constraint onWorthwhile(Constraint bound, Architecture from) {
    return Constraint.atMost(
        bound.bound(),
        Predictor.of(reach.space(), bound.metric(), mask -> bound.predict(worthwhile(mask, from))));
  }

  /** The nearest mask that saves time by all that it does, and goes on from another. */
  private Architecture worthwhile(Architecture mask, Architecture from) {
    GraftingSpace space = reach.space();
    Architecture nearest = space.canonical(mask);
    for (int l = 0; l < options.size(); l++) {
      nearest = goesOn(from, nearest, l) ? nearest : nearest.with(l, from.pick(l));
    }
    nearest = space.canonical(nearest);
    List<BlockSpan> spans = space.spans(nearest);
    Set<Integer> joined = new HashSet<>();
    for (BlockSpan span : spans) {
      span.blocks().forEach(joined::add);
      if (!reach.worthwhileSpans().contains(span)) {
        for (int l = span.first(); l <= span.last(); l++) {
          nearest = nearest.with(l, from.pick(l));
        }
      }
    }
    for (int l = 0; l < options.size(); l++) {
      if (!joined.contains(l) && !alone.get(l).contains(nearest.pick(l))) {
        nearest = nearest.with(l, from.pick(l));
      }
    }
    return nearest;
  }
}
