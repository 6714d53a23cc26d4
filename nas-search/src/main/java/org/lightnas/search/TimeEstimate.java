package org.lightnas.search;

import java.time.Duration;
import org.lightnas.data.Batches;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;

/** About how long a search will take, from running a few random paths. Trains nothing. */
final class TimeEstimate {

  private static final int PATHS = 3;

  private final SearchSettings settings;
  private final SearchSpace space;
  private double both;
  private double forward;

  TimeEstimate(Supernet supernet, TrainableSpace trainable, SearchSettings settings) {
    this.settings = settings;
    this.space = trainable.space();
    Batches.Batch batch = settings.procedure().forWeights(trainable, settings).read(0);
    for (int i = 0; i < PATHS; i++) {
      Architecture path = space.sample(Seeds.random(settings.seed(), "tried path", i));
      // The first run of a path prepares it and warms caches.
      supernet.tryOut(path, batch.nhwc(), batch.labels());
      long start = System.nanoTime();
      supernet.tryOut(path, batch.nhwc(), batch.labels());
      long then = System.nanoTime();
      supernet.loss(path, batch.nhwc(), batch.labels(), 0);
      both += (then - start) / (double) PATHS;
      forward += (System.nanoTime() - then) / (double) PATHS;
    }
  }

  /** With so many passes of single paths after it. */
  Duration of(Timetable timetable, int more) {
    double nanos = settings.procedure().seconds(timetable, space, both, forward);
    return Duration.ofNanos((long) (nanos + more * both));
  }
}
