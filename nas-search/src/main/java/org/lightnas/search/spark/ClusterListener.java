package org.lightnas.search.spark;

import java.time.Duration;
import org.lightnas.Progress;
import org.lightnas.space.Architecture;

/**
 * Hears how a cluster gets on, once for every answer, however many attempts it took. Told by
 * whichever thread waits for the answer, one at a time. It can neither change nor break the run:
 * what it throws is logged and dropped.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface ClusterListener {

  /**
   * After every answer.
   *
   * @param progress answers had and asked for so far
   */
  void onAnswer(Progress progress, Answer answer);

  /**
   * Where an answer comes from.
   *
   * @param architecture that was asked about
   * @param executor Spark's name of it
   * @param host it runs on
   * @param attempts how often it was asked for, at least 1; more where executors were lost
   * @param took time on the executor, of the last attempt; the first at an executor also makes what
   *     it works with
   * @since 0.1.0
   */
  record Answer(
      Architecture architecture, String executor, String host, int attempts, Duration took) {}
}
