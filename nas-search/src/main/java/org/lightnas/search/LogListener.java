package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import org.lightnas.Progress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes as lines of the log. */
final class LogListener implements SearchListener {

  private static final Logger log = LoggerFactory.getLogger(LogListener.class);

  private final int every;

  LogListener(int every) {
    checkArgument(every >= 1, "A line can come every 1 or more passes, not every %s.", every);
    this.every = every;
  }

  @Override
  public void onStep(Progress progress, SearchStep step) {
    if (progress.done() % every == 0 || progress.done() == progress.total()) {
      log.info(
          "{}: {} loss {}, expected {}, multiplier {}, entropy {}",
          progress,
          step.phase(),
          Numbers.decimal(step.loss()),
          step.pressures().stream().map(p -> Numbers.format(p.expected())).toList(),
          step.pressures().stream().map(p -> Numbers.decimal(p.multiplier())).toList(),
          Numbers.decimal(step.entropy()));
    }
  }
}
