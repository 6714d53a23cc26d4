package org.lightnas.search;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.lightnas.metric.Metric;

/**
 * What a search is about to do, found before anything is trained.
 *
 * @param space name of the space
 * @param reach for each bound, what the space can reach
 * @param warmupPasses passes in which weights learn alone
 * @param weightPasses passes after that in which weights learn
 * @param logitPasses as many, in which logits learn
 * @param together whether these are the same passes
 * @param stagePasses in a stage that follows, as far as it knows; 0 if none follows
 * @param memory native memory on the engine's side
 * @param estimate about how long all of these passes will take, from a few tried ones; a device's
 *     measurements come on top
 * @since 0.1.0
 */
public record SearchPlan(
    String space,
    List<Reach> reach,
    int warmupPasses,
    int weightPasses,
    int logitPasses,
    boolean together,
    int stagePasses,
    MemoryEstimate memory,
    Duration estimate) {

  /**
   * What a space can reach of one metric.
   *
   * @param metric what is bounded
   * @param least the least predicted that was found; exact for additive predictors
   * @param most the most predicted that was found; exact for additive predictors
   * @param bound the bound asked for
   * @since 0.1.0
   */
  public record Reach(Metric metric, double least, double most, double bound) {

    /** Whether the bound is above everything and decides nothing. */
    public boolean slack() {
      return bound >= most;
    }

    /** {@code latency from 0.210 to 1.930 ms, asked ≤ 0.800 ms}. */
    @Override
    public String toString() {
      return metric.name()
          + " from "
          + Numbers.format(least)
          + " to "
          + Numbers.format(most)
          + " "
          + metric.unit()
          + ", asked ≤ "
          + Numbers.format(bound)
          + " "
          + metric.unit()
          + (slack() ? " (slack: it decides nothing)" : "");
    }
  }

  /** Copies what could change. */
  public SearchPlan {
    reach = List.copyOf(reach);
  }

  /** All passes, but for those of a stage that follows. */
  public int passes() {
    return warmupPasses + weightPasses + (together ? 0 : logitPasses);
  }

  /** Some lines: range of each bound, passes, time, memory. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Search of space '" + space + "'");
    reach.forEach(metric -> text.append("\n  ").append(metric));
    String after =
        together
            ? String.format(Locale.ROOT, "%,d of weights and logits together", weightPasses)
            : String.format(
                Locale.ROOT, "%,d of weights and %,d of logits", weightPasses, logitPasses);
    String stage =
        stagePasses == 0 ? "" : String.format(Locale.ROOT, ", and %,d to go on", stagePasses);
    return text.append(
            String.format(
                Locale.ROOT,
                "%n  %,d passes: %,d of weights to warm up, then %s%s; about %s%n  %s",
                passes(),
                warmupPasses,
                after,
                stage,
                Numbers.time(estimate),
                memory))
        .toString()
        .replace("\r", "");
  }
}
