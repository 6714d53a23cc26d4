package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;

/** The front of what was scored so far. */
final class FrontKeeper {

  private final Costs costs;
  private final List<Kept> front = new ArrayList<>();
  private double[] worst = {};

  private record Kept(Scored scored, double[] objectives) {}

  FrontKeeper(Costs costs) {
    this.costs = costs;
  }

  /** Takes time that grows with the size of the front. */
  void add(Scored scored) {
    double[] objectives = costs.objectives(scored);
    if (worst.length == 0) {
      worst = objectives.clone();
    }
    for (int m = 0; m < worst.length; m++) {
      worst[m] = Math.max(worst[m], objectives[m]);
    }
    for (Kept kept : front) {
      if (Dominance.atLeastAsGood(kept.objectives, objectives)) {
        return;
      }
    }
    front.removeIf(kept -> Dominance.atLeastAsGood(objectives, kept.objectives));
    front.add(new Kept(scored, objectives));
  }

  /** After at least one. */
  ParetoFront front(String scoreName) {
    return new ParetoFront(
        scoreName,
        costs.metrics(),
        front.stream()
            .sorted(Comparator.comparingDouble((Kept kept) -> kept.objectives[0]))
            .map(kept -> new ParetoFront.Point(kept.scored, tail(kept.objectives)))
            .toList(),
        -worst[0],
        tail(worst));
  }

  private static List<Double> tail(double[] objectives) {
    return DoubleStream.of(objectives).skip(1).boxed().toList();
  }
}
