package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lightnas.NasException;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

class ConstraintTermTest {

  private static final double[][] COSTS = {{0, 2, 5}, {1}, {0.5, 3}};
  private static final PlainSpace SPACE = PlainSpace.like(COSTS);
  private static final Predictor TABLE = SPACE.table(COSTS);

  private static double[][] softmax(double[][] alpha) {
    double[][] p = new double[alpha.length][];
    for (int l = 0; l < p.length; l++) {
      p[l] = alpha[l].clone();
      double sum = 0;
      for (int k = 0; k < p[l].length; k++) {
        p[l][k] = Math.exp(alpha[l][k]);
        sum += p[l][k];
      }
      for (int k = 0; k < p[l].length; k++) {
        p[l][k] /= sum;
      }
    }
    return p;
  }

  private static double[][] alpha(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] alpha = Logits.zeros(SPACE);
    for (double[] row : alpha) {
      for (int k = 0; k < row.length; k++) {
        row[k] = random.nextDouble(-2, 2);
      }
    }
    return alpha;
  }

  private static double expectation(double[][] p) {
    double sum = 0;
    for (Architecture architecture : PlainSpace.all(SPACE)) {
      double probability = 1;
      for (int l = 0; l < p.length; l++) {
        probability *= p[l][architecture.pick(l)];
      }
      sum += probability * TABLE.predict(architecture);
    }
    return sum;
  }

  private static ConstraintTerm term(double bound, boolean aim) {
    return new ConstraintTerm(Constraint.atMost(bound, TABLE), aim);
  }

  private static ConstraintTerm.Expectation expect(ConstraintTerm term, double[][] p) {
    return term.expect(p, Logits.best(SPACE, p));
  }

  @Test
  void expectsWhatAllArchitecturesTogetherExpect() {
    ConstraintTerm term = term(4, true);
    for (int seed = 0; seed < 50; seed++) {
      double[][] p = softmax(alpha(seed));
      double expected = expectation(p);
      assertThat(expect(term, p).value()).isEqualTo(expected, within(1e-12));
      // Around any architecture, not only the most probable one.
      for (Architecture base : PlainSpace.all(SPACE)) {
        assertThat(term.expect(p, base).value()).isEqualTo(expected, within(1e-12));
      }
    }
  }

  @Test
  void itsVarianceIsThatOverAllArchitectures() {
    ConstraintTerm term = term(4, true);
    for (int seed = 0; seed < 20; seed++) {
      double[][] p = softmax(alpha(seed));
      double mean = expectation(p);
      double variance = 0;
      for (Architecture architecture : PlainSpace.all(SPACE)) {
        double probability = 1;
        for (int l = 0; l < p.length; l++) {
          probability *= p[l][architecture.pick(l)];
        }
        variance += probability * Math.pow((TABLE.predict(architecture) - mean) / 4, 2);
      }
      assertThat(term.variance(p, expect(term, p))).isEqualTo(variance, within(1e-12));
    }
  }

  @Test
  void addsItsMultiplierTimesWhatEachCandidateCosts() {
    ConstraintTerm term = term(4, true);
    term.restore(0.8);
    double[][] p = softmax(Logits.zeros(SPACE));
    double[][] total = {{1, 1, 1}, {1}, {1, 1}};
    term.addCost(total, term.expect(p, SPACE.uniform(0)));
    assertThat(total[0]).containsExactly(new double[] {1, 1.4, 2}, within(1e-12));
    assertThat(total[2]).containsExactly(new double[] {1, 1.5}, within(1e-12));
  }

  /** Ascends until nothing changes: then the expected cost is the bound, at any temperature. */
  @Test
  void theMultiplierEndsWhereTheExpectedCostIsTheBound() {
    for (double temperature : new double[] {0.05, 0.3, 3}) {
      for (double bound : new double[] {3, 4.5, 6, 8}) {
        ConstraintTerm term = term(bound, true);
        double[][] effects = {{0, -0.2, -0.3}, {0}, {0.1, 0}};
        double expected = Double.NaN;
        for (int i = 0; i < 500; i++) {
          double[][] total = {effects[0].clone(), {0}, effects[2].clone()};
          term.addCost(total, term.expect(softmax(Logits.zeros(SPACE)), SPACE.uniform(0)));
          for (double[] row : total) {
            for (int k = 0; k < row.length; k++) {
              row[k] /= -temperature;
            }
          }
          double[][] p = softmax(total);
          ConstraintTerm.Expectation cost = expect(term, p);
          expected = cost.value();
          term.ascend(p, cost, temperature);
        }
        assertThat(expected).isEqualTo(bound, within(1e-6 * bound));
      }
    }
  }

  /** Far from the bound and nearly decided, a step stays small: half a nat at the widest choice. */
  @Test
  void noStepMovesALogitByMoreThanHalfANat() {
    ConstraintTerm term = term(4, true);
    double[][] decided = {{1, 0, 0}, {1}, {1, 0}};
    term.ascend(decided, term.expect(decided, SPACE.uniform(0)), 0.7);
    // The widest choice ranges over 5 ms of 4; the cost is far below.
    assertThat(term.multiplier() * 5 / 4 / 0.7).isEqualTo(-0.5, within(1e-9));
  }

  @Test
  void withoutAnAimTheMultiplierStaysAtZeroOrAbove() {
    ConstraintTerm term = term(100, false);
    double[][] p = softmax(Logits.zeros(SPACE));
    term.ascend(p, expect(term, p), 1);
    assertThat(term.multiplier()).isZero();
  }

  /** Averages are over single swaps; with interactions that is an estimate, and must stay one. */
  @Test
  void withAPredictorThatIsNotAdditiveItIsExactOnceDecided() {
    Predictor predictor =
        Predictor.of(
            SPACE, Metric.LATENCY, a -> 1 + a.pick(0) * (1.0 + a.pick(2)) + 0.5 * a.pick(2));
    ConstraintTerm term = new ConstraintTerm(Constraint.atMost(3, predictor), true);
    double[][] decided = {{0, 0, 1}, {1}, {0, 1}};
    Architecture mostProbable = SPACE.architecture(2, 0, 1);
    assertThat(term.expect(decided, mostProbable).value())
        .isEqualTo(predictor.predict(mostProbable));
  }

  /** LightNAS: where cost and multiplier disagree, the multiplier begins anew. */
  @Test
  void thePublishedMultiplierIsSetToZeroWhereItPushesTheWrongWay() {
    ConstraintTerm term = term(4, true);
    term.ascend(5e-4, 8);
    assertThat(term.multiplier()).isEqualTo(5e-4, within(1e-12));
    term.ascend(5e-4, 8);
    assertThat(term.multiplier()).isEqualTo(1e-3, within(1e-12));
    term.ascend(5e-4, 3.9); // below the bound, and still pushed down
    assertThat(term.multiplier()).isZero();
    term.ascend(5e-4, 2);
    assertThat(term.multiplier()).isEqualTo(-2.5e-4, within(1e-12));
    term.ascend(5e-4, 4.001);
    assertThat(term.multiplier()).isZero();
  }

  /** {@code lambda / T * d cost / d alpha} of a table whose rows are weighed by the soft draw. */
  @Test
  void thePublishedGradientGoesStraightThroughTheDraw() {
    ConstraintTerm term = term(4, true);
    term.restore(0.7);
    double tau = 1.7;
    Logits.Draw draw = new Logits(SPACE).draw(new SplittableRandom(3), tau);
    double[][] gradient = Logits.zeros(SPACE);
    term.addGradient(gradient, draw, tau);
    for (int l = 0; l < COSTS.length; l++) {
      double mean = 0;
      for (int k = 0; k < COSTS[l].length; k++) {
        mean += draw.soft()[l][k] * COSTS[l][k];
      }
      for (int j = 0; j < COSTS[l].length; j++) {
        double expected = 0.7 / 4 * draw.soft()[l][j] * (COSTS[l][j] - mean) / tau;
        assertThat(gradient[l][j]).isEqualTo(expected, within(1e-12));
      }
    }
  }

  @Test
  void aGivenMultiplierNeitherAscendsNorIsClamped() {
    ConstraintTerm term = ConstraintTerm.given(Constraint.atMost(4, TABLE), 0.25);
    double[][] p = softmax(alpha(1));
    term.ascend(10, 100);
    term.ascend(10, 0.1);
    term.ascend(p, expect(term, p), 3);
    assertThat(term.multiplier()).isEqualTo(0.25);
    assertThat(term.isGiven()).isTrue();
    double[][] total = Logits.zeros(SPACE);
    term.addCost(total, term.expect(p, SPACE.uniform(0)));
    assertThat(total[0][2] - total[0][0]).isEqualTo(0.25 * 5 / 4, within(1e-12));
  }

  @Test
  void namesThePredictorWhoseGradientIsBroken() {
    GradientPredictor broken =
        new GradientPredictor() {
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
            return TABLE.predict(architecture);
          }

          @Override
          public double predict(double[][] relaxed) {
            return 1;
          }

          @Override
          public double[][] gradient(double[][] relaxed) {
            double[][] gradient = Logits.zeros(SPACE);
            gradient[1][0] = Double.NaN;
            return gradient;
          }

          @Override
          public String toString() {
            return "broken predictor";
          }
        };
    ConstraintTerm term = ConstraintTerm.given(Constraint.atMost(9, broken), 1);
    Logits.Draw draw = new Logits(SPACE).draw(new SplittableRandom(1), 1);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> term.addGradient(Logits.zeros(SPACE), draw, 1))
        .withMessage(
            "The gradient of the broken predictor holds NaN.\n"
                + "Maybe its gradient() does not agree with its predict().");
  }
}
