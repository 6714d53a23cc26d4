package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LogitsTest {

  private static final PlainSpace SPACE = PlainSpace.ofSizes(4, 1, 2);

  /** The first update of Adam moves every logit against its gradient's sign by the whole rate. */
  private static Logits moved(double[][] directions, double distance) {
    Logits logits = new Logits(SPACE);
    double[][] down =
        Arrays.stream(directions)
            .map(row -> Arrays.stream(row).map(value -> -value).toArray())
            .toArray(double[][]::new);
    logits.update(down, distance, 0);
    return logits;
  }

  @Test
  void startsUndecided() {
    Logits logits = new Logits(SPACE);
    assertThat(logits.entropy()).isEqualTo(1, within(1e-12));
    assertThat(logits.probabilities()[0]).containsExactly(0.25, 0.25, 0.25, 0.25);
    assertThat(logits.probabilities()[1]).containsExactly(1);
    assertThat(logits.logProbabilities()[2]).containsExactly(-Math.log(2), -Math.log(2));
  }

  @Test
  void isDecidedWhereOneLogitIsFarAhead() {
    Logits logits = moved(new double[][] {{1, -1, -1, -1}, {1}, {-1, 1}}, 20);
    assertThat(logits.entropy()).isBetween(0.0, 1e-6);
  }

  @Test
  void hasNothingToDecideWhereEveryChoiceHasOneCandidate() {
    assertThat(new Logits(PlainSpace.ofSizes(1, 1)).entropy()).isZero();
  }

  @Test
  void probabilitiesSumToOneAndAreTheExponentialsOfTheirLogarithms() {
    Logits logits = moved(new double[][] {{1, 0, 1, -1}, {1}, {0, -1}}, 1.5);
    double[][] p = logits.probabilities();
    double[][] logs = logits.logProbabilities();
    for (int l = 0; l < p.length; l++) {
      assertThat(Arrays.stream(p[l]).sum()).isEqualTo(1, within(1e-12));
      for (int k = 0; k < p[l].length; k++) {
        assertThat(Math.exp(logs[l][k])).isEqualTo(p[l][k], within(1e-12));
      }
    }
    assertThat(p[0][0] / p[0][1]).isEqualTo(Math.exp(1.5), within(1e-6));
    assertThat(p[0][1] / p[0][3]).isEqualTo(Math.exp(1.5), within(1e-6));
  }

  /** Probabilities of hopeless candidates underflow; their order must not. */
  @Test
  void tellsHopelessCandidatesApart() {
    double[] logs = moved(new double[][] {{1, 0, -1, -1}, {1}, {0, 0}}, 800).logProbabilities()[0];
    assertThat(logs[1] - logs[2]).isEqualTo(800, within(1e-3));
  }

  /** Chi-square with 3 degrees of freedom; 16.27 is exceeded with p = 0.001. The seed is fixed. */
  @Test
  void drawsFollowTheProbabilitiesAtAnyTemperature() {
    Logits logits = moved(new double[][] {{1, 0, -1, 1}, {1}, {0, -1}}, 0.7);
    double[] p = logits.probabilities()[0];
    for (double tau : new double[] {5, 0.3}) {
      SplittableRandom random = new SplittableRandom(11);
      int draws = 20_000;
      int[] counts = new int[4];
      for (int i = 0; i < draws; i++) {
        counts[logits.draw(random, tau).architecture().pick(0)]++;
      }
      double chiSquare = 0;
      for (int k = 0; k < 4; k++) {
        chiSquare += Math.pow(counts[k] - draws * p[k], 2) / (draws * p[k]);
      }
      assertThat(chiSquare).isLessThan(16.27);
    }
  }

  @Test
  void theArchitectureOfADrawIsTheArgmaxOfItsSoftRows() {
    Logits logits = moved(new double[][] {{1, 0, -1, 1}, {1}, {0, -1}}, 0.7);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 200; i++) {
      Logits.Draw draw = logits.draw(random, 2);
      for (int l = 0; l < 3; l++) {
        double[] row = draw.soft()[l];
        assertThat(Arrays.stream(row).sum()).isEqualTo(1, within(1e-12));
        assertThat(row[draw.architecture().pick(l)])
            .isEqualTo(Arrays.stream(row).max().orElseThrow());
      }
    }
  }

  /** A generator may give exactly 0, whose Gumbel noise would be minus infinity of infinity. */
  @Test
  void aUniformNumberOfZeroIsNoNan() {
    Logits.Draw draw = new Logits(SPACE).draw(() -> 0L, 1);
    assertThat(draw.soft()[0]).containsExactly(0.25, 0.25, 0.25, 0.25);
  }

  /**
   * {@code d softmax((alpha + g) / tau)[k] / d alpha_j}, by moving one logit with the same noise.
   */
  @Test
  void straightThroughIsTheDerivativeOfTheSoftRow() {
    double h = 1e-5;
    for (double tau : new double[] {5, 1, 0.3}) {
      for (int seed = 0; seed < 20; seed++) {
        Logits.Draw draw = new Logits(SPACE).draw(new SplittableRandom(seed), tau);
        double[][] gates = {{0.7, -1, 0.2, 3}, {-2}, {1.3, 0.4}};
        double[][] gradient = Logits.zeros(SPACE);
        draw.addStraightThrough(gates, tau, gradient);
        for (int l = 0; l < 3; l++) {
          for (int j = 0; j < gradient[l].length; j++) {
            double[][] direction = Logits.zeros(SPACE);
            direction[l][j] = 1;
            double[] up = moved(direction, h).draw(new SplittableRandom(seed), tau).soft()[l];
            double[] down = moved(direction, -h).draw(new SplittableRandom(seed), tau).soft()[l];
            double expected = 0;
            for (int k = 0; k < up.length; k++) {
              expected += gates[l][k] * (up[k] - down[k]) / (2 * h);
            }
            assertThat(gradient[l][j]).isEqualTo(expected, within(1e-5));
          }
        }
      }
    }
  }

  @Test
  void decayPullsLogitsToZero() {
    Logits logits = new Logits(SPACE);
    double[][] alpha = {{2, 0, 0, 0}, {1}, {0, 0}};
    logits.restore(new Logits.State(alpha, Logits.zeros(SPACE), Logits.zeros(SPACE), 0));
    logits.update(Logits.zeros(SPACE), 0.1, 1e-3);
    assertThat(logits.state().alpha()[0][0]).isEqualTo(1.9, within(1e-4));
    assertThat(logits.state().alpha()[0][1]).isZero();
  }

  @Test
  void beginsWithNoiseIfAsked() {
    Logits logits = new Logits(SPACE, 1e-3, new SplittableRandom(1));
    double[] row = logits.state().alpha()[0];
    assertThat(Arrays.stream(row).distinct().count()).isEqualTo(4L);
    assertThat(Arrays.stream(row).map(Math::abs).max().orElseThrow()).isLessThan(0.01);
  }

  @Test
  void goesOnWhereAnotherWas() {
    Logits first = moved(new double[][] {{1, 0, -1, 1}, {1}, {0, -1}}, 0.7);
    Logits second = new Logits(SPACE);
    second.restore(first.state());
    double[][] gradient = {{1, -2, 0.5, 0}, {3}, {0.1, -0.1}};
    first.update(gradient, 0.1, 0);
    second.update(gradient, 0.1, 0);
    assertThat(second.probabilities()).isDeepEqualTo(first.probabilities());
    assertThat(second.mostProbable()).isEqualTo(first.mostProbable());
  }

  /** Kingma and Ba 2015, algorithm 1, with betas 0.5 and 0.999. */
  @Test
  void updatesAsAdam() {
    PlainSpace space = PlainSpace.ofSizes(3);
    Logits logits = new Logits(space);
    SplittableRandom random = new SplittableRandom(5);
    double[] theta = new double[3];
    double[] m = new double[3];
    double[] v = new double[3];
    for (int t = 1; t <= 50; t++) {
      double rate = 0.1 / t;
      double[] g = random.doubles(3, -1, 1).toArray();
      logits.update(new double[][] {g}, rate, 0);
      for (int i = 0; i < 3; i++) {
        m[i] = 0.5 * m[i] + 0.5 * g[i];
        v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
        double mHat = m[i] / (1 - Math.pow(0.5, t));
        double vHat = v[i] / (1 - Math.pow(0.999, t));
        theta[i] -= rate * mHat / (Math.sqrt(vHat) + 1e-8);
      }
      double[] logs = logits.logProbabilities()[0];
      assertThat(logs[1] - logs[0]).isEqualTo(theta[1] - theta[0], within(1e-12));
      assertThat(logs[2] - logs[0]).isEqualTo(theta[2] - theta[0], within(1e-12));
    }
  }

  @Test
  void handsOutCopies() {
    Logits logits = new Logits(SPACE);
    logits.probabilities()[0][0] = 7;
    logits.logProbabilities()[0][0] = 7;
    assertThat(logits.probabilities()[0][0]).isEqualTo(0.25);
  }
}
