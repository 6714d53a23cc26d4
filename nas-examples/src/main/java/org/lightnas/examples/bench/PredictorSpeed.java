package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.lightnas.device.Measurement;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.GnnPredictor;
import org.lightnas.predict.Predictors;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Predictions per second of each kind of predictor and training graphs per second of the GNN, on
 * one thread, by JMH: {@code mvn -q -Pbench -Dbench=PredictorSpeed}. Two spaces: {@code cell} has 6
 * choices of 5 and the links of NAS-Bench-201, {@code chain} 21 of 7 as LightNAS has. Options:
 * {@code alternations} (measurements of each, default 5), {@code millis} of each (default 1000).
 *
 * <p>A measurement of training is one fit; there are three of them, of the smallest profile that
 * fills a batch without samples held out, whose number of graphs is known.
 */
public class PredictorSpeed {

  private static final int ARCHITECTURES = 4096;
  private static final int SAMPLES = 200;
  private static final int WARM_UP = 3;
  private static final int TRAININGS = 3;

  /** All of them make a batch of every step: see {@link GnnPredictor#fit}. */
  private static final int TRAINED_SAMPLES = 29;

  private static final int TRAINED_STEPS = 3000;

  /** About what one training of the GNN takes. */
  private static final double TRAINING_S = 12;

  private record Named(String id) implements Candidate {}

  private record Plain(String name, List<Choice> choices, List<Link> links)
      implements ChoiceSpace {}

  /** What JMH makes one of for each measurement. */
  @State(Scope.Benchmark)
  public static class Predicting {

    /** Whose choices and links. */
    @Param({"cell", "chain"})
    public String space = "";

    /** The name of the family. */
    @Param({"table", "mlp", "gnn"})
    public String what = "";

    private @Nullable Predictor predictor;
    private Architecture[] architectures = {};
    private int next;

    /** Fits the predictor. */
    @Setup
    public void fit() {
      Plain choices = space(space);
      Random random = new Random(2);
      architectures =
          Stream.generate(() -> choices.sample(random))
              .limit(ARCHITECTURES)
              .toArray(Architecture[]::new);
      predictor =
          Predictors.families().stream()
              .filter(family -> family.name().equals(what))
              .findFirst()
              .orElseThrow()
              .fit(profile(choices, SAMPLES));
    }
  }

  /** What JMH makes one of for each measurement. */
  @State(Scope.Benchmark)
  public static class Training {

    /** Whose choices and links. */
    @Param({"cell", "chain"})
    public String space = "";

    private @Nullable Profile profile;

    /** Draws the samples. */
    @Setup
    public void draw() {
      profile = profile(space(space), TRAINED_SAMPLES);
    }
  }

  /** One prediction; random architectures, many of them. */
  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.SECONDS)
  public double predictions(Predicting state) {
    state.next = (state.next + 1) % ARCHITECTURES;
    return Objects.requireNonNull(state.predictor).predict(state.architectures[state.next]);
  }

  /** One training. */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OutputTimeUnit(TimeUnit.SECONDS)
  public Predictor training(Training state) {
    return GnnPredictor.fit(Objects.requireNonNull(state.profile));
  }

  /** Measures. */
  public static void main(String... args) throws RunnerException {
    int alternations = Options.whole("alternations", 5, 1);
    int millis = Options.whole("millis", 1000, 1);
    Bench.say(
        "PredictorSpeed: about %.1f minutes, %d alternations of %d ms each, one thread",
        (6 * (WARM_UP + alternations) * millis / 1000.0 + 2 * (1 + TRAININGS) * TRAINING_S) / 60,
        alternations,
        millis);
    List<RunResult> runs = new ArrayList<>();
    runs.addAll(
        run(
            "predictions",
            options ->
                options
                    .warmupIterations(WARM_UP)
                    .warmupTime(TimeValue.milliseconds(millis))
                    .measurementIterations(alternations)
                    .measurementTime(TimeValue.milliseconds(millis))));
    runs.addAll(
        run("training", options -> options.warmupIterations(1).measurementIterations(TRAININGS)));
    print(runs);
  }

  private static Collection<RunResult> run(
      String method, UnaryOperator<ChainedOptionsBuilder> iterations) throws RunnerException {
    return new Runner(
            iterations
                .apply(
                    new OptionsBuilder()
                        .include(PredictorSpeed.class.getName() + "." + method + "$")
                        .forks(1)
                        .threads(1)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT))
                .build())
        .run();
  }

  private static void print(List<RunResult> runs) {
    List<List<?>> rows = new ArrayList<>();
    rows.add(List.of("space", "what", "per second", "quartiles"));
    List<Map<String, Object>> results = new ArrayList<>();
    for (RunResult run : runs) {
      BenchmarkParams params = run.getParams();
      boolean training = params.getMode() == Mode.SingleShotTime;
      String what = training ? "gnn training" : params.getParam("what");
      Bench.Spread spread = Bench.Spread.of(rates(run, training));
      rows.add(
          List.of(
              params.getParam("space"),
              what,
              spread.median(),
              String.format(Locale.ROOT, "%.0f … %.0f", spread.lower(), spread.upper())));
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("space", params.getParam("space"));
      result.put("what", what);
      result.put(training ? "graphs_per_s" : "predictions_per_s", spread.median());
      result.put("quartiles", spread.quartiles());
      results.add(result);
    }
    Bench.table(rows);
    results.forEach(Bench::result);
  }

  private static double[] rates(RunResult run, boolean training) {
    return run.getBenchmarkResults().stream()
        .flatMap(result -> result.getIterationResults().stream())
        .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
        .map(score -> training ? TRAINED_STEPS * TRAINED_SAMPLES / score : score)
        .toArray();
  }

  private static Plain space(String name) {
    return name.equals("cell") ? cell() : chain();
  }

  private static Profile profile(ChoiceSpace space, int samples) {
    Random random = new Random(1);
    return new Profile(
        space,
        "none: drawn numbers",
        Stream.generate(() -> space.sample(random))
            .distinct()
            .limit(samples)
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
