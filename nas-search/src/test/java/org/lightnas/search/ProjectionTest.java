package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.NasException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

class ProjectionTest {

  private static final double[][] COSTS = {{0, 2, 4}, {0, 3}};

  /** The dearer, the better. */
  private static final double[][] SCORES = {{0, 1, 2}, {0, 1}};

  private static Architecture project(double[][] scores, double lower, double upper) {
    Predictor table = PlainSpace.like(COSTS).table(COSTS);
    return new Projection(Constraint.atMost(upper, table)).project(scores, lower, upper);
  }

  @Test
  void takesTheBestOfEachChoiceWhereTheBoundAllowsIt() {
    assertThat(project(SCORES, 0, 8).id()).isEqualTo("k2-k1");
    assertThat(project(SCORES, 0, 1000).id()).isEqualTo("k2-k1");
  }

  @Test
  void ignoresABandAboveEverything() {
    double[][] cheapIsBest = {{2, 1, 0}, {1, 0}};
    assertThat(project(cheapIsBest, 900, 1000).id()).isEqualTo("k0-k0");
    assertThat(project(SCORES, 900, 1000).id()).isEqualTo("k2-k1");
  }

  @Test
  void movesAnEmptyBandDownAndTakesTheBestThere() {
    // Predictions: 1 3 5 and, with the second choice's k1, 4 6 8. Nothing lies in [6.5, 7.5].
    double[][] scores = {{0, 9, 5}, {9, 0}};
    assertThat(project(scores, 7, 7.5).id()).isEqualTo("k1-k1"); // 5.5 to 6
    assertThat(project(scores, 6.5, 7.5).id()).isEqualTo("k2-k0"); // 5 to 6, and 5 is better
  }

  @Test
  void fillsTheBandThatIsAskedFor() {
    double[][] cheapIsBest = {{2, 1, 0}, {1, 0}};
    assertThat(project(cheapIsBest, 5.5, 6.5).id()).isEqualTo("k1-k1");
    assertThat(project(cheapIsBest, 0, 6.5).id()).isEqualTo("k0-k0");
  }

  @Test
  void choosesAmongMoreCandidatesThanAByteCounts() {
    double[][] costs = {new double[300], {0, 1}};
    double[][] scores = {new double[300], {0, 0}};
    Arrays.setAll(costs[0], k -> k);
    Arrays.setAll(scores[0], k -> k);
    Predictor table = PlainSpace.like(costs).table(costs);
    Architecture found = new Projection(Constraint.atMost(201, table)).project(scores, 0, 201);
    assertThat(found.id()).isEqualTo("k200-k0");
  }

