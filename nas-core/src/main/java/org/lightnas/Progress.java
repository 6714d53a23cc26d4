package org.lightnas;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How far a long piece of work has come.
 *
 * @param phase what is being done, for people: {@code search}
 * @param done steps done
 * @param total steps in all
 * @param elapsed time since the phase began
 */
public record Progress(String phase, long done, long total, Duration elapsed) {

  /**
   * Checks the counts.
   *
   * @throws IllegalArgumentException if done is not within 0 and total
   */
  public Progress {
    checkArgument(
        done >= 0 && done <= total, "Progress of '%s' cannot be %s of %s.", phase, done, total);
  }

  /** Time left if the rest goes as fast as what was done; zero while nothing was. */
  public Duration left() {
    return done == 0
        ? Duration.ZERO
        : Duration.ofNanos((long) (elapsed.toNanos() * ((double) (total - done) / done)));
  }

  /** {@code search 120/400, 35 s left}. */
  @Override
  public String toString() {
    return phase + " " + done + "/" + total + ", " + (left().toMillis() + 500) / 1000 + " s left";
  }
}
