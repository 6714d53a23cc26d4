package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lightnas.examples.bench.Bench.Spread;

/**
 * By how much Domino's network is better than a rival's, paired by preset and seed.
 *
 * @param points of accuracy
 * @param time Domino's latency over the rival's
 */
record DominoLead(String preset, String rival, Spread points, Spread time) {

  private static final String DOMINO = DominoMethod.DOMINO.label();

  /** Of all pairs there are, in the order of the outcomes. */
  static List<DominoLead> of(List<DominoOutcome> outcomes) {
    Map<String, List<DominoOutcome>> rivals = new LinkedHashMap<>();
    for (DominoOutcome rival : outcomes) {
      if (!rival.key().method().equals(DOMINO) && domino(outcomes, rival).isPresent()) {
        String name = rival.key().preset() + " " + rival.key().method();
        rivals.computeIfAbsent(name, n -> new ArrayList<>()).add(rival);
      }
    }
    return rivals.values().stream().map(some -> of(some, outcomes)).toList();
  }

  private static DominoLead of(List<DominoOutcome> rivals, List<DominoOutcome> outcomes) {
    double[] points = new double[rivals.size()];
    double[] time = new double[rivals.size()];
    for (int i = 0; i < points.length; i++) {
      DominoOutcome domino = domino(outcomes, rivals.get(i)).orElseThrow();
      points[i] = domino.accuracyAfter() - rivals.get(i).accuracyAfter();
      time[i] = domino.millisAfter() / rivals.get(i).millisAfter();
    }
    DominoOutcome.Key key = rivals.get(0).key();
    return new DominoLead(key.preset(), key.method(), Spread.of(points), Spread.of(time));
  }

  /** Domino's outcome of the same preset and seed. */
  static Optional<DominoOutcome> domino(List<DominoOutcome> outcomes, DominoOutcome of) {
    return find(outcomes, of, DOMINO);
  }

  /** A method's outcome of the same preset and seed. */
  static Optional<DominoOutcome> find(
      List<DominoOutcome> outcomes, DominoOutcome of, String method) {
    DominoOutcome.Key key =
        new DominoOutcome.Key(of.key().problem(), method, of.key().preset(), of.key().seed());
    return outcomes.stream().filter(outcome -> outcome.key().equals(key)).findFirst();
  }
}
