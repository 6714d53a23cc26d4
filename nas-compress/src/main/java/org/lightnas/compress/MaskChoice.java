package org.lightnas.compress;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.search.population.LocalSearch;
import org.lightnas.search.population.StopRule;
import org.lightnas.space.Architecture;

/**
 * The mask of the best score within bounds, among those that make linear only what saves time: all
 * of them are tried where they are few, else {@link LocalSearch} looks for it.
 */
final class MaskChoice {

  /** So many are scored one by one; scores are predictions, which take microseconds. */
  private static final double ENUMERATED = 1 << 20;

  private static final int EVALUATIONS = 20_000;

  private final Reach reach;
  private final Evaluator evaluator;
  private final long seed;
  private final double enumerated;

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
  }

  /**
   * The best.
   *
   * @throws InfeasibleConstraintException if no mask keeps the bounds by prediction
   */
  Architecture best(List<Constraint> constraints) {
    double masks = 1;
    for (List<Integer> picks : reach.worthwhile()) {
      masks *= picks.size();
    }
    return masks <= enumerated ? enumerate(constraints) : search(constraints);
  }

  private Architecture enumerate(List<Constraint> constraints) {
    List<List<Integer>> picks = reach.worthwhile();
    int[] places = new int[picks.size()];
    double[] least = new double[constraints.size()];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    @Nullable Architecture best = null;
    double highest = Double.NEGATIVE_INFINITY;
    int at;
    do {
      Architecture mask = reach.space().architecture(picked(picks, places));
      boolean admitted = true;
      for (int m = 0; m < least.length; m++) {
        double value = constraints.get(m).predict(mask);
        least[m] = Math.min(least[m], value);
        admitted &= value <= constraints.get(m).bound();
      }
      if (admitted) {
        double score = evaluator.score(mask);
        if (best == null || score > highest) {
          best = mask;
          highest = score;
        }
      }
      // Counts up: the last place that is not at its end, all behind it from 0 again.
      at = places.length - 1;
      while (at >= 0 && ++places[at] == picks.get(at).size()) {
        places[at--] = 0;
      }
    } while (at >= 0);
    if (best == null) {
      throw infeasible(constraints, least);
    }
    return best;
  }

  private static int[] picked(List<List<Integer>> picks, int[] places) {
    int[] mask = new int[places.length];
    Arrays.setAll(mask, l -> picks.get(l).get(places[l]));
    return mask;
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

  private Architecture search(List<Constraint> constraints) {
    List<List<Integer>> picks = reach.worthwhile();
    Evaluator worthwhile =
        Evaluator.of(evaluator.name(), mask -> evaluator.score(worthwhile(mask, picks)));
    Architecture found =
        worthwhile(
            LocalSearch.builder(worthwhile)
                .stop(StopRule.evaluations(EVALUATIONS))
                .seed(seed)
                .build()
                .search(reach.space(), constraints)
                .architecture(),
            picks);
    // To keep a block may be predicted a little slower than to have it linear for nothing.
    return constraints.stream().allMatch(bound -> bound.admits(found)) ? found : reach.fastest();
  }

  private static Architecture worthwhile(Architecture mask, List<List<Integer>> picks) {
    Architecture better = mask;
    for (int l = 0; l < picks.size(); l++) {
      better = picks.get(l).contains(mask.pick(l)) ? better : better.with(l, 0);
    }
    return better;
  }
}