  @Test
  void refusesABoundBelowEverythingAndSaysWhatCanBeMet() {
    double[][] costs = {{0.2004, 1}, {5, 3}};
    Predictor table = PlainSpace.like(costs).table(new double[][] {{0.2004, 1}, {5, 3}});
    // The cheapest costs 1.
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> new Projection(Constraint.atMost(0.75, table)).requireFeasible())
        .withMessage(
            "No architecture of space 'plain' meets latency <= 0.750 ms: the least predicted is"
                + " 1.000 ms (k0-k1).\nMaybe raise the bound, or offer cheaper candidates.")
        .satisfies(e -> assertThat(e.bound()).isEqualTo(0.75))
        .satisfies(e -> assertThat(e.least()).isEqualTo(1));
  }

  @Test
  void theLeastValueInTheMessageCanBeMet() {
    PlainSpace space = PlainSpace.ofSizes(2);
    Predictor predictor = Predictor.of(space, Metric.MACS, a -> 1_234_567.4 + a.pick(0));
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> new Projection(Constraint.atMost(1e6, predictor)).requireFeasible())
        .withMessageContaining("macs <= 1,000,000 MAC: the least predicted is 1,234,568 MAC (k0)");
    new Projection(Constraint.atMost(1_234_568, predictor)).requireFeasible();
    assertThat(Extremes.cheapest(Constraint.atMost(1, predictor)).id()).isEqualTo("k0");
  }

  @Test
  void projectingBelowEverythingIsRefusedWithTheLimitAsked() {
    Predictor table = PlainSpace.like(COSTS).table(COSTS);
    Projection projection = new Projection(Constraint.atMost(5, table));
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> projection.project(SCORES, 0, 0.5))
        .withMessageContaining("meets latency <= 0.500 ms: the least predicted is 1.000 ms")
        .satisfies(e -> assertThat(e.bound()).isEqualTo(0.5))
        .satisfies(e -> assertThat(e.least()).isEqualTo(1));
  }

  /** All swaps that save alone are taken at once, cost more together: one at a time must do. */
  @Test
  void findsTheCheapestWhereJointSwapsMislead() {
    PlainSpace space = PlainSpace.ofSizes(2, 2);
    Predictor predictor =
        Predictor.of(
            space,
            Metric.LATENCY,
            a -> a.pick(0) == 1 && a.pick(1) == 1 ? 9 : 5 - a.pick(0) - 2 * a.pick(1));
    Architecture cheapest = Extremes.cheapest(Constraint.atMost(3, predictor));
    assertThat(cheapest.id()).isEqualTo("k0-k1");
  }

  @Test
  void mostlyFindsTheBandOfAPredictorThatIsNotAdditive() {
    // What a choice costs depends on the one before it.
    PlainSpace space = PlainSpace.ofSizes(3, 3, 3, 3, 3, 3, 3, 3);
    Predictor predictor =
        Predictor.of(
            space,
            Metric.LATENCY,
            a -> {
              double sum = 1;
              for (int l = 0; l < 8; l++) {
                sum += a.pick(l) * (l > 0 && a.pick(l - 1) == 2 ? 1.3 : 1) + 0.01 * l * a.pick(l);
              }
              return sum;
            });
    SplittableRandom random = new SplittableRandom(7);
    int inBand = 0;
    for (int i = 0; i < 100; i++) {
      double[][] scores = new double[8][3];
      for (double[] row : scores) {
        Arrays.setAll(row, k -> random.nextDouble());
      }
      double upper = random.nextDouble(4, 18);
      Architecture found =
          new Projection(Constraint.atMost(upper, predictor)).project(scores, 0.9 * upper, upper);
      assertThat(predictor.predict(found)).isLessThanOrEqualTo(upper);
      inBand += predictor.predict(found) >= 0.9 * upper ? 1 : 0;
    }
    assertThat(inBand).isGreaterThanOrEqualTo(85);
  }

  @Test
  void namesThePredictorAndTheArchitectureOfANan() {
    PlainSpace space = PlainSpace.ofSizes(3, 2);
    Predictor predictor =
        Predictor.of(space, Metric.LATENCY, a -> a.pick(0) == 2 ? Double.NaN : 1 + a.pick(1));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> new Projection(Constraint.atMost(5, predictor)).requireFeasible())
        .withMessage(
            "The latency predictor of space 'plain' predicts NaN ms for architecture k2-k0.\n"
                + "Maybe fit it on architectures like this one.");
  }

  @Test
  void namesThePredictorWhoseSensitivityIsBroken() {
    PlainSpace space = PlainSpace.ofSizes(2, 2);
    Predictor sound = Predictor.of(space, Metric.LATENCY, a -> 1);
    Predictor broken =
        new Predictor() {
          @Override
          public Metric metric() {
            return Metric.LATENCY;
          }

          @Override
          public PlainSpace space() {
            return space;
          }

          @Override
          public double predict(Architecture architecture) {
            return sound.predict(architecture);
          }

          @Override
          public double[][] sensitivity(Architecture architecture) {
            return new double[][] {{0, 0}, {0, Double.POSITIVE_INFINITY}};
          }

          @Override
          public String toString() {
            return "broken predictor";
          }
        };
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> Constraint.atMost(1, broken).sensitivity(space.uniform(0)))
        .withMessage(
            "The broken predictor says that a swap from k0-k0 to k0-k1 changes latency by Infinity"
                + " ms.\nMaybe its sensitivity() does not agree with its predict().");
  }
}
