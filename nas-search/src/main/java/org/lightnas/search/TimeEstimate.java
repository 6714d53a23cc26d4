package org.lightnas.search;

import java.time.Duration;
import org.lightnas.data.Batches;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;

/**
 * About how long a search will take.
 *
 * @param train nanoseconds of a pass forward and backward
 * @param loss of one forward
 */
record TimeEstimate(SearchSettings settings, SearchSpace space, double train, double loss) {

  private static final int PATHS = 3;

  /** From running a few random paths; trains nothing. */
  static TimeEstimate measure(
      Supernet supernet, TrainableSpace trainable, SearchSettings settings) {
    SearchSpace space = trainable.space();
    Batches.Batch batch = settings.procedure().forWeights(trainable, settings).read(0);
    double train = 0;
    double loss = 0;
    for (int i = 0; i < PATHS; i++) {
      Architecture path = space.sample(Seeds.random(settings.seed(), "tried path", i));
      // The first run of a path prepares it and warms caches.
      supernet.tryOut(path, batch.nhwc(), batch.labels());
      long start = System.nanoTime();
      supernet.tryOut(path, batch.nhwc(), batch.labels());
      long then = System.nanoTime();
      supernet.loss(path, batch.nhwc(), batch.labels(), 0);
      train += (then - start) / (double) PATHS;
      loss += (System.nanoTime() - then) / (double) PATHS;
    }
    return new TimeEstimate(settings, space, train, loss);
  }

  /** With so many passes of single paths after it. */
  Duration of(Timetable timetable, int more) {
    double nanos = settings.procedure().seconds(timetable, space, train, loss);
    return Duration.ofNanos((long) (nanos + more * train));
  }
}
