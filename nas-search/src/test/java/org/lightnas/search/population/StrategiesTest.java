package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/** What searchers propose, step by step. */
class StrategiesTest {

  private static final Toy SPACE = Toy.of(6, 4);

  /** Of everything. */
  private static Admission admission(ChoiceSpace space) {
    return new Admission(space, List.of(), RandomSearch.builder(Toy.sums()).settings());
  }

  private static long distance(Architecture a, Architecture b) {
    return IntStream.range(0, 6).filter(l -> a.pick(l) != b.pick(l)).count();
  }

  @Test
  void evolutionMutatesTheBestOfAFewOfTheLatest() {
    Strategy evolution =
        RegularizedEvolution.builder(Toy.sums())
            .population(5)
            .sample(4)
            .build()
            .strategy(SPACE, admission(SPACE));
    RandomGenerator random = new SplittableRandom(1);
    List<Scored> told = new ArrayList<>();
    int ofTheBest = 0;
    for (int number = 1; number <= 400; number++) {
      Architecture proposed = evolution.propose(number, random);
      if (number > 5) {
        List<Scored> living = told.subList(told.size() - 5, told.size());
        assertThat(living).anyMatch(s -> distance(s.architecture(), proposed) == 1);
        double most = living.stream().mapToDouble(Scored::score).max().orElseThrow();
        if (living.stream()
            .anyMatch(s -> s.score() == most && distance(s.architecture(), proposed) == 1)) {
          ofTheBest++;
        }
      }
      // Random scores, so that only age and score decide.
      Scored scored = new Scored(proposed, random.nextDouble(), number);
      told.add(scored);
      evolution.tell(scored);
    }
    // The best of 5 is among 4 draws with replacement in 1 - 0.8^4 = 59 % of the cases; others of
    // the living are neighbours by chance.
    assertThat(ofTheBest).isBetween(200, 330);
  }

  @Test
  void aSpaceOfOneIsSearched() {
    Toy one = Toy.of(1, 1);
    for (ScoreSearcher.Builder<?> search :
        List.of(
            RegularizedEvolution.builder(Toy.sums()).population(1),
            GuidedSearch.builder(Toy.sums()),
            LocalSearch.builder(Toy.sums()),
            EvolutionSearch.builder(Toy.sums()))) {
      assertThat(search.build().search(one).settings())
          .containsEntry("ended", "as nothing new was found");
      ScoreResult kept =
          search.keepDuplicates(true).stop(StopRule.evaluations(20)).build().search(one);
      assertThat(kept.tally().evaluations()).isEqualTo(20);
      assertThat(kept.architecture()).isEqualTo(one.uniform(0));
    }
  }

