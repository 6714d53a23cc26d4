package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * What every candidate adds to the loss, from all paths seen so far: a linear model fitted by
 * recursive least squares in which old observations fade, because weights go on learning (a Kalman
 * filter of a random walk).
 */
final class Effects {

  /** Thousands of updates in double. */
  private static final double ROUNDING = 1e-6;

  private final int[] offsets;
  private final double[] mean;

  /** In units of the noise's variance; a prior worth one observation. */
  private final double[][] covariance;

  private final double drift;

  /**
   * Knows nothing.
   *
   * @param drift by how much the variance of every effect grows from one pass to the next, in units
   *     of the noise's
   */
  Effects(ChoiceSpace space, double drift) {
    List<Choice> choices = space.choices();
    this.offsets = new int[choices.size() + 1];
    for (int l = 0; l < choices.size(); l++) {
      offsets[l + 1] = offsets[l] + choices.get(l).size();
    }
    int n = offsets[choices.size()];
    this.mean = new double[n];
    this.covariance = new double[n][n];
    for (int i = 0; i < n; i++) {
      covariance[i][i] = 1;
    }
    this.drift = drift;
  }

  /** {@code [choice][candidate]}: the estimated part in the loss, up to a constant per choice. */
  double[][] estimates() {
    double[][] rows = new double[offsets.length - 1][];
    for (int l = 0; l < rows.length; l++) {
      rows[l] = Arrays.copyOfRange(mean, offsets[l], offsets[l + 1]);
    }
    return rows;
  }

  /** Lets what is known fade: weights have gone on learning. */
  void fade() {
    for (int i = 0; i < mean.length; i++) {
      covariance[i][i] += drift;
    }
  }

  /**
   * Learns that {@code sum weights effect = value}, but for noise.
   *
   * @param weights {@code [choice][candidate]}
   */
  void observe(double[][] weights, double value) {
    double[] x = new double[mean.length];
    for (int l = 0; l < weights.length; l++) {
      System.arraycopy(weights[l], 0, x, offsets[l], weights[l].length);
    }
    double[] gain = new double[x.length];
    double error = value;
    double variance = 1;
    for (int i = 0; i < x.length; i++) {
      if (x[i] != 0) {
        error -= x[i] * mean[i];
        for (int j = 0; j < x.length; j++) {
          gain[j] += covariance[j][i] * x[i];
        }
      }
    }
    for (int i = 0; i < x.length; i++) {
      variance += x[i] * gain[i];
    }
    for (int i = 0; i < x.length; i++) {
      if (gain[i] != 0) {
        mean[i] += gain[i] * error / variance;
        for (int j = 0; j < x.length; j++) {
          covariance[i][j] -= gain[i] * gain[j] / variance;
        }
      }
    }
  }

  /**
   * The typical difference between candidates of one choice: the root mean square around each
   * choice's mean.
   */
  double scale() {
    double squares = 0;
    int count = 0;
    for (double[] row : estimates()) {
      double middle = Arrays.stream(row).average().orElse(0);
      for (double value : row) {
        squares += (value - middle) * (value - middle);
      }
      count += row.length > 1 ? row.length : 0;
    }
    return Math.sqrt(squares / Math.max(1, count));
  }

  /**
   * All that changes.
   *
   * @param mean the estimates, choice after choice
   * @param covariance of the estimates
   */
  record State(double[] mean, double[][] covariance) {}

  /** A copy of where this is. */
  State state() {
    return new State(
        mean.clone(), Arrays.stream(covariance).map(double[]::clone).toArray(double[][]::new));
  }

  /**
   * Goes to where another run was.
   *
   * @throws IllegalArgumentException if no search of this space can be there
   */
  void restore(State state) {
    Saved.copy(state.mean(), mean, "effects");
    Saved.copy(state.covariance(), covariance, "covariances");
    for (int i = 0; i < mean.length; i++) {
      for (int j = 0; j <= i; j++) {
        double most = Math.sqrt(covariance[i][i] * covariance[j][j]);
        checkArgument(
            Math.abs(covariance[i][j]) <= most * (1 + ROUNDING)
                && Math.abs(covariance[j][i]) <= most * (1 + ROUNDING),
            "effects %s and %s have a covariance of %s, but at most %s",
            i + 1,
            j + 1,
            covariance[i][j],
            most);
      }
    }
  }
}
