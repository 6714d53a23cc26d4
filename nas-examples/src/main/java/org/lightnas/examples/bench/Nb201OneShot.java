package org.lightnas.examples.bench;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.lightnas.DivergedSearchException;
import org.lightnas.examples.tables.PublishedAccuracies;
import org.lightnas.examples.tables.PublishedLatencies;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.QualityLimit;
import org.lightnas.predict.PredictorReport;
import org.lightnas.predict.Profile;
import org.lightnas.search.LightNas;
import org.lightnas.search.LogitSearcher;
import org.lightnas.search.SearchResult;
import org.lightnas.search.SupernetEvaluator;
import org.lightnas.search.SurgeNas;
import org.lightnas.search.population.TabularEvaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.zoo.NasBench201Space;

/**
 * One-shot searches where the truth is known: cells of NAS-Bench-201 are searched on CIFAR-10 in a
 * proxy supernet of 8 channels and one cell per stage, and judged by the published accuracy of the
 * cell found. {@code mvn -q -Pbench -Dbench=Nb201OneShot -Dnas.data=DIR -Dnas.results=DIR}; options
 * {@code -Dmethod=surgenas,lightnas} (and {@code surgenas-mapped}, with identity mapping), {@code
 * -Dseeds=1,2,3}, {@code -Dbounded=false,true}, {@code -Ddevice=2080ti_32} and {@code
 * -Dquantile=50} (of its published latencies, in percent), {@code -Dsamples=100} (of them known to
 * the predictor), {@code -Dsteps=48000} (of LightNAS; SurgeNAS takes as many of its own as cost the
 * same), {@code -Dbatch=16} and {@code -Drate=0.03} (of both), {@code -Dcells=200} (scored for
 * tau), {@code -Dchannels=8}, {@code -Dimages=12000}, {@code -Dbudget=240} (minutes for all runs;
 * what does not fit is left out and named). Runs are kept in {@code nas.results}, and a search that
 * was ended goes on.
 *
 * <p>{@code tau} is Kendall's tau-b of the accuracy with the supernet's weights, on validation
 * images that no search sees, and the published one, over the same random cells for all runs, with
 * its 95 % interval. What is found is compared with all cells, or of a bounded search with those
 * whose published latency is within the bound: the best of them, what a tenth of them has or
 * exceeds, and how many are better. A bounded search is led by the best predictor of some published
 * latencies; the device measures what it finds and it is repaired. Cells without a published
 * latency are excluded by a bound of their own, so that no bound is aimed at.
 */
public final class Nb201OneShot {

  /** Of a LightNAS step of 16 images and what it looks at. */
  private static final double SECONDS_PER_STEP = 0.025;

  private static final double SECONDS_PER_SCORE = 0.5;

  private final OneShotSettings settings;
  private final ExperimentImages images;
  private final TabularEvaluator truth;
  private final Map<Architecture, String> indices;
  private final Nb201Constrained.@Nullable Measured measured;
  private final @Nullable Profile profile;
  private final ResultsFolder folder;
  private final ResultsFile<OneShotRun> runs;
  private final NasBench201Space space = new NasBench201Space();
  private final SearchSpace supernet;
  private final Budget budget;

  /**
   * Opens the results.
   *
   * @param profile the device's published latencies; null if nothing is bounded
   * @param start of the program, by {@link System#nanoTime}
   */
  Nb201OneShot(
      OneShotSettings settings,
      ExperimentImages images,
      TabularEvaluator truth,
      Map<Architecture, String> indices,
      @Nullable Profile profile,
      ResultsFolder folder,
      long start)
      throws IOException {
    this.settings = settings;
    this.images = images;
    this.truth = truth;
    this.indices = indices;
    this.profile = profile;
    this.measured = profile == null ? null : Nb201Constrained.Measured.of(profile);
    this.folder = folder;
    this.runs = ResultsFile.open(folder.file("nb201-oneshot.jsonl"), new OneShotRun.Format());
    this.supernet = space.proxy(settings.channels(), 1);
    this.budget = new Budget(settings.minutes(), start);
  }

  /** Published latencies of a device. */
  static Profile profile(Map<String, Profile> devices, String device) {
    Profile profile = devices.get(device);
    checkArgument(
        profile != null,
        "There is no device '%s', only %s.\nMaybe give -Ddevice=2080ti_32.",
        device,
        devices.keySet());
    return profile;
  }

  /** Runs what the options ask for. */
  public static void main(String... args) throws IOException {
    long start = System.nanoTime();
    OneShotSettings settings = OneShotSettings.ofProperties();
    ExperimentImages images = ExperimentImages.ofProperties();
    Path data = Options.data("nb201");
    Profile profile = null;
    if (settings.bounded().contains(true)) {
      profile = profile(PublishedLatencies.read(data, "nb201").profiles(), settings.device());
    }
    new Nb201OneShot(
            settings,
            images,
            PublishedAccuracies.read(data, "nb201").table("cifar10_test_200ep"),
            PublishedAccuracies.cellIndices(data),
            profile,
            ResultsFolder.ofProperty(),
            start)
        .run();
  }

  /** Computes what is missing, as far as the budget goes, and prints all that was asked for. */
  void run() throws IOException {
    List<OneShotRun.Key> keys = new ArrayList<>();
    for (boolean bounded : settings.bounded()) {
      for (long seed : settings.seeds()) {
        settings.methods().forEach(method -> keys.add(key(method, bounded, seed)));
      }
    }
    long missing = keys.stream().filter(key -> runs.find(key).isEmpty()).count();
    Bench.say(
        "Nb201OneShot: about %.0f minutes, at most %.0f; %d of %d runs are missing; %s, supernet %s",
        Math.ceil(missing * expectedSeconds() / 60),
        settings.minutes(),
        missing,
        keys.size(),
        images.fingerprint(),
        supernet);
    for (OneShotRun.Key key : keys) {
      if (runs.find(key).isEmpty()) {
        search(key);
      }
    }
    print(keys);
    budget.print();
  }

