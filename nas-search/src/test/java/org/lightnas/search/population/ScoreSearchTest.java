package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.NasException;
import org.lightnas.PoorPredictorException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;
import org.lightnas.metric.QualityLimit;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

class ScoreSearchTest {

  private static final Toy SPACE = Toy.of(6, 4);

  /** All searchers, with settings that suit a small budget. */
  enum Method {
    RANDOM,
    LOCAL,
    EVOLUTION,
    GENERATIONS,
    GUIDED,
    PARETO;

    ScoreSearcher.Builder<?> of(Evaluator evaluator) {
      return of(evaluator, SPACE);
    }

    ScoreSearcher.Builder<?> of(Evaluator evaluator, Toy space) {
      return switch (this) {
        case PARETO -> ParetoSearch.builder(evaluator, space.latency()).population(10);
        case RANDOM -> RandomSearch.builder(evaluator);
        case LOCAL -> LocalSearch.builder(evaluator);
        case GUIDED -> GuidedSearch.builder(evaluator);
        case GENERATIONS -> EvolutionSearch.builder(evaluator).population(10).parents(3);
        case EVOLUTION -> RegularizedEvolution.builder(evaluator).population(10).sample(3);
      };
    }
  }

  /** Everything that was scored, in order. */
  private static final class Heard implements ScoreListener {

    final List<Scored> all = new ArrayList<>();
    final List<Scored> better = new ArrayList<>();

    @Override
    public void onScored(Scored scored, StopRule.Standing standing) {
      all.add(scored);
      assertThat(standing.evaluations()).isEqualTo(scored.number());
    }

    @Override
    public void onBetter(Scored scored) {
      better.add(scored);
    }
  }

  @ParameterizedTest
  @EnumSource
  void findsTheBestAndSaysHow(Method method) {
    Heard heard = new Heard();
    ScoreResult found =
        method
            .of(Toy.sums())
            .stop(StopRule.evaluations(method == Method.GUIDED ? 150 : 1500))
            .listener(heard)
            .build()
            .search(SPACE);
    if (method != Method.RANDOM) {
      assertThat(found.architecture()).isEqualTo(SPACE.uniform(3));
    }
    assertThat(found.score()).isEqualTo(Toy.sum(found.architecture())).isGreaterThanOrEqualTo(16);
    assertThat(heard.all).hasSize((int) found.tally().evaluations());
    assertThat(found.improvements()).isEqualTo(heard.better);
    assertThat(found.score()).isEqualTo(heard.better.get(heard.better.size() - 1).score());
    assertThat(found.leaders()).hasSize(100).first().isEqualTo(found.best());
    assertThat(found.leaders().stream().map(Scored::score))
        .containsExactlyInAnyOrderElementsOf(
            heard.all.stream()
                .map(Scored::score)
                .sorted((a, b) -> Double.compare(b, a))
                .limit(100)
                .toList());
    assertThat(found.satisfied()).isTrue();
    assertThat(found.settings().get("ended")).matches("after 150+ evaluations");
    assertThat(found.settings()).containsEntry("score", "sum of picks");
  }

  @ParameterizedTest
  @EnumSource
  void keepsTheBoundsWithEverythingItScores(Method method) {
    Predictor other =
        Predictor.of(SPACE, Metric.ENERGY, a -> 1 + a.pick(0) * a.pick(5) + a.pick(2));
    List<Constraint> bounds =
        List.of(Constraint.atMost(6, SPACE.latency()), Constraint.atMost(2, other));
    Heard heard = new Heard();
    ScoreResult found =
        method
            .of(Toy.sums())
            .stop(StopRule.evaluations(120))
            .listener(heard)
            .build()
            .search(SPACE, bounds);
    assertThat(heard.all)
        .hasSize(120)
        .allSatisfy(s -> assertThat(bounds).allMatch(b -> b.admits(s.architecture())));
    assertThat(found.score()).isEqualTo(5);
    assertThat(found.satisfied()).isTrue();
    assertThat(found.verdicts()).hasSize(2);
    assertThat(found.tally().beyondBounds()).isPositive();
  }

