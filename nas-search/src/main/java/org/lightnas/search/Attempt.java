package org.lightnas.search;

import java.util.List;
import org.lightnas.metric.Verdict;
import org.lightnas.space.Architecture;

/**
 * One projection onto the bounds, judged.
 *
 * @param architecture what was projected to
 * @param verdicts one for each bound, in their order
 * @since 0.1.0
 */
public record Attempt(Architecture architecture, List<Verdict> verdicts) {

  /** Copies what could change. */
  public Attempt {
    verdicts = List.copyOf(verdicts);
  }

  /** Whether all bounds are kept. */
  public boolean satisfied() {
    return verdicts.stream().allMatch(Verdict::satisfied);
  }

  /** The first verdict that is not satisfied, or the first of all. */
  public Verdict verdict() {
    return verdicts.stream().filter(v -> !v.satisfied()).findFirst().orElse(verdicts.get(0));
  }
}
