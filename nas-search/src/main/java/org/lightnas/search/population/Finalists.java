package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.search.Attempt;
import org.lightnas.space.Architecture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a search: where a bound names a device, the best architecture is measured; while a
 * measurement exceeds its bound, predictions are asked to be lower in the same proportion, and the
 * best of those that are is measured.
 */
record Finalists(List<Constraint> constraints, long seed) {

  private static final Logger log = LoggerFactory.getLogger(Finalists.class);

  /**
   * What was chosen.
   *
   * @param measured all that were, in order
   */
  record Judged(Scored chosen, List<Verdict> verdicts, List<Attempt> measured) {}

  /**
   * Chooses the first that keeps the bounds; of those measured, if none does, the one that exceeds
   * them least.
   *
   * @param best the best first
   * @param front what is there besides, for where the best are all too slow
   */
  Judged judge(List<Scored> best, ParetoFront front, int most) {
    if (constraints.stream().allMatch(constraint -> constraint.device() == null)) {
      Architecture first = best.get(0).architecture();
      return new Judged(
          best.get(0), constraints.stream().map(c -> c.verify(first)).toList(), List.of());
    }
    Map<Architecture, Scored> left = new LinkedHashMap<>();
    best.forEach(scored -> left.putIfAbsent(scored.architecture(), scored));
    front.points().forEach(p -> left.putIfAbsent(p.scored().architecture(), p.scored()));
    double[] limits = constraints.stream().mapToDouble(Constraint::bound).toArray();
    List<Attempt> measured = new ArrayList<>();
    Scored chosen = best.get(0);
    double least = Double.POSITIVE_INFINITY;
    while (measured.size() < most && !left.isEmpty() && least > 0) {
      Scored next = next(left.values(), limits);
      left.remove(next.architecture());
      Attempt attempt = Attempt.of(constraints, next.architecture(), seed);
      measured.add(attempt);
      log.info("{}: {}", attempt.architecture(), attempt.verdicts());
      if (attempt.excess() < least) {
        least = attempt.excess();
        chosen = next;
      }
      lower(limits, attempt);
    }
    Architecture architecture = chosen.architecture();
    return new Judged(
        chosen,
        measured.stream()
            .filter(attempt -> attempt.architecture().equals(architecture))
            .findFirst()
            .orElseThrow()
            .verdicts(),
        measured);
  }

  /** The best that is predicted within the limits, or nearest to them. */
  private Scored next(Collection<Scored> left, double[] limits) {
    return left.stream()
        .min(Comparator.comparingDouble(scored -> beyond(scored.architecture(), limits)))
        .orElseThrow();
  }

  /** The largest distance to a limit, as a share of its bound; 0 within the limits. */
  private double beyond(Architecture architecture, double[] limits) {
    double most = 0;
    for (int m = 0; m < limits.length; m++) {
      Constraint constraint = constraints.get(m);
      most = Math.max(most, (constraint.predict(architecture) - limits[m]) / constraint.bound());
    }
    return most;
  }

  private static void lower(double[] limits, Attempt attempt) {
    for (int m = 0; m < limits.length; m++) {
      Verdict verdict = attempt.verdicts().get(m);
      Double predicted = verdict.predicted();
      if (verdict.measured() != null && predicted != null && !verdict.satisfied()) {
        double share = verdict.bound() / verdict.measured().upperMillis();
        limits[m] = Math.min(limits[m], predicted * share);
      }
    }
  }
}