  @Test
  void repairsWhatCannotBeDrawnWithinTheBounds() {
    // One architecture in 4^12 costs 1, 12 cost 2.
    Toy space = Toy.of(12, 4);
    ScoreResult found =
        RandomSearch.builder(Toy.sums())
            .stop(StopRule.evaluations(13))
            .build()
            .search(space, Constraint.atMost(2, space.latency()));
    assertThat(found.score()).isEqualTo(1);
    assertThat(found.tally().evaluations()).isEqualTo(13);
    assertThat(found.tally().repaired()).isEqualTo(13);
  }

  @Test
  void fallsBackToWhatKeepsTheBoundsWhereNoSwapHelps() {
    // A predictor with a ridge: single swaps from most places do not lead down.
    Predictor ridge = Predictor.of(SPACE, Metric.ENERGY, a -> a.equals(SPACE.uniform(0)) ? 1 : 5);
    ScoreResult found =
        RandomSearch.builder(Toy.sums())
            .stop(StopRule.evaluations(5))
            .build()
            .search(SPACE, Constraint.atMost(2, ridge));
    assertThat(found.architecture()).isEqualTo(SPACE.uniform(0));
    assertThat(found.settings()).containsEntry("ended", "as nothing new was found");
  }

  @Test
  void drawsUniformlyWithinTheBounds() {
    Toy space = Toy.of(3, 3);
    Map<Architecture, Integer> counts = new HashMap<>();
    RandomSearch.builder(Toy.sums())
        .keepDuplicates(true)
        .stop(StopRule.evaluations(8_000))
        .listener(
            new ScoreListener() {
              @Override
              public void onScored(Scored scored, StopRule.Standing standing) {
                counts.merge(scored.architecture(), 1, Integer::sum);
              }
            })
        .build()
        .search(space, Constraint.atMost(3, space.latency()));
    // Sums up to 2: 1 + 3 + 6 architectures. Chi-square with 9 degrees: 27.9 at p = 0.001.
    assertThat(counts).hasSize(10);
    double chi = counts.values().stream().mapToDouble(n -> (n - 800.0) * (n - 800.0) / 800).sum();
    assertThat(chi).isLessThan(27.9);
  }

  @ParameterizedTest
  @EnumSource
  void neverScoresTheSameTwiceAndEndsWhenNothingIsNew(Method method) {
    Toy space = Toy.of(3, 3, 2);
    AtomicInteger asked = new AtomicInteger();
    Evaluator counting = a -> asked.incrementAndGet() * 0 + Toy.sum(a);
    Heard heard = new Heard();
    ScoreResult found = method.of(counting, space).listener(heard).build().search(space);
    assertThat(heard.all.stream().map(Scored::architecture).distinct()).hasSize(18);
    assertThat(heard.all).hasSize(18);
    assertThat(asked).hasValue(18);
    assertThat(found.tally().duplicates()).isPositive();
    assertThat(found.settings())
        .containsEntry("ended", "as nothing new was found")
        .containsEntry("score", "score");
  }

  @Test
  void whatIsTheSameCanBeSaid() {
    Set<Double> sums = new HashSet<>();
    ScoreResult found =
        LocalSearch.builder(a -> sums.add(Toy.sum(a)) ? Toy.sum(a) : Double.NaN)
            .sameness(Toy::sum)
            .build()
            .search(SPACE);
    assertThat(found.tally().evaluations()).isEqualTo(19);
    assertThat(found.settings())
        .containsEntry("duplicates", "refused, by a function of the caller's");
  }

