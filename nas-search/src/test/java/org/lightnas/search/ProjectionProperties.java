package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

/** The projection against looking at every architecture. */
class ProjectionProperties {

  private static final double NOISE = 1e-9;

  private enum Costs {
    REAL,
    WHOLE,
    EQUAL,
    ONE_GIANT
  }

  private record Problem(double[][] costs, double[][] scores) {

    PlainSpace space() {
      return PlainSpace.like(costs);
    }

    double score(Architecture architecture) {
      return PlainSpace.score(scores, architecture);
    }

    @Override
    public String toString() {
      return Arrays.deepToString(costs) + " " + Arrays.deepToString(scores);
    }
  }

  /** Up to 5 choices of up to 4 candidates. */
  @Provide
  Arbitrary<Problem> problems() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 4).array(int[].class).ofMinSize(1).ofMaxSize(5),
            Arbitraries.of(Costs.class),
            Arbitraries.longs())
        .as(ProjectionProperties::problem)
        .withoutEdgeCases();
  }

  private static Problem problem(int[] sizes, Costs kind, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] costs = new double[sizes.length][];
    double[][] scores = new double[sizes.length][];
    for (int l = 0; l < sizes.length; l++) {
      costs[l] = new double[sizes[l]];
      scores[l] = new double[sizes[l]];
      for (int k = 0; k < sizes[l]; k++) {
        costs[l][k] =
            switch (kind) {
              case REAL -> random.nextDouble(-1, 2);
              case WHOLE -> random.nextInt(-2, 6);
              case EQUAL -> 0.25;
              case ONE_GIANT -> l == 0 && k == 0 ? 1000 : random.nextDouble();
            };
        scores[l][k] = -random.nextDouble(5);
      }
    }
    return new Problem(costs, scores);
  }

  private static double best(
      List<Architecture> all, Problem problem, Predictor predictor, double lower, double upper) {
    ToDoubleFunction<Architecture> cost = predictor::predict;
    return all.stream()
        .filter(a -> cost.applyAsDouble(a) >= lower && cost.applyAsDouble(a) <= upper)
        .mapToDouble(problem::score)
        .max()
        .orElse(Double.NEGATIVE_INFINITY);
  }

  private static double largest(List<Architecture> all, Predictor predictor, double upper) {
    return all.stream()
        .mapToDouble(predictor::predict)
        .filter(cost -> cost <= upper)
        .max()
        .orElseThrow();
  }

  /**
   * The bins can lose what is within L bins of a limit, as {@link Knapsack} says: the result is at
   * least as good as the best of the band without those.
   */
  @Property(tries = 1000)
  @Tag("slow")
  void findsTheBestOfTheBand(
      @ForAll("problems") Problem problem,
      @ForAll @DoubleRange(max = 1.3) double upperShare,
      @ForAll @DoubleRange(max = 0.5) double bandShare) {
    PlainSpace space = problem.space();
    Predictor table = space.table(problem.costs());
    List<Architecture> all = PlainSpace.all(space);
    double most = largest(all, table, Double.POSITIVE_INFINITY);
    double least = all.stream().mapToDouble(table::predict).min().orElseThrow();
    double upper = least + upperShare * Math.max(0.5, most - least);
    double lower = upper - bandShare * (upper - least);
    double slack = space.choices().size() * (upper - least) / Knapsack.BINS + NOISE;

    Architecture found =
        new Projection(Constraint.atMost(upper, table)).project(problem.scores(), lower, upper);

    double predicted = table.predict(found);
    double score = problem.score(found);
    assertThat(predicted).isLessThanOrEqualTo(upper);
    double within = best(all, problem, table, lower + slack, upper - slack);
    if (lower > most + NOISE) {
      assertThat(score).isEqualTo(best(all, problem, table, 0, most));
    } else if (within > Double.NEGATIVE_INFINITY) {
      assertThat(predicted).isGreaterThanOrEqualTo(lower - NOISE);
      assertThat(score)
          .isGreaterThanOrEqualTo(within - NOISE)
          .isLessThanOrEqualTo(best(all, problem, table, lower - NOISE, upper) + NOISE);
    } else if (best(all, problem, table, lower - slack, upper) == Double.NEGATIVE_INFINITY) {
      double top = largest(all, table, upper);
      double moved = top - (upper - lower);
      assertThat(predicted).isGreaterThanOrEqualTo(moved - slack);
      assertThat(score)
          .isGreaterThanOrEqualTo(best(all, problem, table, moved + slack, top - slack) - NOISE);
    }
  }

  /** Whole costs: no two sums share a bin, so nothing may be lost. */
  @Property(tries = 500)
  @Tag("slow")
  void isExactWhereNoTwoSumsShareABin(
      @ForAll("wholeProblems") Problem problem, @ForAll @IntRange(max = 25) int room) {
    PlainSpace space = problem.space();
    Predictor table = space.table(problem.costs());
    List<Architecture> all = PlainSpace.all(space);
    double upper = 1 + room;
    for (double lower : new double[] {0, upper - 1, upper}) {
      double expected = best(all, problem, table, lower, upper);
      Architecture found =
          new Projection(Constraint.atMost(upper, table)).project(problem.scores(), lower, upper);
      assertThat(table.predict(found)).isLessThanOrEqualTo(upper);
      if (lower > largest(all, table, Double.POSITIVE_INFINITY)) {
        assertThat(problem.score(found)).isEqualTo(best(all, problem, table, 0, upper));
      } else if (expected > Double.NEGATIVE_INFINITY) {
        assertThat(problem.score(found)).isEqualTo(expected, within(NOISE));
        assertThat(table.predict(found)).isGreaterThanOrEqualTo(lower);
      }
    }
  }

  @Provide
  Arbitrary<Problem> wholeProblems() {
    return Combinators.combine(
            Arbitraries.integers().between(1, 4).array(int[].class).ofMinSize(2).ofMaxSize(5),
            Arbitraries.longs())
        .as((sizes, seed) -> problem(sizes, Costs.WHOLE, seed))
        .withoutEdgeCases();
  }

  /** Sums of tenths are not what their terms say: the noise must not end in a greedy descent. */
  @Property(tries = 300)
  void takesWhatCostsExactlyTheBound(@ForAll("wholeProblems") Problem problem) {
    PlainSpace space = problem.space();
    double[][] tenths = problem.costs();
    for (double[] row : tenths) {
      Arrays.setAll(row, k -> row[k] / 10);
    }
    Predictor table = space.table(tenths);
    List<Architecture> all = PlainSpace.all(space);
    for (Architecture target : all.subList(0, Math.min(5, all.size()))) {
      double upper = table.predict(target);
      Architecture found =
          new Projection(Constraint.atMost(upper, table)).project(problem.scores(), 0, upper);
      assertThat(table.predict(found)).isLessThanOrEqualTo(upper);
      assertThat(problem.score(found))
          .isGreaterThanOrEqualTo(best(all, problem, table, 0, upper - NOISE) - NOISE);
    }
  }

  @Property(tries = 300)
  void knowsTheCheapestAndTheCostliestOfATable(@ForAll("problems") Problem problem) {
    PlainSpace space = problem.space();
    Predictor table = space.table(problem.costs());
    Constraint constraint = Constraint.atMost(1, table);
    List<Architecture> all = PlainSpace.all(space);
    assertThat(table.predict(Extremes.cheapest(constraint)))
        .isEqualTo(all.stream().mapToDouble(table::predict).min().orElseThrow(), within(NOISE));
    assertThat(table.predict(Extremes.costliest(constraint)))
        .isEqualTo(largest(all, table, Double.POSITIVE_INFINITY), within(NOISE));
  }

  /** Neighbouring choices interact, up to the size of what single picks cost. */
  private static Predictor interacting(Problem problem, long seed) {
    PlainSpace space = problem.space();
    Predictor table = space.table(problem.costs());
    return Predictor.of(
        space,
        Metric.LATENCY,
        a -> {
          double sum = table.predict(a) + 10;
          for (int l = 1; l < a.picks().length; l++) {
            long pair = seed * 31 + l * 100L + a.pick(l - 1) * 10L + a.pick(l);
            sum += new SplittableRandom(pair).nextDouble(-1, 1);
          }
          return sum;
        });
  }

  @Property(tries = 500)
  @Tag("slow")
  void neverExceedsTheBoundOfAPredictorThatIsNotAdditive(
      @ForAll("problems") Problem problem,
      @ForAll long seed,
      @ForAll @DoubleRange(max = 1.1) double share) {
    Predictor predictor = interacting(problem, seed);
    List<Architecture> all = PlainSpace.all(problem.space());
    double least = all.stream().mapToDouble(predictor::predict).min().orElseThrow();
    double most = largest(all, predictor, Double.POSITIVE_INFINITY);
    double upper = least + share * (most - least);
    try {
      Architecture found =
          new Projection(Constraint.atMost(upper, predictor))
              .project(problem.scores(), 0.97 * upper, upper);
      assertThat(predictor.predict(found)).isLessThanOrEqualTo(upper);
    } catch (InfeasibleConstraintException e) {
      assertThat(e.least()).isGreaterThan(upper);
    }
  }
}
