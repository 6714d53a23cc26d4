package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

class LogitSearchTest {

  private static final int PASSES = 600;
  private static final double[][] COSTS = {{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}};

  /** Per candidate; the dearest is best in the first two choices, the cheapest in the others. */
  private static final double[][] LOSSES = {
    {0.3, 0.2, 0}, {0.3, 0.2, 0}, {0, 0.1, 0.2}, {0, 0.1, 0.2}
  };

  private static final PlainSpace SPACE = PlainSpace.like(COSTS);
  private static final Predictor TABLE = SPACE.table(COSTS);

  /** The sum over a path's picks, each with noise of half of what there is to tell. */
  private static PathLoss losses(int pass) {
    SplittableRandom random = new SplittableRandom(pass);
    double[][] seen =
        Arrays.stream(LOSSES)
            .map(row -> Arrays.stream(row).map(x -> x + 0.1 * random.nextGaussian()).toArray())
            .toArray(double[][]::new);
    return new PathLoss() {
      @Override
      public double loss(Architecture path) {
        return Arrays.stream(gates(path).picked()).sum();
      }

      @Override
      public Gates gates(Architecture path) {
        double[] picked = new double[seen.length];
        Arrays.setAll(picked, l -> seen[l][path.pick(l)]);
        return new Gates(Arrays.stream(picked).sum(), picked, new double[seen.length]);
      }
    };
  }

  private static LogitSearch run(LogitSearch search) {
    for (int pass = 0; pass < PASSES; pass++) {
      assertThat(search.learn(losses(pass))).isFinite();
    }
    return search;
  }

  /** Costs 1 + 4: exactly what the useful dear candidates cost. */
  private static final Constraint BOUND = Constraint.atMost(5, TABLE);

  @Test
  void findsWhatIsBestAtTheBoundFromPathsAndFromGates() {
    for (Estimator estimator : new Estimator[] {Estimator.PATHS, Estimator.GATES}) {
      for (int seed = 0; seed < 5; seed++) {
        LogitSearch search = run(LogitSearch.robust(BOUND, estimator, PASSES, seed));
        assertThat(search.mostProbable().id()).as("%s", estimator).isEqualTo("k2-k2-k0-k0");
        assertThat(search.entropy()).isLessThan(0.2);
      }
    }
  }

  /** A bound that pulls the other way moves it there: the cost, not the loss, decides. */
  @Test
  void endsNearBoundsThatTheLossDoesNotWant() {
    for (double bound : new double[] {2, 3, 7, 8}) {
      LogitSearch search =
          run(LogitSearch.robust(Constraint.atMost(bound, TABLE), Estimator.GATES, PASSES, 1));
      assertThat(search.pressures().get(0).expected()).isBetween(bound - 0.6, bound + 0.6);
      assertThat(search.pressures().get(0).multiplier() > 0).isEqualTo(bound < 5);
    }
  }

  /** The published rate is slow by design; what it must do is move the right way. */
  @Test
  void thePublishedSearchMovesTowardsTheBound() {
    for (double bound : new double[] {2, 8}) {
      LogitSearch search = run(LogitSearch.faithful(Constraint.atMost(bound, TABLE), PASSES, 1));
      double multiplier = search.pressures().get(0).multiplier();
      assertThat(multiplier > 0).as("%s", bound).isEqualTo(bound < 5);
      assertThat(Math.abs(multiplier)).isBetween(1e-3, 5e-4 * PASSES * 3);
    }
  }

  @Test
  void goesOnWhereAnotherWasBitForBit() {
    for (boolean faithful : new boolean[] {true, false}) {
      LogitSearch whole = begin(faithful);
      LogitSearch first = begin(faithful);
      for (int pass = 0; pass < 40; pass++) {
        whole.learn(losses(pass));
        if (pass == 17) {
          LogitSearch second = begin(faithful);
          second.restore(first.state(), 17);
          first = second;
        }
        first.learn(losses(pass));
      }
      assertThat(first.probabilities()).isDeepEqualTo(whole.probabilities());
      assertThat(first.pressures()).isEqualTo(whole.pressures());
    }
  }

