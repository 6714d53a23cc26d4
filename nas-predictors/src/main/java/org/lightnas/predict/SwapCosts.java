package org.lightnas.predict;

import java.util.List;
import org.lightnas.metric.Cost;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;

/**
 * What each candidate costs at its place, in MACs over the cheapest candidate there: counted by
 * single swaps from the space's first architecture. Added up they are the exact cost in spaces
 * whose shapes do not depend on the picks, such as {@code LayeredSpace}, and a guide in others.
 */
final class SwapCosts {

  private SwapCosts() {}

  /** {@code [choice][candidate]}; all 0 where the space has no networks to count. */
  static double[][] of(ChoiceSpace space) {
    List<Choice> choices = space.choices();
    double[][] costs = new double[choices.size()][];
    Architecture first = space.uniform(0);
    for (int l = 0; l < costs.length; l++) {
      costs[l] = new double[choices.get(l).size()];
      double least = Double.POSITIVE_INFINITY;
      for (int k = 0; k < costs[l].length; k++) {
        costs[l][k] = space instanceof SearchSpace ? Cost.of(first.with(l, k)).macs() : 0;
        least = Math.min(least, costs[l][k]);
      }
      for (int k = 0; k < costs[l].length; k++) {
        costs[l][k] -= least;
      }
    }
    return costs;
  }

  /** The cost of an architecture over the cheapest one. */
  static double total(double[][] costs, Architecture architecture) {
    double total = 0;
    for (int l = 0; l < costs.length; l++) {
      total += costs[l][architecture.pick(l)];
    }
    return total;
  }
}
