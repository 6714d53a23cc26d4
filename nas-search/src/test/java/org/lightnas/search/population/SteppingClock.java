package org.lightnas.search.population;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Goes on, or back, by as much each time it is looked at. */
final class SteppingClock extends Clock {

  private final Duration step;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  SteppingClock(Duration step) {
    this.step = step;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }

  @Override
  public Instant instant() {
    now = now.plus(step);
    return now;
  }
}
