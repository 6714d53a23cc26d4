package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.uma.jmetal.algorithm.multiobjective.nsgaii.NSGAIIBuilder;
import org.uma.jmetal.operator.crossover.impl.UniformCrossover;
import org.uma.jmetal.operator.mutation.impl.BitFlipMutation;
import org.uma.jmetal.problem.binaryproblem.impl.AbstractBinaryProblem;
import org.uma.jmetal.problem.integerproblem.impl.FakeIntegerProblem;
import org.uma.jmetal.qualityindicator.impl.hypervolume.impl.WFGHypervolume;
import org.uma.jmetal.solution.binarysolution.BinarySolution;
import org.uma.jmetal.solution.integersolution.IntegerSolution;
import org.uma.jmetal.util.densityestimator.impl.CrowdingDistanceDensityEstimator;
import org.uma.jmetal.util.pseudorandom.JMetalRandom;
import org.uma.jmetal.util.ranking.Ranking;
import org.uma.jmetal.util.ranking.impl.FastNonDominatedSortRanking;

/** The parts of NSGA-II and its whole, against those of jMetal. */
class PublishedNsga2Test {

  /** Of sums and products in another order. */
  private static final double ROUNDING = 1e-9;

  private static final RandomGenerator RANDOM = new SplittableRandom(20020401);

  private static List<double[]> points(int n, int objectives, DoubleSupplier draw) {
    return IntStream.range(0, n)
        .mapToObj(i -> DoubleStream.generate(draw).limit(objectives).toArray())
        .toList();
  }

