package org.lightnas.compress;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Verdict;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses masks by predicted latency and keeps those that were measured within the bound: where one
 * takes longer than predicted, less is asked for, by as much.
 */
final class Settlement {

  private static final Logger LOG = LoggerFactory.getLogger(Domino.class);

  /** Then the fastest mask is taken, which is known to keep every bound that can be kept. */
  private static final int TRIES = 5;

  private final Reach reach;
  private final MaskTimes times;
  private final MaskChoice choice;
  private final LatencyTable table;
  private final List<Constraint> others;

  /**
   * For one network.
   *
   * @param others bounds besides that on latency, kept by prediction
   */
  Settlement(
      Reach reach,
      MaskTimes times,
      MaskChoice choice,
      LatencyTable table,
      List<Constraint> others) {
    this.reach = reach;
    this.times = times;
    this.choice = choice;
    this.table = table;
    this.others = others;
  }

  /**
   * The best mask whose merged network was measured within a bound.
   *
   * @param millis at least what the fastest mask takes
   * @param from of the round before: what is linear in it stays so, unless no mask keeps the bounds
   *     then
   * @throws InfeasibleConstraintException if the other bounds cannot be kept together with it
   */
  Architecture mask(double millis, Architecture from) {
    double asked = millis;
    for (int i = 0; i < TRIES && asked > 0; i++) {
      List<Constraint> bounds = new ArrayList<>(others);
      bounds.add(Constraint.atMost(asked, table));
      Architecture mask;
      try {
        mask = best(bounds, from);
      } catch (InfeasibleConstraintException e) {
        // What was asked for in a later try is not what the caller asked for.
        if (i > 0 || fastestKeepsOthers()) {
          break;
        }
        throw e;
      }
      Measurement took = times.of(mask);
      double predicted = table.predict(mask);
      LOG.info("mask {}: {}", mask, new Verdict(Metric.LATENCY, millis, predicted, took));
      if (took.upperMillis() <= millis) {
        return mask;
      }
      asked = Math.min(asked, predicted) - (took.upperMillis() - millis);
    }
    if (!fastestKeepsOthers()) {
      throw new InfeasibleConstraintException(
          String.format(
              Locale.ROOT,
              "Of masks that keep the other bounds, none was measured within %.3f ms, only"
                  + " predicted.\nMaybe raise the bound on latency, or one of the others.",
              millis),
          millis,
          reach.least().upperMillis());
    }
    return reach.fastest();
  }

  /** One that goes on from the round before, if there is one. */
  private Architecture best(List<Constraint> bounds, Architecture from) {
    Architecture none = reach.space().uniform(0);
    try {
      return choice.best(bounds, from);
    } catch (InfeasibleConstraintException e) {
      if (from.equals(none)) {
        throw e;
      }
      LOG.info("No mask that keeps linear what {} does is within the bounds", from);
      return choice.best(bounds, none);
    }
  }

  private boolean fastestKeepsOthers() {
    return others.stream().allMatch(bound -> bound.admits(reach.fastest()));
  }
}
