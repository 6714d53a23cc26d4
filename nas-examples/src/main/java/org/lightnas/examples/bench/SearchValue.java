package org.lightnas.examples.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.lightnas.DivergedSearchException;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

/**
 * Whether searching is worth it: networks found within a latency bound against random ones that use
 * the bound as well, all trained by {@link ShortTraining}. {@code mvn -q -Pbench
 * -Dbench=SearchValue -Dnas.data=DIR -Dnas.results=DIR}; options {@code -Ddataset=cifar10} (or
 * {@code fashion-mnist}), {@code -Dbounds=0.3,0.6} (shares of the reachable range), {@code
 * -Dmethod=lightnas,random}, {@code -Dpreset=default} (and {@code gates}), {@code -Dsteps} of a
 * search, {@code -Dvariant} (a name for a searcher whose code was changed), {@code -Dseeds=1,2,3},
 * {@code -Drivals=8}, {@code -Dtable=FILE} (latencies as {@link LatencyTable#write} wrote them;
 * else those in the results folder, or measured and put there), {@code -Dbudget=60} (minutes; what
 * does not fit is left out and named), {@code -Depochs=12} and {@code -Dimages=12000} (fewer: only
 * to see that everything runs, kept as another recipe).
 *
 * <p>Searches and trainings are kept in {@code nas.results}, so a selection can be run in pieces;
 * every piece prints what there is so far. A network found by the search of seed s is trained with
 * seed s, random ones with seed 1. Searches see the training images only. What is reported is the
 * accuracy on test images.
 *
 * <p>{@code random_mean} and {@code random_sd} are of all random networks that have about the
 * latency of one of the found ones ({@link Rivals}); {@code found_acc} is the mean over the seeds,
 * and {@code rank} its place among them, 1 being the best {@code of} so many.
 */
public final class SearchValue {

  private static final long RIVAL_SEED = 1;

  private final Settings settings;
  private final ShortTraining training;
  private final LatencyTable table;
  private final FoundNetwork.Problem problem;
  private final ResultsFile<FoundNetwork> searches;
  private final Budget budget;
  private int done;

  /**
   * Opens the results.
   *
   * @param start of the program, by {@link System#nanoTime}
   */
  SearchValue(
      Settings settings,
      ShortTraining training,
      LatencyTable table,
      ResultsFolder folder,
      long start)
      throws IOException {
    this.settings = settings;
    this.training = training;
    this.table = table;
    this.budget = new Budget(settings.minutes(), start);
    this.problem = FoundNetwork.Problem.of(training, table);
    this.searches = FoundNetwork.in(folder, problem, training.space());
  }

  /**
   * What is compared.
   *
   * @param bounds shares of the reachable range of latencies
   * @param rivals random networks for each found one
   * @param minutes the budget
   */
  record Settings(
      List<Double> bounds,
      List<SearchMethod> methods,
      List<Long> seeds,
      int rivals,
      double minutes) {

    static Settings ofProperties() {
      return new Settings(
          Options.numbers("bounds", "0.3,0.6", 1),
          SearchMethod.ofProperties(),
          Options.wholes("seeds", "1,2,3"),
          Options.whole("rivals", 8, 2),
          Options.number("budget", "60", 1e6));
    }
  }

  /** Compares what the system properties ask for. */
  public static void main(String... args) throws IOException {
    long start = System.nanoTime();
    Settings settings = Settings.ofProperties();
    ExperimentImages images = ExperimentImages.ofProperties();
    int epochs = Options.whole("epochs", ShortTraining.EPOCHS, 1);
    LayeredSpace space = LightNasSpace.small(images.train().shape(), images.train().classes());
    ResultsFolder folder = ResultsFolder.ofProperty();
    ShortTraining training = new ShortTraining(images, space, epochs, folder);
    SharedTable table = new SharedTable(space, folder);
    if (!table.exists()) {
      Bench.say("SearchValue: %s", about(expectedSeconds(settings, training), settings));
    }
    new SearchValue(settings, training, table.get(), folder, start).run();
  }

  /** When nothing is known, not even the bounds. */
  private static double expectedSeconds(Settings settings, ShortTraining training) {
    double each = training.expectedSeconds();
    double seconds = settings.rivals() * each;
    for (SearchMethod method : settings.methods()) {
      seconds += settings.seeds().size() * (method.expectedSeconds() + each);
    }
    return SharedTable.SECONDS + settings.bounds().size() * seconds;
  }

  private static String about(double seconds, Settings settings) {
    return String.format(
        Locale.ROOT,
        "about %.0f minutes, at most %.0f",
        Math.ceil(seconds / 60),
        settings.minutes());
  }

