package org.lightnas.search.population;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Verdict;
import org.lightnas.search.Attempt;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a search: the best architectures are measured, if a bound names a device, from the
 * best on until one keeps the bounds.
 */
record Finalists(ChoiceSpace space, List<Constraint> constraints, long seed) {

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
   */
  Judged judge(List<Scored> best, int most) {
    if (constraints.stream().allMatch(constraint -> constraint.device() == null)) {
      Architecture first = best.get(0).architecture();
      return new Judged(
          best.get(0), constraints.stream().map(c -> c.verify(first)).toList(), List.of());
    }
    List<Attempt> measured = new ArrayList<>();
    int chosen = 0;
    for (int i = 0; i < Math.min(most, best.size()); i++) {
      Attempt attempt = measure(best.get(i).architecture());
      measured.add(attempt);
      log.info("{}: {}", attempt.architecture(), attempt.verdicts());
      if (excess(attempt) < excess(measured.get(chosen)) || attempt.satisfied()) {
        chosen = i;
      }
      if (attempt.satisfied()) {
        break;
      }
    }
    return new Judged(best.get(chosen), measured.get(chosen).verdicts(), measured);
  }

  private Attempt measure(Architecture architecture) {
    ComputationGraph network = ((SearchSpace) space).network(architecture, seed);
    try {
      return new Attempt(
          architecture,
          constraints.stream()
              .map(
                  c ->
                      c.device() == null ? c.verify(architecture) : c.verify(architecture, network))
              .toList());
    } finally {
      network.close();
    }
  }

  private static double excess(Attempt attempt) {
    double sum = 0;
    for (Verdict verdict : attempt.verdicts()) {
      Measurement measured = verdict.measured();
      sum += measured == null ? 0 : Math.max(0, measured.upperMillis() / verdict.bound() - 1);
    }
    return sum;
  }
}