  private static List<IntegerSolution> solutions(List<double[]> points) {
    FakeIntegerProblem problem = new FakeIntegerProblem(1, points.get(0).length, 0);
    List<IntegerSolution> solutions = new ArrayList<>();
    for (double[] point : points) {
      IntegerSolution solution = problem.createSolution();
      System.arraycopy(point, 0, solution.objectives(), 0, point.length);
      solutions.add(solution);
    }
    return solutions;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void sortsAsPublished(int objectives) {
    for (int trial = 0; trial < 40; trial++) {
      // Few values, so that many are equal in one objective or in all.
      int values = trial % 2 == 0 ? 4 : 1000;
      List<double[]> points =
          points(1 + RANDOM.nextInt(60), objectives, () -> RANDOM.nextInt(values));
      List<IntegerSolution> solutions = solutions(points);
      Ranking<IntegerSolution> published =
          new FastNonDominatedSortRanking<IntegerSolution>().compute(solutions);
      List<List<Integer>> fronts = Dominance.fronts(points);
      assertThat(fronts).hasSize(published.getNumberOfSubFronts());
      for (int rank = 0; rank < fronts.size(); rank++) {
        int now = rank;
        assertThat(fronts.get(rank))
            .containsExactlyElementsOf(
                IntStream.range(0, points.size())
                    .filter(i -> published.getRank(solutions.get(i)) == now)
                    .boxed()
                    .toList());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void measuresCrowdingAsPublished(int objectives) {
    for (int trial = 0; trial < 40; trial++) {
      // jMetal leaves more than two of one value in the order of the objective before; without ties
      // there is one answer.
      List<double[]> points = points(3 + RANDOM.nextInt(60), objectives, RANDOM::nextDouble);
      List<IntegerSolution> solutions = solutions(points);
      CrowdingDistanceDensityEstimator<IntegerSolution> published =
          new CrowdingDistanceDensityEstimator<>();
      published.compute(new ArrayList<>(solutions));
      double[] crowding = Dominance.crowding(points);
      for (int i = 0; i < crowding.length; i++) {
        double expected = published.value(solutions.get(i));
        if (Double.isInfinite(expected)) {
          assertThat(crowding[i]).isEqualTo(expected);
        } else {
          assertThat(crowding[i]).isCloseTo(expected, within(ROUNDING));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void measuresHypervolumeAsPublished(int objectives) {
    double[] reference = DoubleStream.generate(() -> 1).limit(objectives).toArray();
    for (int trial = 0; trial < 20; trial++) {
      List<double[]> points = points(1 + RANDOM.nextInt(25), objectives, RANDOM::nextDouble);
      List<double[]> front = Dominance.fronts(points).get(0).stream().map(points::get).toList();
      double published = new WFGHypervolume(reference).compute(front.toArray(double[][]::new));
      assertThat(Dominance.hypervolume(points, reference)).isCloseTo(published, within(ROUNDING));
    }
  }

  // Leading ones against trailing zeros: of n bits, the front is 1..10..0, n + 1 points.

  private static final int BITS = 14;
  private static final Toy SPACE = Toy.of(BITS, 2);
  private static final double[] REFERENCE = {1, BITS + 1};

  private static int leading(IntStream bits, int value) {
    return (int) bits.takeWhile(bit -> bit == value).count();
  }

  private static double leadingOnes(Architecture a) {
    return leading(IntStream.of(a.picks()), 1);
  }

  private static double noTrailingZeros(Architecture a) {
    return BITS - leading(IntStream.range(0, BITS).map(l -> a.pick(BITS - 1 - l)), 0);
  }

  private static final Predictor COST =
      Predictor.of(SPACE, Metric.ENERGY, PublishedNsga2Test::noTrailingZeros);

  private static ParetoFront ours(long seed, int evaluations, boolean keepDuplicates) {
    return ParetoSearch.builder(Evaluator.of("ones", PublishedNsga2Test::leadingOnes), COST)
        .population(20)
        .keepDuplicates(keepDuplicates)
        .stop(StopRule.evaluations(evaluations))
        .seed(seed)
        .build()
        .search(SPACE)
        .front();
  }

  /** Bits to architectures; notes what was asked. */
  private static final class Bits extends AbstractBinaryProblem {

    private static final long serialVersionUID = 1;

    final transient List<double[]> asked = new ArrayList<>();

    @Override
    public List<Integer> numberOfBitsPerVariable() {
      return List.of(BITS);
    }

    @Override
    public int numberOfVariables() {
      return 1;
    }

    @Override
    public int numberOfObjectives() {
      return 2;
    }

    @Override
    public int numberOfConstraints() {
      return 0;
    }

    @Override
    public String name() {
      return "bits";
    }

    @Override
    public BinarySolution evaluate(BinarySolution solution) {
      Architecture architecture =
          SPACE.architecture(
              IntStream.range(0, BITS)
                  .map(l -> solution.variables().get(0).get(l) ? 1 : 0)
                  .toArray());
      solution.objectives()[0] = -leadingOnes(architecture);
      solution.objectives()[1] = noTrailingZeros(architecture);
      asked.add(solution.objectives().clone());
      return solution;
    }
  }

  private static double published(long seed, int evaluations) {
    JMetalRandom.getInstance().setSeed(seed);
    Bits bits = new Bits();
    new NSGAIIBuilder<>(bits, new UniformCrossover<>(0.9), new BitFlipMutation<>(1.0 / BITS), 20)
        .setMaxEvaluations(evaluations)
        .build()
        .run();
    assertThat(bits.asked).hasSize(evaluations);
    return Dominance.hypervolume(bits.asked, REFERENCE);
  }

  private static double error(double[] values) {
    return StatUtils.variance(values) / values.length;
  }

  @Test
  @Tag("slow")
  void searchesAsWellAsThePublishedOneAndBetterWithoutDuplicates() {
    double[] others = new double[40];
    double[] kept = new double[40];
    double[] refused = new double[40];
    for (int seed = 0; seed < others.length; seed++) {
      others[seed] = published(seed, 600);
      kept[seed] = ours(seed, 600, true).hypervolume(-1, BITS + 1);
      refused[seed] = ours(seed, 600, false).hypervolume(-1, BITS + 1);
    }
    double difference = StatUtils.mean(kept) - StatUtils.mean(others);
    // Three standard errors of the difference: by chance once in 370.
    assertThat(Math.abs(difference)).isLessThan(3 * Math.sqrt(error(others) + error(kept)));
    assertThat(StatUtils.mean(refused)).isGreaterThan(StatUtils.mean(others));
  }

  @Test
  void findsTheWholeFrontWhereItIsKnown() {
    ParetoFront front = ours(1, 3_000, false);
    assertThat(front.points()).hasSize(BITS + 1);
    for (int i = 0; i <= BITS; i++) {
      ParetoFront.Point point = front.points().get(i);
      assertThat(point.scored().score()).isEqualTo(BITS - i);
      assertThat(point.costs()).containsExactly((double) (BITS - i));
    }
    // Columns of width 1, as high as the least cost of each score lets them be.
    double whole = IntStream.rangeClosed(0, BITS).map(i -> BITS + 1 - i).sum();
    assertThat(front.hypervolume(-1, BITS + 1)).isEqualTo(whole);
  }
}
