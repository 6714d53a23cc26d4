package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import org.lightnas.examples.bench.ShortTraining.Outcome;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

/** All that is known so far of found networks and their rivals, whoever has computed it. */
final class SearchValueTable {

  private final ShortTraining training;
  private final Predictor latency;
  private final int rivals;
  private final long rivalSeed;

  /**
   * A table of networks that are looked up, not trained.
   *
   * @param rivals for each found network
   */
  SearchValueTable(ShortTraining training, Predictor latency, int rivals, long rivalSeed) {
    this.training = training;
    this.latency = latency;
    this.rivals = rivals;
    this.rivalSeed = rivalSeed;
  }

  /**
   * Where found networks stand among random ones.
   *
   * @param found mean accuracy, in percent
   * @param mean of the random ones
   * @param sd their standard deviation, of a sample
   * @param rank 1 if no random one is better than {@code found}
   * @param of the random ones and the found one
   */
  record Standing(double found, double mean, double sd, int rank, int of) {

    static Standing of(double[] found, double[] random) {
      double mean = mean(found);
      double other = mean(random);
      double squares = DoubleStream.of(random).map(x -> (x - other) * (x - other)).sum();
      return new Standing(
          mean,
          other,
          random.length < 2 ? Double.NaN : Math.sqrt(squares / (random.length - 1)),
          1 + (int) DoubleStream.of(random).filter(x -> x > mean).count(),
          1 + random.length);
    }

    private static double mean(double[] values) {
      return DoubleStream.of(values).average().orElse(Double.NaN);
    }

    /** By how many standard deviations the found ones are better than the mean. */
    double above() {
      return (found - mean) / sd;
    }
  }

  private record Group(double bound, String method) {}

  /** A line of the list of networks. */
  private record Network(String role, Architecture architecture, Outcome outcome) {}

  /** Prints the networks, the comparison, its results as JSON, and what is missing in both. */
  void print(List<FoundNetwork> all) {
    Map<Group, List<FoundNetwork>> groups =
        new TreeMap<>(Comparator.comparingDouble(Group::bound).thenComparing(Group::method));
    for (FoundNetwork found : all) {
      groups
          .computeIfAbsent(
              new Group(found.key().bound(), found.key().method()), group -> new ArrayList<>())
          .add(found);
    }
    printNetworks(groups);
    List<List<?>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "bound ms",
            "method",
            "seeds",
            "predicted ms",
            "found %",
            "rivals %",
            "sd",
            "above, sd",
            "rank",
            "of",
            "validation: found %",
            "rivals %"));
    List<Map<String, Object>> results = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    groups.forEach(
        (group, found) -> {
          List<Outcome> own =
              found.stream()
                  .map(network -> training.known(network.architecture(), network.key().seed()))
                  .flatMap(Optional::stream)
                  .toList();
          Set<Architecture> wanted = rivals(group.bound(), found);
          List<Outcome> others =
              wanted.stream()
                  .map(rival -> training.known(rival, rivalSeed))
                  .flatMap(Optional::stream)
                  .toList();
          Standing standing = Standing.of(test(own), test(others));
          if (own.size() < found.size() || others.size() < wanted.size()) {
            missing.add(
                String.format(
                    Locale.ROOT,
                    "%s at %.3f ms: %d of %d found and %d of %d rivals are trained",
                    group.method(),
                    group.bound(),
                    own.size(),
                    found.size(),
                    others.size(),
                    wanted.size()));
          }
          double predicted =
              found.stream().mapToDouble(FoundNetwork::predicted).average().orElse(Double.NaN);
          Standing validated = Standing.of(validation(own), validation(others));
          rows.add(
              List.of(
                  group.bound(),
                  group.method(),
                  own.size(),
                  predicted,
                  percent(standing.found()),
                  percent(standing.mean()),
                  percent(standing.sd()),
                  standing.above(),
                  own.isEmpty() ? "-" : standing.rank(),
                  standing.of(),
                  percent(validated.found()),
                  percent(validated.mean())));
          if (!own.isEmpty() && others.size() > 1) {
            results.add(result(group, own.size(), standing));
          }
        });
    Bench.table(rows);
    Bench.say(
        "rivals: random networks within the bound and %.0f %% of the latency of a found one",
        100 * Rivals.WITHIN);
    missing.forEach(what -> Bench.say("incomplete: %s", what));
    results.forEach(Bench::result);
  }

  private Map<String, Object> result(Group group, int seeds, Standing standing) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("dataset", training.images().name());
    result.put("bound_ms", group.bound());
    result.put("method", group.method());
    result.put("found_acc", standing.found());
    result.put("random_mean", standing.mean());
    result.put("random_sd", standing.sd());
    result.put("rank", standing.rank());
    result.put("of", standing.of());
    result.put("above_sd", standing.above());
    result.put("seeds", seeds);
    return result;
  }

  /** Differences of a tenth are told apart at any size. */
  private static String percent(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
  }

  private static double[] test(List<Outcome> outcomes) {
    return outcomes.stream().mapToDouble(Outcome::testAccuracy).toArray();
  }

  private static double[] validation(List<Outcome> outcomes) {
    return outcomes.stream().mapToDouble(Outcome::validationAccuracy).toArray();
  }

  private Set<Architecture> rivals(double bound, List<FoundNetwork> found) {
    Constraint constraint = Constraint.atMost(bound, latency);
    Set<Architecture> wanted = new LinkedHashSet<>();
    found.forEach(network -> wanted.addAll(Rivals.of(network.architecture(), constraint, rivals)));
    return wanted;
  }

  /** The best first, at every bound. */
  private void printNetworks(Map<Group, List<FoundNetwork>> groups) {
    List<List<?>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "bound ms",
            "network",
            "predicted ms",
            "test %",
            "validation %",
            "loss",
            "s",
            "architecture"));
    for (double bound : new LinkedHashSet<>(groups.keySet().stream().map(Group::bound).toList())) {
      List<Network> networks = new ArrayList<>();
      Set<Architecture> wanted = new LinkedHashSet<>();
      groups.forEach(
          (group, found) -> {
            if (group.bound() == bound) {
              for (FoundNetwork network : found) {
                String role = group.method() + " " + network.key().seed();
                add(networks, role, network.architecture(), network.key().seed());
              }
              wanted.addAll(rivals(bound, found));
            }
          });
      wanted.forEach(rival -> add(networks, "rival", rival, rivalSeed));
      networks.sort(
          Comparator.comparingDouble((Network network) -> -network.outcome().testAccuracy()));
      for (Network network : networks) {
        Outcome outcome = network.outcome();
        rows.add(
            List.of(
                bound,
                network.role(),
                latency.predict(network.architecture()),
                percent(outcome.testAccuracy()),
                percent(outcome.validationAccuracy()),
                outcome.loss(),
                outcome.seconds(),
                network.architecture()));
      }
    }
    Bench.table(rows);
  }

  private void add(List<Network> networks, String role, Architecture architecture, long seed) {
    training
        .known(architecture, seed)
        .ifPresent(outcome -> networks.add(new Network(role, architecture, outcome)));
  }
}