  /** Of sums of 0 to 18 from six choices, all that is scored lies between 9 and 11. */
  @Test
  void whatLeavesMuchOfABoundIsRaised() {
    Constraint bound = Constraint.atMost(12, SPACE.latency());
    Architecture start = SPACE.architecture(3, 3, 3, 0, 0, 0);
    EvolutionSearch.Builder search =
        EvolutionSearch.builder(Toy.sums())
            .population(10)
            .start(start)
            .stop(StopRule.evaluations(60));
    assertThat(sums(search.build().search(SPACE, bound))).anyMatch(sum -> sum < 9);
    ScoreResult raised = search.atLeast(10.0 / 12).build().search(SPACE, bound);
    assertThat(sums(raised)).hasSize(60).allMatch(sum -> sum >= 9 && sum <= 11);
    assertThat(raised.leaders()).anyMatch(scored -> scored.architecture().equals(start));
    assertThat(raised.settings()).containsEntry("at least of a bound", "0.8333333333333334");
    // Of two bounds the one that is reached first counts; without any there is nothing to raise to.
    Constraint tighter =
        Constraint.atMost(1.5, Predictor.of(SPACE, Metric.LATENCY, a -> 1 + Toy.sum(a) / 12.0));
    ScoreResult both = search.build().search(SPACE, bound, tighter);
    assertThat(sums(both)).allMatch(sum -> sum >= 3 && sum <= 6);
    assertThat(sums(search.build().search(SPACE))).anyMatch(sum -> sum < 9);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search.atLeast(1.1))
        .withMessage("The share of a bound must be in [0, 1], but is 1.1.");
  }

  private static List<Double> sums(ScoreResult found) {
    return found.leaders().stream().map(scored -> Toy.sum(scored.architecture())).toList();
  }

  @Test
  void evolutionDrawsItsFirstPopulationEvenWhereNothingWasTold() {
    Strategy evolution =
        RegularizedEvolution.builder(Toy.sums())
            .population(3)
            .build()
            .strategy(SPACE, admission(SPACE));
    RandomGenerator random = new SplittableRandom(2);
    Set<Architecture> drawn = new HashSet<>();
    for (int number = 1; number <= 8; number++) {
      drawn.add(evolution.propose(number, random));
    }
    assertThat(drawn).hasSizeGreaterThan(6);
  }

  @Test
  void localSearchTriesAllNeighboursBeforeItBeginsAnew() {
    Strategy climb = LocalSearch.builder(Toy.sums()).build().strategy(SPACE, admission(SPACE));
    RandomGenerator random = new SplittableRandom(3);
    Architecture peak = climb.propose(1, random);
    climb.tell(new Scored(peak, 10, 1));
    Set<Architecture> around = new HashSet<>();
    for (int number = 2; number <= 19; number++) {
      Architecture proposed = climb.propose(number, random);
      assertThat(distance(peak, proposed)).isEqualTo(1);
      around.add(proposed);
      climb.tell(new Scored(proposed, 5, number));
    }
    assertThat(around).hasSize(18);
    Architecture elsewhere = climb.propose(20, random);
    assertThat(distance(peak, elsewhere)).isGreaterThan(1);
    // Worse than the peak before, and yet the place to climb from.
    climb.tell(new Scored(elsewhere, 1, 20));
    assertThat(distance(elsewhere, climb.propose(21, random))).isEqualTo(1);
  }

  @Test
  void localSearchMovesToTheFirstThatIsBetter() {
    Strategy climb = LocalSearch.builder(Toy.sums()).build().strategy(SPACE, admission(SPACE));
    RandomGenerator random = new SplittableRandom(4);
    Architecture here = climb.propose(1, random);
    climb.tell(new Scored(here, 0, 1));
    for (int number = 2; number <= 100; number++) {
      Architecture proposed = climb.propose(number, random);
      assertThat(distance(here, proposed)).isEqualTo(1);
      climb.tell(new Scored(proposed, number, number));
      here = proposed;
    }
  }

  @Test
  void localSearchForgetsARestartWhenALateNeighbourIsBetter() {
    Toy small = Toy.of(1, 3);
    Strategy climb = LocalSearch.builder(Toy.sums()).build().strategy(small, admission(small));
    RandomGenerator random = new SplittableRandom(5);
    Architecture first = climb.propose(1, random);
    climb.tell(new Scored(first, 5, 1));
    List<Architecture> batch = new ArrayList<>();
    for (int number = 2; number <= 5; number++) {
      batch.add(climb.propose(number, random));
    }
    // Number 2 and 3 are neighbours, 4 and 5 begin anew; but 3 is better than where it was.
    climb.tell(new Scored(batch.get(0), 1, 2));
    climb.tell(new Scored(batch.get(1), 9, 3));
    climb.tell(new Scored(batch.get(2), 2, 4));
    climb.tell(new Scored(batch.get(3), 3, 5));
    Set<Architecture> next = new HashSet<>();
    next.add(climb.propose(6, random));
    next.add(climb.propose(7, random));
    assertThat(next).hasSize(2).doesNotContain(batch.get(1));
  }

  @Test
  void guidedSearchLearnsWhatScoresDependOn() {
    Toy space = Toy.of(8, 3);
    Similarity similarity = new Similarity(space);
    RandomGenerator random = new SplittableRandom(6);
    List<Scored> told = new ArrayList<>();
    for (int number = 1; number <= 60; number++) {
      Architecture drawn = space.sample(random);
      told.add(new Scored(drawn, 1000 * Toy.sum(drawn), number));
    }
    ScoreModel model = ScoreModel.fit(similarity, told);
    assertThat(model.mean(space.uniform(2))).isGreaterThan(1.5);
    assertThat(model.mean(space.uniform(0))).isLessThan(-1.5);
    assertThat(model.mean(space.uniform(1))).isBetween(-0.5, 0.5);
    // Of what it was told it is surer than of what is far from all that.
    ScoreModel.Expected known = model.expected(told.get(0).architecture());
    assertThat(known.mean()).isCloseTo(model.normalScore(0), within(0.5));
    assertThat(known.deviation()).isLessThan(model.expected(space.uniform(2)).deviation());
    // Draws follow what is expected: means of 2,000 are within 4 standard errors.
    double[] drawn = DoubleStream.generate(() -> known.drawn(random)).limit(2_000).toArray();
    assertThat(StatUtils.mean(drawn))
        .isCloseTo(known.mean(), within(4 * known.deviation() / Math.sqrt(2_000)));
    assertThat(Math.sqrt(StatUtils.variance(drawn)) / known.deviation())
        .isCloseTo(1, within(4 / Math.sqrt(2 * 2_000)));
  }

  @Test
  void normalScoresAreThoseOfRanks() {
    assertThat(ScoreModel.normalScores(new double[] {5, -1e9, 7}))
        .containsExactly(new double[] {0, -0.8697, 0.8697}, within(1e-3));
    assertThat(ScoreModel.normalScores(new double[] {1, 1})).containsExactly(0, 0);
  }

  @Test
  void architecturesAreSimilarByPicksAndByKinds() {
    Similarity similarity = new Similarity(SPACE);
    Similarity.Encoded a = similarity.encode(SPACE.architecture(0, 1, 2, 3, 0, 0));
    Similarity.Encoded swapped = similarity.encode(SPACE.architecture(1, 0, 2, 3, 0, 0));
    Similarity.Encoded other = similarity.encode(SPACE.architecture(0, 1, 2, 3, 0, 3));
    assertThat(similarity.of(a, a, 0.5)).isEqualTo(1);
    assertThat(similarity.of(a, swapped, 0.5)).isEqualTo(0.5 * (Math.exp(-2 / 3.0) + 1));
    assertThat(similarity.of(a, other, 0.5))
        .isEqualTo(0.5 * (Math.exp(-1 / 3.0) + Math.exp(-0.5 / 3)));
  }

  /** Generations of 8: 4 mutations, 2 crossovers, 2 random ones. */
  @Test
  void evolutionOfGenerationsBreedsFromTheBestOfAll() {
    Strategy evolution =
        EvolutionSearch.builder(Toy.sums())
            .crossovers(2)
            .population(8)
            .parents(2)
            .mutationRate(0.3)
            .build()
            .strategy(SPACE, admission(SPACE));
    RandomGenerator random = new SplittableRandom(5);
    List<Scored> all = new ArrayList<>();
    double changed = 0;
    int mutated = 0;
    List<Architecture> parents = List.of();
    for (int number = 1; number <= 800; number++) {
      int place = (number - 1) % 8;
      if (place == 0 && number > 1) {
        parents =
            all.stream()
                .sorted((a, b) -> Double.compare(b.score(), a.score()))
                .limit(2)
                .map(Scored::architecture)
                .toList();
      }
      Architecture proposed = evolution.propose(number, random);
      if (number > 8 && place < 4) {
        changed += Math.min(distance(parents.get(0), proposed), distance(parents.get(1), proposed));
        mutated++;
      } else if (number > 8 && place < 6) {
        Architecture one = parents.get(0);
        Architecture other = parents.get(1);
        assertThat(IntStream.range(0, 6))
            .allMatch(l -> proposed.pick(l) == one.pick(l) || proposed.pick(l) == other.pick(l));
      }
      Scored scored = new Scored(proposed, random.nextDouble(), number);
      all.add(scored);
      evolution.tell(scored);
    }
    // Each of 6 choices is drawn anew with 0.3, and differs then with 3 / 4: 1.35 in the mean; a
    // bit
    // less, as the nearer parent counts.
    assertThat(changed / mutated).isBetween(1.1, 1.45);
  }

  @Test
  void evolutionFindsTheBestWithinABound() {
    Toy space = Toy.of(12, 5);
    ScoreResult found =
        EvolutionSearch.builder(Toy.sums())
            .stop(StopRule.evaluations(1_000))
            .build()
            .search(space, Constraint.atMost(31, space.latency()));
    assertThat(found.score()).isEqualTo(30);
    assertThat(found.settings())
        .containsEntry("searcher", "evolution")
        .containsEntry("population", "50")
        .containsEntry("parents", "10")
        .containsEntry("mutations", "25")
        .containsEntry("crossovers", "25")
        .containsEntry("mutation rate", "0.1");
    ScoreResult free =
        EvolutionSearch.builder(Toy.sums())
            .stop(StopRule.evaluations(1_500))
            .build()
            .search(Toy.of(12, 3));
    assertThat(free.score()).isEqualTo(24);
  }

  @Test
  void evolutionBeginsAroundWhatItIsGiven() {
    Architecture start = SPACE.uniform(1);
    EvolutionSearch search =
        EvolutionSearch.builder(Toy.sums()).population(8).mutationRate(0.3).start(start).build();
    assertThat(search.own()).containsEntry("start", start.id());
    Strategy evolution = search.strategy(SPACE, admission(SPACE));
    RandomGenerator random = new SplittableRandom(5);
    List<Architecture> first = new ArrayList<>();
    for (int number = 1; number <= 8; number++) {
      first.add(evolution.propose(number, random));
      evolution.tell(new Scored(first.get(number - 1), 1, number));
    }
    assertThat(first.get(0)).isEqualTo(start);
    assertThat(first.subList(1, 8)).anySatisfy(a -> assertThat(a).isNotEqualTo(start));
    // A random one differs in three of four choices, a mutation in a quarter.
    assertThat(first.stream().mapToLong(a -> distance(start, a)).average().orElseThrow())
        .isLessThan(0.35 * SPACE.choices().size());
    ScoreResult found = search.search(SPACE, Constraint.atMost(1e9, SPACE.latency()));
    assertThat(found.improvements().get(0).architecture()).isEqualTo(start);
    assertThat(found.settings()).containsEntry("start", start.id());
    Toy other = Toy.of(2, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search.search(other))
        .withMessageContaining("belongs to space");
  }

  @Test
  void evolutionRefusesNonsense() {
    EvolutionSearch.Builder builder = EvolutionSearch.builder(Toy.sums());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.population(0))
        .withMessage("A population must be of at least 1, but is of 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.parents(0))
        .withMessage("There must be at least 1 parent, but there are 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.mutations(-1))
        .withMessage("The number of mutations must not be -1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.crossovers(-2))
        .withMessage("The number of crossovers must not be -2.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.mutationRate(0))
        .withMessage("The mutation rate must be above 0 and at most 1, but is 0.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.population(10).mutations(8).build())
        .withMessage(
            "Of a population of 10, 8 mutations and 5 crossovers are too many.\n"
                + "Maybe give a larger population.");
  }
}
