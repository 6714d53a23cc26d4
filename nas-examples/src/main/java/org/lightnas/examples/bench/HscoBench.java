package org.lightnas.examples.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lightnas.DivergedSearchException;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.PredictorReport;
import org.lightnas.search.population.HscoListener;
import org.lightnas.search.population.HscoResult;
import org.lightnas.search.population.Shrinkage;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.ShuffleSpace;

/**
 * Whether the supernet of HSCoNAS ranks networks as training does, in the whole space and in what
 * narrowing leaves of it, and whether what is found is better than random networks of its latency.
 * {@code mvn -q -Pbench -Dbench=HscoBench -Dnas.data=DIR -Dnas.results=DIR}; options {@code
 * -Dbounds=0.3,0.6}, {@code -Dseeds=1}, {@code -Dnetworks=24} (ranked in each of the two spaces),
 * {@code -Dsteps=4000} of the supernet, and {@code -Drivals}, {@code -Dtable}, {@code -Dbudget},
 * {@code -Ddataset}, {@code -Depochs}, {@code -Dimages} as of {@link SearchValue}, which prints the
 * comparison with random networks. All that takes long is kept in {@code nas.results}, a search
 * that was ended too, so it can be run in pieces.
 *
 * <p>{@code tau} is Kendall's tau-b of the accuracy with the supernet's weights and that of the
 * validation images after {@link ShortTraining}, with its 95 % interval as far as the choice of the
 * networks goes; {@code stage} 0 is the whole space with the supernet before it was narrowed. That
 * one does not depend on the bound; its networks are the same for all bounds.
 */
public final class HscoBench {

  private static final long TRAINING_SEED = 1;

  private final SearchValue.Settings settings;
  private final int networks;
  private final ShortTraining training;
  private final LatencyTable table;
  private final FoundNetwork.Problem problem;
  private final ResultsFile<FoundNetwork> searches;
  private final ResultsFile<SupernetScore> scores;
  private final ResultsFolder folder;
  private final long start;
  private final Budget budget;

  /**
   * Opens the results.
   *
   * @param networks to be ranked in each space
   * @param start of the program, by {@link System#nanoTime}
   */
  HscoBench(
      SearchValue.Settings settings,
      int networks,
      ShortTraining training,
      LatencyTable table,
      ResultsFolder folder,
      long start)
      throws IOException {
    this.settings = settings;
    this.networks = networks;
    this.training = training;
    this.table = table;
    this.folder = folder;
    this.start = start;
    this.budget = new Budget(settings.minutes(), start);
    this.problem = FoundNetwork.Problem.of(training, table);
    this.searches = FoundNetwork.in(folder, problem, training.space());
    this.scores =
        ResultsFile.open(
            folder.file("supernet-scores.jsonl"),
            new SupernetScore.Format(problem, training.space()));
  }

  /** Computes what the system properties ask for. */
  public static void main(String... args) throws IOException {
    long start = System.nanoTime();
    SearchValue.Settings settings =
        new SearchValue.Settings(
            Options.numbers("bounds", "0.3,0.6", 1),
            List.of(
                new SearchMethod(
                    "hsconas",
                    "default",
                    Options.whole("steps", 0, 0),
                    Options.text("variant", ""))),
            Options.wholes("seeds", "1"),
            Options.whole("rivals", 8, 2),
            Options.number("budget", "240", 1e6));
    int networks = Options.whole("networks", 24, 2);
    ExperimentImages images = ExperimentImages.ofProperties();
    LayeredSpace space = ShuffleSpace.small(images.train().shape(), images.train().classes());
    ResultsFolder folder = ResultsFolder.ofProperty();
    int epochs = Options.whole("epochs", ShortTraining.EPOCHS, 1);
    ShortTraining training = new ShortTraining(images, space, epochs, folder);
    LatencyTable table = new SharedTable(space, folder).get();
    new HscoBench(settings, networks, training, table, folder, start).run();
  }

  /** Computes what is missing, as far as the budget goes, and prints all. */
  void run() throws IOException {
    SearchMethod method = settings.methods().get(0);
    double each = training.expectedSeconds();
    int runs = settings.bounds().size() * settings.seeds().size();
    double seconds =
        runs * (method.expectedSeconds() + (settings.rivals() + 1 + networks) * each)
            + settings.seeds().size() * networks * each;
    Bench.say(
        "HscoBench: about %.0f minutes where nothing is known, at most %.0f; %s, space %s",
        Math.ceil(seconds / 60), settings.minutes(), problem.dataset(), training.space());
    for (double share : settings.bounds()) {
      Constraint bound = Constraint.latency(table.range().at(share), table);
      for (long seed : settings.seeds()) {
        FoundNetwork.Key key = new FoundNetwork.Key(problem, bound.bound(), method.label(), seed);
        search(method, bound, key);
        if (searches.find(key).isPresent()) {
          ranked(key).values().forEach(drawn -> drawn.forEach(this::train));
        }
      }
    }
    new SearchValue(settings, training, table, folder, start).run();
    print();
  }