  private OneShotRun.Key key(String method, boolean bounded, long seed) {
    return new OneShotRun.Key(
        images.fingerprint(),
        settings.label(method),
        supernet.name(),
        bounded ? settings.device() : "none",
        bounded ? measured().quantile(settings.quantile() / 100.0) : 0,
        bounded ? settings.samples() : 0,
        settings.cells(),
        seed);
  }

  private Nb201Constrained.Measured measured() {
    checkArgument(measured != null, "A bounded search needs a device.");
    return measured;
  }

  /** What runs took, or a guess. */
  private double expectedSeconds() {
    double[] taken =
        runs.all().stream()
            .filter(
                run ->
                    settings.methods().stream()
                        .anyMatch(method -> run.key().method().equals(settings.label(method))))
            .mapToDouble(run -> 60 * run.minutes())
            .toArray();
    return taken.length > 0
        ? Bench.Spread.of(taken).median()
        : SECONDS_PER_STEP * settings.steps() + SECONDS_PER_SCORE * settings.cells();
  }

  private void search(OneShotRun.Key key) throws IOException {
    String what =
        String.format(
            Locale.ROOT, "%s, seed %d, device %s", key.method(), key.seed(), key.device());
    if (!budget.fits(expectedSeconds(), what)) {
      return;
    }
    // Not of the cells, which are scored afterwards.
    Path state =
        folder.search(
            key.method(),
            key.seed(),
            key.dataset(),
            key.supernet(),
            key.device(),
            key.bound(),
            key.samples());
    SpentTime spent = SpentTime.in(state);
    LogitSearcher searcher = searcher(key, state, spent);
    SearchResult found;
    try {
      found = searcher.search(space.on(images.withoutTest()), constraints(key));
    } catch (DivergedSearchException e) {
      budget.leaveOut(what + ": " + e.getMessage());
      return;
    }
    PredictorReport report = report(key, state.resolve("last.ckpt"));
    Architecture cell = found.architecture();
    OneShotRun run =
        new OneShotRun(
            key,
            Objects.requireNonNull(indices.get(cell), () -> "no index of " + cell),
            key.bounded() ? measured().device().measurement(cell).millis() : 0,
            truth.score(cell),
            or(report.kendall(), 0),
            or(report.kendallInterval().low(), -1),
            or(report.kendallInterval().high(), 1),
            spent.seconds() / 60);
    runs.add(run);
    Bench.say("  %s: %s, %.2f %%, tau %.3f", what, cell, run.accuracy(), run.tau());
  }

  /** Where all scores are equal they say nothing. */
  private static double or(double value, double otherwise) {
    return Double.isNaN(value) ? otherwise : value;
  }

  private LogitSearcher searcher(OneShotRun.Key key, Path state, SpentTime spent) {
    if (key.method().startsWith("surgenas")) {
      return SurgeNas.builder()
          .steps(SurgeNas.stepsAsDear(settings.steps(), space))
          .identityMapping(key.method().startsWith(OneShotSettings.MAPPED))
          .batchSize(settings.batch())
          .learningRate(settings.rate())
          .supernet(supernet)
          .quality(QualityLimit.none())
          .seed(key.seed())
          .checkpoints(state)
          .listener(spent)
          .build();
    }
    return LightNas.builder()
        .steps(settings.steps())
        .batchSize(settings.batch())
        .learningRate(settings.rate())
        .supernet(supernet)
        .quality(QualityLimit.none())
        .seed(key.seed())
        .checkpoints(state)
        .listener(spent)
        .build();
  }

  private List<Constraint> constraints(OneShotRun.Key key) {
    if (!key.bounded()) {
      Predictor nothing = Predictor.of(space, new Metric("nothing", "units"), cell -> 1);
      return List.of(Constraint.atMost(2, nothing));
    }
    checkArgument(profile != null, "A bounded search needs a device.");
    Predictor latency = Nb201Constrained.predictor(profile, key.samples(), key.seed());
    return List.of(
        Constraint.atMost(key.bound(), latency).measuredOn(measured().device()),
        measured().known());
  }

  /** What the supernet says of random cells against the truth. */
  private PredictorReport report(OneShotRun.Key key, Path checkpoint) {
    List<PredictorReport.Pair> pairs = new ArrayList<>();
    try (SupernetEvaluator accuracy =
        SupernetEvaluator.builder(supernet.on(images.withoutTest()))
            .judgedOn(images.validation())
            .seed(key.seed())
            .build()) {
      accuracy.load(checkpoint);
      for (int i = 0; i < settings.cells(); i++) {
        Architecture cell = space.sample(Seeds.random(1, "scored cell", i));
        pairs.add(
            new PredictorReport.Pair(
                truth.score(cell), accuracy.score(supernet.architecture(cell.picks()))));
      }
    }
    return new PredictorReport(2, pairs);
  }

  private void print(List<OneShotRun.Key> keys) {
    double[] all = truth.scores().values().stream().mapToDouble(Double::doubleValue).toArray();
    OneShotTable table = new OneShotTable();
    for (OneShotRun.Key key : keys) {
      runs.find(key)
          .ifPresent(
              run -> table.add(run, key.bounded() ? measured().within(truth, key.bound()) : all));
    }
    table.print();
  }
}
