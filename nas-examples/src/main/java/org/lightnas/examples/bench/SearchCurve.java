package org.lightnas.examples.bench;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.lightnas.search.population.ScoreListener;
import org.lightnas.search.population.Scored;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;

/**
 * What a search would have returned after each of some numbers of evaluations, judged by another
 * table than it was led by. Where it could not tell several apart, their mean counts.
 */
final class SearchCurve implements ScoreListener {

  private final TabularEvaluator truth;
  private final List<Integer> evaluations;
  private final Set<Architecture> best = new LinkedHashSet<>();
  private double score = Double.NEGATIVE_INFINITY;
  private double now;
  private final Map<Integer, Double> reached = new TreeMap<>();

  /** Of one search. */
  SearchCurve(TabularEvaluator truth, List<Integer> evaluations) {
    this.truth = truth;
    this.evaluations = evaluations;
  }

  @Override
  public void onScored(Scored scored, StopRule.Standing standing) {
    if (scored.score() > score) {
      best.clear();
      score = scored.score();
    }
    if (scored.score() == score && best.add(scored.architecture())) {
      now = truth.mean(best);
    }
    if (evaluations.contains((int) scored.number())) {
      reached.put((int) scored.number(), now);
    }
  }

  /** By the number of evaluations; a search that ended before has what it ended with. */
  double after(int number) {
    return reached.getOrDefault(number, now);
  }
}
