package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EffectsTest {

  private static final PlainSpace SPACE = PlainSpace.ofSizes(2, 3);
  private static final int N = 5;

  private static double[][] weights(SplittableRandom random) {
    return new double[][] {random.doubles(2, -1, 1).toArray(), random.doubles(3, -1, 1).toArray()};
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  /** {@code (X'X + I)^-1 X'y}, by elimination: without drift this is ridge regression. */
  @Test
  void withoutDriftItIsRidgeRegression() {
    SplittableRandom random = new SplittableRandom(4);
    Effects effects = new Effects(SPACE, 0);
    double[][] a = new double[N][N + 1];
    for (int i = 0; i < N; i++) {
      a[i][i] = 1;
    }
    for (int t = 0; t < 40; t++) {
      double[][] weights = weights(random);
      double value = random.nextDouble(-3, 3);
      effects.observe(weights, value);
      effects.fade();
      double[] x = flat(weights);
      for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
          a[i][j] += x[i] * x[j];
        }
        a[i][N] += x[i] * value;
      }
    }
    for (int i = 0; i < N; i++) {
      for (int r = 0; r < N; r++) {
        double factor = r == i ? 0 : a[r][i] / a[i][i];
        for (int j = 0; j <= N; j++) {
          a[r][j] -= factor * a[i][j];
        }
      }
    }
    double[] found = flat(effects.estimates());
    for (int i = 0; i < N; i++) {
      assertThat(found[i]).isEqualTo(a[i][N] / a[i][i], within(1e-9));
    }
  }

  @Test
  void withDriftItFollowsWhatChanges() {
    double[] kept = new double[2];
    for (int way = 0; way < 2; way++) {
      Effects effects = new Effects(SPACE, way == 0 ? 0 : 0.05);
      for (int t = 0; t < 400; t++) {
        effects.observe(new double[][] {{1, 0}, {0, 0, 0}}, t < 200 ? 1 : 2);
        effects.fade();
      }
      kept[way] = effects.estimates()[0][0];
    }
    assertThat(kept[0]).isEqualTo(1.5, within(0.01));
    assertThat(kept[1]).isEqualTo(2, within(0.01));
  }

  @Test
  void itsScaleIsTheSpreadWithinChoices() {
    Effects effects = new Effects(SPACE, 0);
    assertThat(effects.scale()).isZero();
    Effects.State state = effects.state();
    effects.restore(new Effects.State(new double[] {5, 7, 1, 1, 1}, state.covariance()));
    assertThat(effects.scale()).isEqualTo(Math.sqrt(2.0 / 5), within(1e-12));
  }

  @Test
  void refusesCovariancesThatAreNone() {
    Effects effects = new Effects(SPACE, 0);
    double[][] covariance = effects.state().covariance();
    covariance[1][0] = 1.5;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> effects.restore(new Effects.State(new double[5], covariance)))
        .withMessage("effects 2 and 1 have a covariance of 1.5, but at most 1.0");
    covariance[1][0] = 0;
    covariance[0][0] = -1;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> effects.restore(new Effects.State(new double[5], covariance)))
        .withMessageStartingWith("effects 2 and 1 have a covariance of 0.0, but at most NaN");
  }

  @Test
  void goesOnWhereAnotherWas() {
    SplittableRandom random = new SplittableRandom(9);
    Effects first = new Effects(SPACE, 0.01);
    for (int t = 0; t < 10; t++) {
      first.observe(weights(random), random.nextDouble());
      first.fade();
    }
    Effects second = new Effects(SPACE, 0.01);
    second.restore(first.state());
    double[][] next = weights(random);
    first.observe(next, 1);
    second.observe(next, 1);
    assertThat(second.estimates()).isDeepEqualTo(first.estimates());
  }
}
