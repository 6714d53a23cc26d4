package org.lightnas.predict;

import org.lightnas.Progress;

/**
 * Hears how measuring gets on, on the measuring thread. It can neither change nor break it: what it
 * throws is logged and dropped.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ProfileListener {

  /**
   * After every measurement.
   *
   * @param sample the one just measured
   */
  void onSample(Progress progress, Profile.Sample sample);
}