  /** Asks for scores on the way. A search that was ended goes on, and so do they. */
  private void search(SearchMethod method, Constraint bound, FoundNetwork.Key key)
      throws IOException {
    if (searches.find(key).isPresent()
        || !budget.fits(method.expectedSeconds(), "the search at " + bound.bound() + " ms")) {
      return;
    }
    HscoResult found;
    try {
      found =
          method
              .hsconas(key.seed())
              .checkpoints(folder.search(key.method(), key.seed(), key.problem(), key.bound()))
              .stageListener(stage -> score(stage, key))
              .build()
              .search(training.space().on(training.images().withoutTest()), bound);
    } catch (DivergedSearchException e) {
      budget.leaveOut("the search at " + bound.bound() + " ms: " + e.getMessage());
      return;
    }
    searches.add(
        new FoundNetwork(
            key,
            found.architecture(),
            bound.predict(found.architecture()),
            found.elapsed().toNanos() / 1e9,
            found.settings()));
    Bench.say("  %s", found);
  }

  private void score(HscoListener.Stage stage, FoundNetwork.Key key) {
    for (int i = 0; i < networks; i++) {
      SupernetScore.Key asked = new SupernetScore.Key(key, stage.stages(), i);
      if (scores.find(asked).isEmpty()) {
        Architecture drawn = stage.draw().apply(Seeds.random(key.seed(), "ranked", i));
        try {
          scores.add(new SupernetScore(asked, drawn, stage.accuracy().score(drawn)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    Bench.say("  stage %d: %s", stage.stages(), left(stage.shrinkage()));
  }

  /** What is left of the choices that were decided on. */
  private static String left(List<Shrinkage> decided) {
    return decided.stream()
        .map(
            choice ->
                choice.operations().stream()
                    .filter(Shrinkage.Operation::kept)
                    .map(Shrinkage.Operation::name)
                    .collect(Collectors.joining(" ", choice.choice() + " [", "]")))
        .collect(Collectors.joining(", "));
  }

  /** The first and the last stage of a search. */
  private Map<Integer, List<SupernetScore>> ranked(FoundNetwork.Key key) {
    TreeMap<Integer, List<SupernetScore>> stages = new TreeMap<>();
    for (SupernetScore score : scores.all()) {
      if (score.key().search().equals(key) && score.key().number() < networks) {
        stages.computeIfAbsent(score.key().stage(), none -> new ArrayList<>()).add(score);
      }
    }
    if (stages.size() > 2) {
      stages.subMap(1, stages.lastKey()).clear();
    }
    return stages;
  }

  private void train(SupernetScore score) {
    try {
      if (training.known(score.architecture(), TRAINING_SEED).isEmpty()
          && budget.fits(training.expectedSeconds(), "training " + score.architecture())) {
        training.train(score.architecture(), TRAINING_SEED);
      }
    } catch (DivergedSearchException | IOException e) {
      budget.leaveOut(score.architecture() + ": " + e.getMessage());
    }
  }

  private void print() {
    List<Map<String, Object>> results = new ArrayList<>();
    List<FoundNetwork> found =
        searches.all().stream()
            .sorted(Comparator.comparingDouble(network -> network.key().bound()))
            .toList();
    for (FoundNetwork network : found) {
      ranked(network.key())
          .forEach(
              (stage, drawn) -> {
                List<PredictorReport.Pair> pairs = pairs(drawn);
                if (pairs.size() < 2) {
                  return;
                }
                PredictorReport report = new PredictorReport(2, pairs);
                FoundNetwork.Key key = network.key();
                PredictorReport.Interval interval = report.kendallInterval();
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("dataset", training.images().name());
                result.put("bound_ms", key.bound());
                result.put("method", key.method());
                result.put("seed", key.seed());
                result.put("stage", stage);
                result.put("networks", pairs.size());
                result.put("tau", report.kendall());
                result.put("low", interval.low());
                result.put("high", interval.high());
                results.add(result);
              });
    }
    Bench.say("tau of the accuracy with the supernet's weights and after a short training:");
    Bench.results(results, "dataset");
    budget.print();
  }

  private List<PredictorReport.Pair> pairs(List<SupernetScore> drawn) {
    List<PredictorReport.Pair> pairs = new ArrayList<>();
    for (SupernetScore score : drawn) {
      Optional<ShortTraining.Outcome> outcome = training.known(score.architecture(), TRAINING_SEED);
      outcome.ifPresent(
          trained ->
              pairs.add(new PredictorReport.Pair(trained.validationAccuracy(), score.accuracy())));
    }
    return pairs;
  }
}