  @ParameterizedTest
  @EnumSource
  @Tag("slow")
  void remembersScoresOfDuplicatesThatAreKept(Method method) {
    Toy space = Toy.of(3, 3, 2);
    AtomicInteger asked = new AtomicInteger();
    Evaluator counting = a -> asked.incrementAndGet() * 0 + Toy.sum(a);
    ScoreResult found =
        method
            .of(counting, space)
            .keepDuplicates(true)
            .stop(StopRule.evaluations(300))
            .build()
            .search(space);
    assertThat(found.tally().evaluations()).isEqualTo(300);
    assertThat(asked.get()).isLessThanOrEqualTo(18);
    assertThat(found.tally().remembered()).isEqualTo(300 - asked.get());
    assertThat(found.leaders().stream().map(Scored::architecture)).doesNotHaveDuplicates();
    int before = asked.get();
    ScoreResult forgetful =
        method
            .of(counting, space)
            .keepDuplicates(true)
            .remember(0)
            .stop(StopRule.evaluations(300))
            .build()
            .search(space);
    assertThat(asked.get() - before).isEqualTo(300);
    assertThat(forgetful.improvements()).isEqualTo(found.improvements());
  }

  @ParameterizedTest
  @EnumSource
  @Tag("slow")
  void anyNumberOfThreadsGivesTheSame(Method method) {
    ScoreResult alone =
        method
            .of(Toy.sums())
            .atOnce(4)
            .stop(StopRule.evaluations(150))
            .build()
            .search(SPACE, Constraint.atMost(12, SPACE.latency()));
    for (int threads : new int[] {1, 4}) {
      ExecutorService executor = Executors.newFixedThreadPool(threads);
      try {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        ScoreResult found =
            method
                .of(
                    Evaluator.of(
                        "sum of picks",
                        a -> {
                          seen.add(Thread.currentThread());
                          return Toy.sum(a);
                        }))
                .atOnce(4)
                .stop(StopRule.evaluations(150))
                .executor(executor)
                .build()
                .search(SPACE, Constraint.atMost(12, SPACE.latency()));
        assertThat(found.leaders()).isEqualTo(alone.leaders());
        assertThat(found.improvements()).isEqualTo(alone.improvements());
        assertThat(found.tally()).isEqualTo(alone.tally());
        assertThat(found.settings()).isEqualTo(alone.settings());
        assertThat(seen).hasSize(threads).doesNotContain(Thread.currentThread());
        assertThat(executor.isShutdown()).isFalse();
      } finally {
        executor.shutdownNow();
      }
    }
  }

  @Test
  void seedsDecideWhatIsRandom() {
    ScoreSearcher.Builder<?> search = RandomSearch.builder(Toy.sums());
    ScoreResult first = search.seed(1).build().search(SPACE);
    assertThat(search.seed(1).build().search(SPACE).leaders()).isEqualTo(first.leaders());
    assertThat(search.seed(2).build().search(SPACE).leaders()).isNotEqualTo(first.leaders());
  }

