package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

class JointProjectionTest {

  private static double[][] rows(SplittableRandom random, int... sizes) {
    return Arrays.stream(sizes)
        .mapToObj(size -> random.doubles(size, 0, 1).toArray())
        .toArray(double[][]::new);
  }

  private static double sum(double[][] rows, Architecture architecture) {
    double sum = 0;
    for (int l = 0; l < rows.length; l++) {
      sum += rows[l][architecture.pick(l)];
    }
    return sum;
  }

  private static double[] bounds(List<Constraint> constraints) {
    return constraints.stream().mapToDouble(Constraint::bound).toArray();
  }

  /** Against all architectures, one by one; bounds from hopeless to loose. */
  @Test
  void findsTheBestOfAllWithinSeveralBounds() {
    SplittableRandom random = new SplittableRandom(1);
    int infeasible = 0;
    for (int trial = 0; trial < 300; trial++) {
      int[] sizes = {3, 2, 4, 1, 3};
      double[][] scores = rows(random, sizes);
      List<double[][]> costs = new ArrayList<>();
      List<Constraint> constraints = new ArrayList<>();
      PlainSpace space = PlainSpace.ofSizes(sizes);
      for (int m = 0; m < 2 + trial % 2; m++) {
        double[][] of = rows(random, sizes);
        costs.add(of);
        Predictor predictor = Predictor.of(space, new Metric("cost" + m, "unit"), a -> sum(of, a));
        constraints.add(Constraint.atMost(random.nextDouble(1.2, 3.2), predictor));
      }
      double best = Double.NEGATIVE_INFINITY;
      for (Architecture architecture : PlainSpace.all(space)) {
        if (constraints.stream().allMatch(c -> c.admits(architecture))) {
          best = Math.max(best, sum(scores, architecture));
        }
      }
      JointProjection projection = new JointProjection(constraints);
      if (best == Double.NEGATIVE_INFINITY) {
        infeasible++;
        assertThatExceptionOfType(InfeasibleConstraintException.class)
            .isThrownBy(projection::requireFeasible);
        continue;
      }
      projection.requireFeasible();
      Projector.Projected found =
          projection.project(scores, new double[costs.size()], bounds(constraints));
      assertThat(constraints).allMatch(c -> c.admits(found.architecture()));
      assertThat(sum(scores, found.architecture())).isEqualTo(best, within(1e-9));
      assertThat(found.gap()).isZero();
    }
    assertThat(infeasible).isBetween(5, 200);
  }

  @Test
  void saysWhatEachBoundAloneCouldHave() {
    PlainSpace space = PlainSpace.ofSizes(2);
    Predictor time = Predictor.of(space, Metric.LATENCY, a -> 1.0 + a.pick(0));
    Predictor macs = Predictor.of(space, Metric.MACS, a -> 20.0 - 10 * a.pick(0));
    List<Constraint> both = List.of(Constraint.atMost(1.5, time), Constraint.atMost(15, macs));
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> new JointProjection(both).requireFeasible())
        .withMessage(
            "No architecture of space 'plain' was found that meets latency <= 1.500 ms and macs <="
                + " 15.000 MAC at once; each alone goes down to 1.000 ms and 10.000 MAC.\n"
                + "Maybe raise one of the bounds.");
  }

  @Test
  void keepsBoundsOfPredictorsThatAreNotAdditive() {
    PlainSpace space = PlainSpace.ofSizes(3, 3, 3, 3);
    Predictor most =
        Predictor.of(
            space,
            new Metric("peak", "unit"),
            a -> 1 + Arrays.stream(a.picks()).max().orElseThrow() * (1 + 0.1 * a.pick(0)));
    Predictor sum = Predictor.of(space, Metric.LATENCY, a -> 1 + Arrays.stream(a.picks()).sum());
    List<Constraint> both = List.of(Constraint.atMost(2.15, most), Constraint.atMost(4, sum));
    SplittableRandom random = new SplittableRandom(3);
    for (int trial = 0; trial < 50; trial++) {
      double[][] scores = rows(random, 3, 3, 3, 3);
      Projector.Projected found =
          new JointProjection(both).project(scores, new double[2], bounds(both));
      assertThat(both).allMatch(c -> c.admits(found.architecture()));
      // Nothing is proved where predictions do not add up, unless the bounds do not matter.
      boolean free = both.stream().allMatch(c -> c.admits(Logits.best(space, scores)));
      assertThat(Double.isNaN(found.gap())).isEqualTo(!free);
    }
  }

  @Test
  void aSingleProjectionProvesNothingWherePredictionsDoNotAddUp() {
    PlainSpace space = PlainSpace.ofSizes(2, 2);
    Predictor product =
        Predictor.of(space, Metric.LATENCY, a -> (1 + a.pick(0)) * (1.0 + a.pick(1)));
    double[][] scores = {{0, 2}, {0, 1}};
    Projector.Projected found =
        new Projection(Constraint.atMost(3, product))
            .project(scores, new double[1], new double[] {3});
    assertThat(found.architecture().id()).isEqualTo("k1-k0");
    assertThat(found.gap()).isNaN();
  }

  /** Cut short, it still says how much better the best may be. */
  @Test
  void theGapBoundsWhatIsMissing() {
    SplittableRandom random = new SplittableRandom(5);
    int open = 0;
    for (int trial = 0; trial < 100; trial++) {
      int[] sizes = new int[8];
      Arrays.fill(sizes, 3);
      double[][] scores = rows(random, sizes);
      double[][][] costs = {rows(random, sizes), rows(random, sizes)};
      double[] rooms = {3.2, 3.4};
      BranchAndBound.Solution exact = BranchAndBound.solve(scores, costs, rooms, 10_000_000);
      BranchAndBound.Solution cut = BranchAndBound.solve(scores, costs, rooms, 12);
      if (exact == null || cut == null) {
        continue;
      }
      assertThat(exact.gap()).isZero();
      double missing = total(scores, exact.picks()) - total(scores, cut.picks());
      assertThat(missing).isBetween(-1e-9, cut.gap() + 1e-9);
      open += cut.gap() > 0 ? 1 : 0;
    }
    assertThat(open).isPositive();
  }

  private static double total(double[][] scores, int[] picks) {
    double sum = 0;
    for (int l = 0; l < picks.length; l++) {
      sum += scores[l][picks[l]];
    }
    return sum;
  }
}