  /** Computes what is missing of the selection, as far as the budget goes, and prints all. */
  void run() throws IOException {
    Bench.say(
        "SearchValue: %s; %s, space %s, latencies %s (%s)",
        about(expectedSeconds(), settings),
        problem.dataset(),
        training.space(),
        table.range(),
        table.fingerprint().orElse("of no known device"));
    for (Constraint bound : bounds()) {
      List<FoundNetwork> found = new ArrayList<>();
      for (SearchMethod method : settings.methods()) {
        for (long seed : settings.seeds()) {
          Optional<FoundNetwork> network = search(method, bound, seed);
          network.ifPresent(found::add);
          if (network.isPresent()) {
            train(method.label() + " " + seed, network.get().architecture(), bound, seed);
          }
        }
      }
      for (Architecture rival : rivals(found, bound)) {
        train("rival", rival, bound, RIVAL_SEED);
      }
    }
    new SearchValueTable(training, table, settings.rivals(), RIVAL_SEED).print(searches.all());
    budget.print();
  }

  private List<Constraint> bounds() {
    return settings.bounds().stream()
        .map(share -> Constraint.latency(table.range().at(share), table))
        .toList();
  }

  private Set<Architecture> rivals(List<FoundNetwork> found, Constraint bound) {
    Set<Architecture> rivals = new LinkedHashSet<>();
    for (FoundNetwork network : found) {
      List<Architecture> own = Rivals.of(network.architecture(), bound, settings.rivals());
      rivals.addAll(own);
      if (own.size() < settings.rivals()) {
        budget.leaveOut(
            String.format(
                Locale.ROOT,
                "%d of %d rivals near %s (there are no more)",
                settings.rivals() - own.size(),
                settings.rivals(),
                network.architecture()));
      }
    }
    return rivals;
  }

  private FoundNetwork.Key key(SearchMethod method, Constraint bound, long seed) {
    return new FoundNetwork.Key(problem, bound.bound(), method.label(), seed);
  }

  private Optional<FoundNetwork> search(SearchMethod method, Constraint bound, long seed)
      throws IOException {
    FoundNetwork.Key key = key(method, bound, seed);
    Optional<FoundNetwork> known = searches.find(key);
    String what = String.format(Locale.ROOT, "%s %d at %.3f ms", method.label(), seed, key.bound());
    if (known.isPresent() || !budget.fits(expectedSeconds(method), "the search " + what)) {
      return known;
    }
    long before = System.nanoTime();
    SearchMethod.Found found;
    try {
      found = method.search(training.space().on(training.images().withoutTest()), bound, seed);
    } catch (DivergedSearchException e) {
      budget.leaveOut("the search " + what + ": " + e.getMessage());
      return Optional.empty();
    }
    FoundNetwork network =
        new FoundNetwork(
            key,
            found.architecture(),
            bound.predict(found.architecture()),
            (System.nanoTime() - before) / 1e9,
            found.settings());
    searches.add(network);
    say(what, network.architecture().id(), network.seconds());
    return Optional.of(network);
  }

  private void train(String role, Architecture architecture, Constraint bound, long seed)
      throws IOException {
    if (training.known(architecture, seed).isPresent()) {
      return;
    }
    String what =
        String.format(Locale.ROOT, "%s at %.3f ms, %s", role, bound.bound(), architecture);
    if (!budget.fits(training.expectedSeconds(), what)) {
      return;
    }
    try {
      ShortTraining.Outcome outcome = training.train(architecture, seed);
      say(what, String.format(Locale.ROOT, "%.2f %%", outcome.testAccuracy()), outcome.seconds());
    } catch (DivergedSearchException e) {
      budget.leaveOut(what + ": " + e.getMessage());
    }
  }

  private void say(String what, String outcome, double seconds) {
    done++;
    Bench.say("  %d. %s: %s (%.0f s)", done, what, outcome, seconds);
  }

  /** Of what is missing. */
  private double expectedSeconds() {
    double each = training.expectedSeconds();
    double seconds = 0;
    for (Constraint bound : bounds()) {
      List<FoundNetwork> known = new ArrayList<>();
      for (SearchMethod method : settings.methods()) {
        for (long seed : settings.seeds()) {
          Optional<FoundNetwork> found = searches.find(key(method, bound, seed));
          found.ifPresent(known::add);
          seconds += found.isPresent() ? 0 : expectedSeconds(method);
          seconds +=
              found.isPresent() && training.known(found.get().architecture(), seed).isPresent()
                  ? 0
                  : each;
        }
      }
      // Rivals of networks not found yet are mostly those of the others.
      seconds +=
          each
              * (known.isEmpty()
                  ? settings.rivals()
                  : rivals(known, bound).stream()
                      .filter(rival -> training.known(rival, RIVAL_SEED).isEmpty())
                      .count());
    }
    return seconds;
  }

  private double expectedSeconds(SearchMethod method) {
    double[] taken =
        searches.all().stream()
            .filter(found -> found.key().method().equals(method.label()))
            .mapToDouble(FoundNetwork::seconds)
            .toArray();
    return taken.length > 0 ? Bench.Spread.of(taken).median() : method.expectedSeconds();
  }
}
