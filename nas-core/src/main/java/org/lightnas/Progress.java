package org.lightnas;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;

/**
 * How far a long piece of work has come.
 *
 * @param phase what is being done, for people: {@code search}
 * @param done steps done
 * @param total steps in all
 * @param elapsed time since the phase began, or was resumed
 * @param before steps that were done by then: another run took its time for them
 * @since 0.1.0
 */
public record Progress(String phase, long done, long total, Duration elapsed, long before) {

  /**
   * Checks the counts.
   *
   * @throws IllegalArgumentException if done is not within 0 and total, or before not within 0 and
   *     done
   */
  public Progress {
    checkArgument(
        done >= 0 && done <= total, "Progress of '%s' cannot be %s of %s.", phase, done, total);
    checkArgument(
        before >= 0 && before <= done,
        "Of %s steps of '%s', %s cannot have been done before.",
        done,
        phase,
        before);
  }

  /** Of a phase that was not interrupted. */
  public Progress(String phase, long done, long total, Duration elapsed) {
    this(phase, done, total, elapsed, 0);
  }

  /**
   * Time left if the rest goes as fast as what was done in the time elapsed; zero while nothing
   * was.
   */
  public Duration left() {
    return done == before
        ? Duration.ZERO
        : Duration.ofNanos(
            (long) (elapsed.toNanos() * ((double) (total - done) / (done - before))));
  }

  /** {@code search 120/400, 35 s left}. */
  @Override
  public String toString() {
    return phase + " " + done + "/" + total + ", " + (left().toMillis() + 500) / 1000 + " s left";
  }
}