  @Test
  void stopsByTimePlateauAndEither() {
    Clock ticking = new SteppingClock(Duration.ofMillis(1));
    ScoreResult timed =
        RandomSearch.builder(Toy.sums())
            .clock(ticking)
            .stop(StopRule.time(Duration.ofMillis(300)))
            .build()
            .search(SPACE);
    assertThat(timed.tally().evaluations()).isBetween(50L, 200L);
    assertThat(timed.elapsed()).isBetween(Duration.ofMillis(300), Duration.ofMillis(320));
    assertThat(timed.settings()).containsEntry("ended", "after PT0.3S");

    ScoreResult flat =
        LocalSearch.builder(a -> 1)
            .stop(StopRule.plateau(7).or(StopRule.evaluations(100)))
            .build()
            .search(SPACE);
    assertThat(flat.tally().evaluations()).isEqualTo(8);
    assertThat(flat.settings())
        .containsEntry(
            "ended", "after 7 evaluations without a better one or after 100 evaluations");
    assertThat(
            RandomSearch.builder(Toy.sums())
                .atOnce(4)
                .stop(StopRule.plateau(1000).or(StopRule.evaluations(10)))
                .build()
                .search(SPACE)
                .tally()
                .evaluations())
        .isEqualTo(10);
    assertThatThrownBy(() -> StopRule.evaluations(0))
        .hasMessage("A search needs at least 1 evaluation, but is allowed 0.");
    assertThatThrownBy(() -> StopRule.time(Duration.ZERO))
        .hasMessage("A search needs time, but is allowed PT0S.");
    assertThatThrownBy(() -> StopRule.plateau(0))
        .hasMessage("The patience must be at least 1, but is 0.");
    assertThatThrownBy(() -> RandomSearch.builder(Toy.sums()).stop(s -> true).build().search(SPACE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("allows no evaluation.");
  }

  @Test
  void refusesWhatCannotBeSearched() {
    ScoreSearcher search = RandomSearch.builder(Toy.sums()).build();
    assertThatThrownBy(() -> search.search(SPACE, Constraint.atMost(0.5, SPACE.latency())))
        .isInstanceOf(InfeasibleConstraintException.class)
        .hasMessageStartingWith(
            "No architecture of space 'toy' meets latency <= 0.500 ms: the least predicted is"
                + " 1.000 ms (k0-k0-k0-k0-k0-k0).");
    ChoiceSpace other = Toy.of(2, 2);
    assertThatThrownBy(() -> search.search(other, Constraint.atMost(5, SPACE.latency())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The predictor is for space 'toy', but space 'toy' is to be searched.\n"
                + "Maybe profile this space; of equal names, candidates must be equal too.");
    Predictor poor =
        new Predictor() {
          @Override
          public Metric metric() {
            return Metric.LATENCY;
          }

          @Override
          public ChoiceSpace space() {
            return SPACE;
          }

          @Override
          public double predict(Architecture architecture) {
            return 1;
          }

          @Override
          public Optional<Quality> quality() {
            return Optional.of(new Quality(20, 0.3, 0.5, 0, 0.1));
          }
        };
    assertThatThrownBy(() -> search.search(SPACE, Constraint.atMost(5, poor)))
        .isInstanceOf(PoorPredictorException.class)
        .hasMessageContaining("is too poor to decide");
    assertThat(
            RandomSearch.builder(Toy.sums())
                .quality(QualityLimit.none())
                .build()
                .search(SPACE, Constraint.atMost(5, poor))
                .satisfied())
        .isTrue();
    assertThatThrownBy(
            () -> RandomSearch.builder(Evaluator.of("luck", a -> Double.NaN)).build().search(SPACE))
        .isInstanceOf(NasException.class)
        .hasMessageStartingWith("The evaluator of 'luck' scores architecture k")
        .hasMessageEndingWith("with NaN.\nMaybe give hopeless architectures a very low score.");
  }

  @Test
  void settersCheckTheirValues() {
    RegularizedEvolution.Builder builder = RegularizedEvolution.builder(Toy.sums());
    assertThatThrownBy(() -> builder.population(0))
        .hasMessage("A population must be of at least 1, but is of 0.");
    assertThatThrownBy(() -> builder.sample(0))
        .hasMessage("At least 1 must compete for being the parent, not 0.");
    assertThatThrownBy(() -> GuidedSearch.builder(Toy.sums()).initial(1))
        .hasMessage("A model needs at least 2 scores, not 1.");
    assertThatThrownBy(() -> ParetoSearch.builder(Toy.sums(), SPACE.latency()).population(1))
        .hasMessage("A front needs a population of at least 2, but is given 1.");
    assertThatThrownBy(() -> builder.atOnce(0))
        .hasMessage("At least 1 architecture is scored at once, but not 0.");
    assertThatThrownBy(() -> builder.remember(-1))
        .hasMessage("The number of remembered scores must not be -1.");
    assertThatThrownBy(() -> builder.finalists(0))
        .hasMessage("At least 1 finalist is measured, but not 0.");
  }

  @Test
  void listenersCannotBreakASearch() {
    ScoreListener broken =
        new ScoreListener() {
          @Override
          public void onScored(Scored scored, StopRule.Standing standing) {
            throw new IllegalStateException("broken listener");
          }
        };
    assertThat(
            RandomSearch.builder(Toy.sums())
                .listener(broken)
                .stop(StopRule.evaluations(3))
                .build()
                .search(SPACE)
                .tally()
                .evaluations())
        .isEqualTo(3);
  }
}
