package org.lightnas.search.proxy;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.IntToDoubleFunction;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.search.proxy.BatchwiseTrainingEstimation.Ranked;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * Successive halving of short trainings.
 *
 * @param unit what estimates of so many batches are divided by
 * @param finished is told the losses, {@code [seed][batch]}, of who saw all batches
 */
record Halving(
    BteSettings settings,
    SearchSpace space,
    ImageSet images,
    IntToDoubleFunction unit,
    BiConsumer<Architecture, double[][]> finished) {

  /** One candidate, with its trainings on the way. */
  private record Racer(Architecture architecture, List<ShortRun> runs) implements AutoCloseable {

    void trainTo(int batches) {
      runs.forEach(run -> run.trainTo(batches));
    }

    double[][] losses() {
      return runs.stream().map(ShortRun::losses).toArray(double[][]::new);
    }

    @Override
    public void close() {
      runs.forEach(ShortRun::close);
    }
  }

  List<Ranked> run(List<Architecture> candidates, int survivors) {
    checkArgument(
        survivors >= 1 && survivors <= candidates.size(),
        "Of %s candidates at least 1 and at most all can survive, but not %s.",
        candidates.size(),
        survivors);
    checkArgument(
        new HashSet<>(candidates).size() == candidates.size(),
        "Of the %s candidates some are equal.\nMaybe make a set of them.",
        candidates.size());
    candidates.forEach(candidate -> candidate.requireSpace(space));
    int halvings = 0;
    for (int left = candidates.size(); left > survivors; left = Math.max(survivors, half(left))) {
      halvings++;
    }
    checkArgument(
        settings.batches() >> halvings >= 1,
        "%s batches cannot be halved %s times, as %s survivors of %s candidates need.\n"
            + "Maybe train for more batches, or let more survive.",
        settings.batches(),
        halvings,
        survivors,
        candidates.size());
    List<Racer> racers = new ArrayList<>();
    try (Engine engine = Engine.create()) {
      for (Architecture candidate : candidates) {
        racers.add(racer(engine, candidate));
      }
      return race(racers, survivors, halvings);
    } finally {
      racers.forEach(Racer::close);
    }
  }

  private static int half(int count) {
    return (count + 1) / 2;
  }

  private Racer racer(Engine engine, Architecture candidate) {
    List<ShortRun> runs = new ArrayList<>();
    try {
      for (int s = 0; s < settings.seeds(); s++) {
        runs.add(new ShortRun(settings, engine, space.canonical(candidate), images, s));
      }
    } catch (RuntimeException e) {
      runs.forEach(ShortRun::close);
      throw e;
    }
    return new Racer(candidate, runs);
  }

  /** Takes those out that are dropped, and closes them. */
  private List<Ranked> race(List<Racer> racers, int survivors, int halvings) {
    List<Ranked> places = new ArrayList<>();
    for (int left = halvings; left >= 0; left--) {
      int batches = settings.batches() >> left;
      racers.forEach(racer -> racer.trainTo(batches));
      double one = unit.applyAsDouble(batches);
      List<Ranked> ranked =
          racers.stream()
              .map(racer -> new Ranked(racer.architecture(), batches, score(racer, batches, one)))
              .sorted(Comparator.comparingDouble(Ranked::score).reversed())
              .toList();
      int stay = left == 0 ? 0 : Math.max(survivors, half(racers.size()));
      List<Ranked> dropped = ranked.subList(stay, ranked.size());
      places.addAll(0, dropped);
      for (Ranked place : dropped) {
        Racer racer =
            racers.stream()
                .filter(r -> r.architecture().equals(place.architecture()))
                .findFirst()
                .orElseThrow();
        if (left == 0) {
          finished.accept(space.canonical(racer.architecture()), racer.losses());
        }
        racers.remove(racer);
        racer.close();
      }
    }
    return List.copyOf(places);
  }

  private double score(Racer racer, int batches, double one) {
    return -settings.estimate(racer.losses(), batches) / one;
  }
}