  /** What the record of a state allows, but no search of this space can be in. */
  @Test
  void refusesStatesOfOtherShapes() {
    LogitSearch search = begin(false);
    search.learn(losses(0));
    LogitSearch.State state = search.state();
    double[][] few = Arrays.copyOf(state.logits().alpha(), 1);
    double[][] wide = state.logits().alpha().clone();
    wide[1] = Arrays.copyOf(wide[1], wide[1].length + 1);
    double[][] none = state.logits().alpha().clone();
    none[0] = none[0].clone();
    none[0][0] = Double.NaN;
    double[][] zeros = state.logits().mean();
    refused(state, 2).withMessage("logits learned in 1 passes instead of 2");
    refused(with(state, new Logits.State(few, zeros, zeros, 1)))
        .withMessage("there are 1 rows of logits instead of " + zeros.length);
    refused(with(state, new Logits.State(wide, zeros, zeros, 1)))
        .withMessage(
            "there are " + wide[1].length + " logits in row 2 instead of " + zeros[1].length);
    refused(with(state, new Logits.State(none, zeros, zeros, 1)))
        .withMessage("one of the logits in row 1 is NaN");
    refused(with(state, new Logits.State(zeros, zeros, zeros, -1)))
        .withMessage("logits were updated -1 times");
    double[][] negative = {{-1, 0, 0}, zeros[1], zeros[2], zeros[3]};
    refused(with(state, new Logits.State(zeros, zeros, negative, 1)))
        .withMessage("a square of gradients is -1.0");
    refused(new LogitSearch.State(1, state.logits(), new double[2], state.extra()))
        .withMessage("there are 2 multipliers instead of 1");
    refused(
            new LogitSearch.State(
                1, state.logits(), new double[1], new LogitLearner.Extra(null, false)))
        .withMessage("there are no effects");
  }

  private static LogitSearch.State with(LogitSearch.State state, Logits.State logits) {
    return new LogitSearch.State(state.done(), logits, state.multipliers(), state.extra());
  }

  private static ThrowableAssertAlternative<IllegalArgumentException> refused(
      LogitSearch.State state) {
    return refused(state, state.done());
  }

  private static ThrowableAssertAlternative<IllegalArgumentException> refused(
      LogitSearch.State state, int learned) {
    return assertThatIllegalArgumentException()
        .isThrownBy(() -> begin(false).restore(state, learned));
  }

  private static LogitSearch begin(boolean faithful) {
    return faithful
        ? LogitSearch.faithful(BOUND, PASSES, 3)
        : LogitSearch.robust(BOUND, Estimator.PATHS, PASSES, 3);
  }

  @Test
  void aLossThatIsNotFiniteMovesNothing() {
    LogitSearch search = begin(false);
    search.learn(losses(0));
    double[][] before = search.probabilities();
    PathLoss broken =
        new PathLoss() {
          @Override
          public double loss(Architecture path) {
            return Double.NaN;
          }

          @Override
          public Gates gates(Architecture path) {
            return new Gates(Double.NaN, new double[4], new double[4]);
          }
        };
    assertThat(search.learn(broken)).isNaN();
    assertThat(search.probabilities()).isDeepEqualTo(before);
  }

  @Test
  void refusesNoPassesAndMoreThanItHas() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LogitSearch.robust(BOUND, Estimator.PATHS, 0, 1))
        .withMessage("Logits need at least 1 pass to learn in, but got 0.");
    LogitSearch search = LogitSearch.robust(BOUND, Estimator.PATHS, 1, 1);
    search.learn(losses(0));
    assertThatIllegalStateException()
        .isThrownBy(() -> search.learn(losses(1)))
        .withMessage("All 1 passes of this search are done.");
  }

  @Test
  void projectionsRefuseScoresOfAnotherShape() {
    assertThat(Projections.project(LOSSES, BOUND, 0).id()).isEqualTo("k0-k0-k2-k2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Projections.project(new double[1][3], BOUND, 0))
        .withMessage("There must be a row of scores for each of 4 choices, but there are 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Projections.project(new double[4][2], BOUND, 0))
        .withMessageMatching("Choice '.*' has 3 candidates, but 2 scores\\.");
    double[][] endless = new double[4][3];
    endless[1][2] = Double.NEGATIVE_INFINITY;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Projections.project(endless, BOUND, 0))
        .withMessageMatching(
            "A score of choice '.*' is -Infinity\\.\nMaybe give hopeless candidates a very low"
                + " score\\.");
  }

  @Test
  void nothingIsLearnedFromGradientsThatAreNoNumbers() {
    PathLoss.Gates good = new PathLoss.Gates(1, new double[] {1, 2}, new double[] {3, 4});
    assertThat(good.loss()).isEqualTo(1);
    assertThat(new PathLoss.Gates(1, new double[] {1, Double.NaN}, new double[2]).loss()).isNaN();
    assertThat(
            new PathLoss.Gates(1, new double[2], new double[] {Double.POSITIVE_INFINITY, 0}).loss())
        .isNaN();
  }
}
