package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.GnnPredictor;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.MlpPredictor;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * Predictions per second of each kind of predictor and training graphs per second of the GNN, on
 * one thread: {@code mvn -q -Pbench -Dbench=PredictorSpeed}. Two spaces: {@code cell} has 6 choices
 * of 5 and the links of NAS-Bench-201, {@code chain} 21 of 7 as LightNAS has. Options: {@code
 * alternations} (default 5), {@code millis} of each measurement (default 1000).
 *
 * <p>Everything runs in turn, after two rounds that are thrown away, so that all see the same
 * machine and all code is compiled; the median over rounds counts. Architectures are random and
 * many; results are added up and printed, so that nothing is optimised away.
 */
public final class PredictorSpeed {

  private static final int ARCHITECTURES = 4096;
  private static final int SAMPLES = 200;
  private static final int WARM_UP = 2;

  /** About what one training of the GNN takes, which is never cut short. */
  private static final double TRAINING_S = 14;

  /** A kind of work: done once, it says how many of what. */
  private record Work(String space, String what, String unit, LongSupplier once) {}

  private record Named(String id) implements Candidate {}

  private record Plain(String name, List<Choice> choices, List<Link> links)
      implements ChoiceSpace {}

  /** Kept from one run of the work to the next, and printed. */
  private double sum;

  private PredictorSpeed() {}

  /** Measures. */
  public static void main(String... args) {
    new PredictorSpeed().run();
  }

  private void run() {
    int alternations = Integer.getInteger("alternations", 5);
    int millis = Integer.getInteger("millis", 1000);
    List<Work> works = new ArrayList<>();
    for (Plain space : List.of(cell(), chain())) {
      works.addAll(works(space));
    }
    Bench.say(
        "PredictorSpeed: about %.1f minutes, %d alternations of %d ms each, one thread",
        (alternations + WARM_UP) * (works.size() * millis / 1000.0 + 2 * TRAINING_S) / 60,
        alternations,
        millis);
    double[][] rates = new double[works.size()][alternations];
    for (int round = -WARM_UP; round < alternations; round++) {
      for (int w = 0; w < rates.length; w++) {
        double rate = rate(works.get(w).once(), millis);
        if (round >= 0) {
          rates[w][round] = rate;
        }
      }
    }
    List<List<?>> rows = new ArrayList<>();
    rows.add(List.of("space", "what", "per second", "quartiles"));
    List<Map<String, Object>> results = new ArrayList<>();
    for (int w = 0; w < rates.length; w++) {
      Work work = works.get(w);
      Bench.Spread spread = Bench.Spread.of(rates[w]);
      rows.add(
          List.of(
              work.space(),
              work.what(),
              spread.median(),
              String.format(Locale.ROOT, "%.0f … %.0f", spread.lower(), spread.upper())));
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("space", work.space());
      result.put("what", work.what());
      result.put(work.unit(), spread.median());
      result.put("quartiles", spread.quartiles());
      results.add(result);
    }
    Bench.table(rows);
    Bench.say("checksum %s", sum);
    results.forEach(Bench::result);
  }

  /** How much is done per second; at least one run of the work. */
  private static double rate(LongSupplier once, int millis) {
    long start = System.nanoTime();
    long done = 0;
    double seconds;
    do {
      done += once.getAsLong();
      seconds = (System.nanoTime() - start) / 1e9;
    } while (seconds < millis / 1000.0);
    return done / seconds;
  }

  private List<Work> works(Plain space) {
    Profile profile = profile(space);
    Random random = new Random(2);
    Architecture[] architectures =
        Stream.generate(() -> space.sample(random))
            .limit(ARCHITECTURES)
            .toArray(Architecture[]::new);
    return List.of(
        predictions(space, "table", LatencyTable.fit(profile), architectures),
        predictions(space, "mlp", MlpPredictor.fit(profile), architectures),
        predictions(space, "gnn", GnnPredictor.fit(profile), architectures),
        new Work(
            space.name(),
            "gnn training",
            "graphs_per_s",
            () -> GnnPredictor.fit(profile).trainedGraphs()));
  }

  private Work predictions(
      Plain space, String what, Predictor predictor, Architecture[] architectures) {
    return new Work(
        space.name(),
        what,
        "predictions_per_s",
        () -> {
          double total = 0;
          for (Architecture architecture : architectures) {
            total += predictor.predict(architecture);
          }
          sum += total;
          return architectures.length;
        });
  }

  private static Profile profile(ChoiceSpace space) {
    Random random = new Random(1);
    return new Profile(
        space,
        "none: drawn numbers",
        Stream.generate(() -> space.sample(random))
            .distinct()
            .limit(SAMPLES)
            .map(
                a -> {
                  double millis = 5 + Arrays.stream(a.picks()).sum() + random.nextDouble();
                  return new Profile.Sample(a, new Measurement(millis, 0.1, 5, 1, 1, 1));
                })
            .toList());
  }

  private static Plain chain() {
    List<ChoiceSpace.Link> links =
        IntStream.range(1, 21).mapToObj(l -> new ChoiceSpace.Link(l - 1, l)).toList();
    return new Plain("chain", choices(21, 7), links);
  }

  private static Plain cell() {
    int[] from = {0, 0, 1, 0, 1, 2};
    int[] to = {1, 2, 2, 3, 3, 3};
    List<ChoiceSpace.Link> links = new ArrayList<>();
    for (int a = 0; a < from.length; a++) {
      for (int b = 0; b < from.length; b++) {
        if (to[a] == from[b]) {
          links.add(new ChoiceSpace.Link(a, b));
        }
      }
    }
    return new Plain("cell", choices(from.length, 5), Collections.unmodifiableList(links));
  }

  private static List<Choice> choices(int count, int candidates) {
    List<Candidate> named =
        IntStream.range(0, candidates).<Candidate>mapToObj(k -> new Named("op" + k)).toList();
    return IntStream.range(0, count).mapToObj(l -> new Choice("c" + l, named)).toList();
  }
}
