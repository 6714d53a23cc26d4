package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

class ParetoSearchTest {

  private static final Toy SPACE = Toy.of(6, 4);

  /**
   * What costs most counts least: the sum weighs the picks from the front, the cost from the end.
   */
  private static final Evaluator SCORE = Evaluator.of("weighed", a -> weighed(a, true));

  private static final Predictor COST =
      Predictor.of(SPACE, Metric.LATENCY, a -> 1 + weighed(a, false));

  private static double weighed(Architecture a, boolean rising) {
    double sum = 0;
    for (int l = 0; l < 6; l++) {
      sum += (rising ? l + 1 : 6 - l) * a.pick(l);
    }
    return sum;
  }

  private static ParetoSearch.Builder search() {
    return ParetoSearch.builder(SCORE, COST).population(20).stop(StopRule.evaluations(300));
  }

  private static List<Scored> heard(ParetoSearch.Builder search, List<ScoreResult> found) {
    List<Scored> all = new ArrayList<>();
    search.listener(
        new ScoreListener() {
          @Override
          public void onScored(Scored scored, StopRule.Standing standing) {
            all.add(scored);
          }
        });
    found.add(search.build().search(SPACE));
    return all;
  }

  @Test
  void theFrontIsOfAllThatWasScored() {
    List<ScoreResult> found = new ArrayList<>();
    List<Scored> all = heard(search(), found);
    ParetoFront front = found.get(0).front();
    List<Architecture> undominated =
        all.stream()
            .filter(
                one ->
                    all.stream()
                        .noneMatch(
                            other ->
                                other.score() >= one.score()
                                    && COST.predict(other.architecture())
                                        <= COST.predict(one.architecture())
                                    && (other.score() > one.score()
                                        || COST.predict(other.architecture())
                                            < COST.predict(one.architecture())
                                        || other.number() < one.number())))
            .map(Scored::architecture)
            .toList();
    assertThat(front.points().stream().map(p -> p.scored().architecture()))
        .containsExactlyInAnyOrderElementsOf(undominated);
    assertThat(front.points().get(0).scored()).isEqualTo(found.get(0).best());
    assertThat(front.points())
        .isSortedAccordingTo((p, q) -> Double.compare(q.scored().score(), p.scored().score()));
    assertThat(front.leastScore())
        .isEqualTo(all.stream().mapToDouble(Scored::score).min().orElseThrow());
    assertThat(front.largestCosts())
        .containsExactly(
            all.stream().mapToDouble(s -> COST.predict(s.architecture())).max().orElseThrow());
    assertThat(front.costs()).containsExactly(Metric.LATENCY);
  }

  @Test
  void findsMoreOfTheFrontThanChanceDoes() {
    double chance = 0;
    double found = 0;
    for (int seed = 1; seed <= 10; seed++) {
      found += search().seed(seed).build().search(SPACE).front().hypervolume(0, 65);
      chance +=
          RandomSearch.builder(SCORE)
              .stop(StopRule.evaluations(300))
              .seed(seed)
              .build()
              .search(SPACE, Constraint.atMost(65, COST))
              .front()
              .hypervolume(0, 65);
    }
    assertThat(found).isGreaterThan(1.1 * chance);
  }

  @Test
  void childrenAreOfTheBestAndDifferALittle() {
    Strategy strategy =
        ParetoSearch.builder(SCORE, COST)
            .population(2)
            .build()
            .strategy(SPACE, new Admission(SPACE, List.of(), search().settings()));
    RandomGenerator random = new SplittableRandom(7);
    List<Architecture> told = List.of(SPACE.uniform(1), SPACE.uniform(2));
    for (int i = 0; i < 2; i++) {
      strategy.tell(new Scored(told.get(i), weighed(told.get(i), true), i + 1));
    }
    int strange = 0;
    Set<Architecture> children = new HashSet<>();
    for (int number = 3; number < 1_003; number++) {
      Architecture child = strategy.propose(number, random);
      children.add(child);
      strange += (int) java.util.Arrays.stream(child.picks()).filter(k -> k != 1 && k != 2).count();
    }
    // A sixth of the picks is changed, to one of three others, of which two are strange: 1 / 9.
    assertThat(strange / 6_000.0).isBetween(0.09, 0.13);
    assertThat(children).hasSizeGreaterThan(200);
    // Two that are dominated leave nothing behind.
    for (int i = 0; i < 2; i++) {
      strategy.tell(new Scored(SPACE.uniform(3), -1, 3 + i));
    }
    for (int number = 5; number < 105; number++) {
      Architecture child = strategy.propose(number, random);
      assertThat(java.util.Arrays.stream(child.picks()).filter(k -> k == 3).count())
          .isLessThanOrEqualTo(4);
    }
  }

