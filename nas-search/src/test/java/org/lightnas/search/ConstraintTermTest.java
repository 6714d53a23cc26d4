package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;

class ConstraintTermTest {

  private static final double RHO = 5;
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

  private static ConstraintTerm.Expectation expect(ConstraintTerm term, double[][] p) {
    return term.expect(p, Logits.best(SPACE, p));
  }

  @Test
  void expectsWhatAllArchitecturesTogetherExpect() {
    ConstraintTerm term = new ConstraintTerm(Constraint.atMost(4, TABLE), Dynamics.robust(10), true);
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
  void itsGradientIsThatOfTheLinearAndTheQuadraticTerm() {
    for (boolean aim : new boolean[] {true, false}) {
      for (int seed = 0; seed < 20; seed++) {
        double bound = 2 + 0.4 * seed; // below and above what is expected
        ConstraintTerm term = new ConstraintTerm(Constraint.atMost(bound, TABLE), Dynamics.robust(25), aim);
        double[][] alpha = alpha(seed);
        double[][] p = softmax(alpha);
        for (int i = 0; i < 3; i++) {
          term.ascend(expect(term, p).value());
        }
        double[][] gradient = Logits.zeros(SPACE);
        gradient[0][0] = 100; // is added to
        term.addGradient(gradient, p, expect(term, p));
        gradient[0][0] -= 100;
        double h = 1e-5;
        for (int l = 0; l < alpha.length; l++) {
          for (int k = 0; k < alpha[l].length; k++) {
            double middle = alpha[l][k];
            alpha[l][k] = middle + h;
            double up = objective(term.multiplier(), expectation(softmax(alpha)) / bound, aim);
            alpha[l][k] = middle - h;
            double down = objective(term.multiplier(), expectation(softmax(alpha)) / bound, aim);
            alpha[l][k] = middle;
            assertThat(gradient[l][k]).isEqualTo((up - down) / (2 * h), within(1e-5));
          }
        }
      }
    }
  }

  private static double objective(double multiplier, double share, boolean aim) {
    double excess = share - 1;
    double punished = aim ? excess : Math.max(0, excess);
    return multiplier * excess + RHO / 2 * punished * punished;
  }

  @Test
  void theMultiplierRisesAboveTheBoundAndFallsBelow() {
    double[][] p = softmax(Logits.zeros(SPACE));
    double expected = expectation(p);
    ConstraintTerm above = new ConstraintTerm(Constraint.atMost(expected / 2, TABLE), Dynamics.robust(10), true);
    above.ascend(expect(above, p).value());
    assertThat(above.multiplier()).isEqualTo(5, within(1e-9)); // 50 in 10 steps at twice the bound
    ConstraintTerm below = new ConstraintTerm(Constraint.atMost(2 * expected, TABLE), Dynamics.robust(10), true);
    below.ascend(expect(below, p).value());
    assertThat(below.multiplier()).isEqualTo(-2.5, within(1e-9));
  }

  @Test
  void withoutAnAimTheMultiplierStaysAtZeroOrAboveAndNothingPushesUp() {
    double[][] p = softmax(Logits.zeros(SPACE));
    ConstraintTerm term = new ConstraintTerm(Constraint.atMost(100, TABLE), Dynamics.robust(10), false);
    term.ascend(expect(term, p).value());
    assertThat(term.multiplier()).isZero();
    double[][] gradient = Logits.zeros(SPACE);
    term.addGradient(gradient, p, expect(term, p));
    for (double[] row : gradient) {
      assertThat(row).containsOnly(0);
    }
  }

  /** Averages are over single swaps; with interactions that is an estimate, and must stay one. */
  @Test
  void withAPredictorThatIsNotAdditiveItIsExactOnceDecided() {
    Predictor predictor =
        Predictor.of(
            SPACE, Metric.LATENCY, a -> 1 + a.pick(0) * (1.0 + a.pick(2)) + 0.5 * a.pick(2));
    ConstraintTerm term = new ConstraintTerm(Constraint.atMost(3, predictor), Dynamics.robust(10), true);
    double[][] decided = {{0, 0, 1}, {1}, {0, 1}};
    Architecture mostProbable = SPACE.architecture(2, 0, 1);
    assertThat(term.expect(decided, mostProbable).value())
        .isEqualTo(predictor.predict(mostProbable));
  }

  /** LightNAS: where cost and multiplier disagree, the multiplier begins anew. */
  @Test
  void thePublishedMultiplierIsSetToZeroWhereItPushesTheWrongWay() {
    ConstraintTerm term =
        new ConstraintTerm(Constraint.atMost(4, TABLE), Dynamics.faithful(100), true);
    term.ascend(8);
    assertThat(term.multiplier()).isEqualTo(5e-4, within(1e-12));
    term.ascend(8);
    assertThat(term.multiplier()).isEqualTo(1e-3, within(1e-12));
    term.ascend(3.9); // below the bound, and still pushed down
    assertThat(term.multiplier()).isZero();
    term.ascend(2);
    assertThat(term.multiplier()).isEqualTo(-2.5e-4, within(1e-12));
    term.ascend(4.001);
    assertThat(term.multiplier()).isZero();
  }

  /** {@code lambda / T * d cost / d alpha} of a table whose rows are weighed by the soft draw. */
  @Test
  void thePublishedGradientGoesStraightThroughTheDraw() {
    ConstraintTerm term =
        new ConstraintTerm(Constraint.atMost(4, TABLE), Dynamics.faithful(100), true);
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
}
