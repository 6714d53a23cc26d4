package org.lightnas.predict;

import java.time.Duration;

/**
 * Hears how measuring gets on, on the measuring thread. It can neither change nor break it: what it
 * throws is logged.
 */
public interface ProfileListener {

  /** Called after every measurement. */
  default void onSample(Progress progress) {}

  /**
   * How far measuring is.
   *
   * @param done samples measured
   * @param total samples to measure
   * @param last the sample just measured
   * @param elapsed since the first measurement began
   * @param left estimated from the pace so far
   */
  record Progress(int done, int total, Profile.Sample last, Duration elapsed, Duration left) {}
}