  @Test
  void boundsHoldAndAreCostsWhereNothingElseIs() {
    Predictor other = Predictor.of(SPACE, Metric.ENERGY, a -> 1 + a.pick(3));
    ScoreResult found = search().build().search(SPACE, Constraint.atMost(2, other));
    assertThat(found.front().costs()).containsExactly(Metric.LATENCY);
    assertThat(found.front().points())
        .allSatisfy(p -> assertThat(p.scored().architecture().pick(3)).isLessThan(2));
    ScoreResult single =
        LocalSearch.builder(SCORE)
            .build()
            .search(SPACE, Constraint.atMost(2, other), Constraint.atMost(40, COST));
    assertThat(single.front().costs()).containsExactly(Metric.ENERGY, Metric.LATENCY);
    assertThat(single.front().points().get(0).scored().score()).isEqualTo(single.score());
    ScoreResult free = LocalSearch.builder(SCORE).build().search(SPACE);
    assertThat(free.front().points()).hasSize(1).first().matches(p -> p.costs().isEmpty());
    assertThat(free.front().points().get(0).scored()).isEqualTo(free.best());
    assertThat(free.toJson()).doesNotContain("front");
  }

  @Test
  void goesOnAfterAnInterruptionAsIfNothingHadHappened(@TempDir Path folder) {
    ScoreResult whole = search().atOnce(3).build().search(SPACE);
    AtomicInteger asked = new AtomicInteger();
    Evaluator interrupting =
        Evaluator.of(
            "weighed",
            a -> {
              if (asked.incrementAndGet() == 130) {
                Thread.currentThread().interrupt();
              }
              return weighed(a, true);
            });
    ParetoSearch.Builder search =
        ParetoSearch.builder(interrupting, COST)
            .population(20)
            .atOnce(3)
            .stop(StopRule.evaluations(300))
            .checkpoints(folder);
    assertThatThrownBy(() -> search.build().search(SPACE))
        .isInstanceOf(InterruptedRunException.class);
    assertThat(Thread.interrupted()).isTrue();
    ScoreResult resumed = search.build().search(SPACE);
    assertThat(resumed.front()).isEqualTo(whole.front());
    assertThat(resumed.leaders()).isEqualTo(whole.leaders());
    assertThat(resumed.tally()).isEqualTo(whole.tally());
    Predictor other = Predictor.of(SPACE, Metric.LATENCY, a -> 2 + weighed(a, false));
    assertThatThrownBy(
            () ->
                ParetoSearch.builder(interrupting, other)
                    .population(20)
                    .atOnce(3)
                    .checkpoints(folder)
                    .build()
                    .search(SPACE))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("cost 1 latency was by predictions");
  }

  @Test
  void anyNumberOfThreadsGivesTheSameFront() {
    ParetoFront alone = search().atOnce(4).build().search(SPACE).front();
    for (int threads : new int[] {1, 4}) {
      ExecutorService executor = Executors.newFixedThreadPool(threads);
      try {
        assertThat(search().atOnce(4).executor(executor).build().search(SPACE).front())
            .isEqualTo(alone);
      } finally {
        executor.shutdownNow();
      }
    }
  }

