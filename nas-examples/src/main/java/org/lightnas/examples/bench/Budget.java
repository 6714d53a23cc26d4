package org.lightnas.examples.bench;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The minutes that a bench may take. What is not expected to fit is not begun, because a bench that
 * is run again goes on with it; all that is missing is named in the end, once each.
 */
final class Budget {

  private final double minutes;
  private final long start;
  private final Set<String> leftOut = new LinkedHashSet<>();

  /**
   * A budget.
   *
   * @param start of the program, by {@link System#nanoTime}
   */
  Budget(double minutes, long start) {
    this.minutes = minutes;
    this.start = start;
  }

  /** Whether there is time for it; else it is left out. */
  boolean fits(double seconds, String what) {
    boolean fits = (System.nanoTime() - start) / 1e9 + seconds <= 60 * minutes;
    if (!fits) {
      leaveOut(String.format(Locale.ROOT, "%s (the budget of %.3g minutes)", what, minutes));
    }
    return fits;
  }

  void leaveOut(String what) {
    leftOut.add(what);
  }

  /** Names what was left out. */
  void print() {
    leftOut.forEach(what -> Bench.say("left out: %s", what));
  }
}