  @Test
  void oneFrontAnswersForAnyBound() {
    ParetoFront front = search().build().search(SPACE).front();
    for (double bound : new double[] {10, 20, 40, 1e9}) {
      ParetoFront.Point best = front.within(bound).orElseThrow();
      assertThat(best.costs().get(0)).isLessThanOrEqualTo(bound);
      assertThat(front.points().subList(0, front.points().indexOf(best)))
          .allMatch(p -> p.costs().get(0) > bound);
    }
    assertThat(front.within(Double.POSITIVE_INFINITY)).contains(front.points().get(0));
    assertThat(front.within(0.5)).isEmpty();
  }

  @Test
  void hypervolumeIsOfWhatIsBetterThanTheReference() {
    ParetoFront front =
        new ParetoFront(
            "score", List.of(Metric.LATENCY), List.of(point(3, 5), point(2, 2)), 1, List.of(6.0));
    // Boxes of 2 x 1 and 1 x 4, of which 1 x 1 is in both.
    assertThat(front.hypervolume()).isEqualTo(5);
    assertThat(front.hypervolume(2.5, 6)).isEqualTo(0.5);
    assertThat(front.hypervolume(1, 5)).isEqualTo(3);
    assertThat(front.hypervolume(4, 1)).isZero();
  }

  private static ParetoFront.Point point(double score, double cost) {
    return new ParetoFront.Point(new Scored(SPACE.uniform(0), score, 1), List.of(cost));
  }

  @Test
  void refusesWhatIsNoReferenceAndNoBound() {
    ParetoFront front = search().build().search(SPACE).front();
    assertThatThrownBy(() -> front.hypervolume(Double.NaN, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The reference of a hypervolume must not score NaN.");
    assertThatThrownBy(() -> front.hypervolume(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The front has the costs [latency], so it takes a number for each, not [].");
    assertThatThrownBy(() -> front.within(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The front has the costs [latency], so it takes a number for each, not [NaN].");
  }

  @Test
  void refusesCostsThatAreNoneAndThoseOfAnotherSpace() {
    Predictor broken = Predictor.of(SPACE, Metric.LATENCY, a -> a.pick(0) == 3 ? Double.NaN : 1);
    assertThatThrownBy(() -> ParetoSearch.builder(SCORE, broken).build().search(SPACE))
        .isInstanceOf(NasException.class)
        .hasMessageContaining("predicts NaN ms for architecture k3");
    Toy other = Toy.of(2, 2);
    assertThatThrownBy(() -> ParetoSearch.builder(SCORE, other.latency()).build().search(SPACE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The predictor is for space 'toy', but space 'toy'");
  }

  @Test
  void reportAndJsonShowTheFront() throws IOException {
    Predictor energy = Predictor.of(SPACE, Metric.ENERGY, a -> 1 + a.pick(3));
    ScoreResult found =
        ParetoSearch.builder(SCORE, COST, energy)
            .stop(StopRule.evaluations(80))
            .build()
            .search(SPACE);
    String html = found.page().html();
    assertThat(html)
        .contains("Score against costs")
        .contains("weighed against latency")
        .contains("weighed against energy")
        .contains("predicted energy [mJ]")
        .contains("Hypervolume over the worst");
    JsonNode front = new ObjectMapper().readTree(found.toJson()).get("front");
    assertThat(front).hasSize(found.front().points().size());
    assertThat(front.get(0).get("score").doubleValue()).isEqualTo(found.score());
    assertThat(front.get(0).get("latency").doubleValue())
        .isEqualTo(found.front().points().get(0).costs().get(0));
    found.front().points().forEach(p -> assertThat(html).contains(p.scored().architecture().id()));
  }

  @Test
  void copiesWhatItIsGiven() {
    List<ParetoFront.Point> points = new ArrayList<>(List.of(point(1, 1)));
    ParetoFront front = new ParetoFront("s", List.of(Metric.LATENCY), points, 0, List.of(2.0));
    points.clear();
    assertThat(front.points()).hasSize(1);
    assertThat(front.hypervolume()).isEqualTo(1);
  }
}
