package org.lightnas.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.descriptive.moment.Mean;
import org.apache.commons.math3.stat.descriptive.moment.Variance;
import org.apache.commons.math3.stat.descriptive.rank.Median;

/**
 * Ridge regression with a free intercept that a few wild samples do not bend: weights fall as
 * {@code 1 / (1 + (r / c s)²)} with a sample's studentised residual r, s being the spread of the
 * middle half (Cauchy weights; Holland and Welsch 1977 take c = 2.385 for 95 % efficiency on normal
 * noise, we 4, since the spread of twenty residuals is itself uncertain). Studentised: over the
 * standard deviation it should have, {@code sqrt(1 - h)}; leave-one-out residuals would make those
 * samples wild that the fit depends on most.
 *
 * <p>With X and y centred by their weighted means, W the weights and P the penalties, slopes are
 *
 * <pre>
 * b = (X'W X + P)^-1 X'W y          or          b = P^-1 X' a,   a = (X P^-1 X' + W^-1)^-1 y
 * </pre>
 *
 * the second where samples are fewer than columns: cheaper by the cube of their ratio. What the fit
 * without sample i misses is {@code r_i / (1 - h_i - w_i / sum w)} with the leverage h.
 */
final class RobustRidge {

  private static final double TUNING = 4;

  /** In standard errors: with so many penalties to choose from, one of noise is soon exceeded. */
  private static final double CAUTION = 2;

  private static final int FIRST_ROUNDS = 10;
  private static final int LAST_ROUNDS = 4;

  /** Of the residuals' median size over the standard deviation, for normal noise. */
  private static final double MEDIAN_OF_NORMAL = 0.6745;

  private final double[][] x;
  private final int[][] nonZero;
  private final double[] y;
  private final double[] scale;
  private final int columns;

  /**
   * Keeps the data.
   *
   * @param x design {@code [n][p]}, without a column of ones; not modified
   * @param y targets {@code [n]}, positive; errors count relative to them
   */
  RobustRidge(double[][] x, double[] y) {
    this.x = x;
    this.y = y;
    this.columns = x[0].length;
    this.scale = Arrays.stream(y).map(v -> 1 / v).toArray();
    this.nonZero =
        Arrays.stream(x)
            .map(row -> IntStream.range(0, row.length).filter(j -> row[j] != 0).toArray())
            .toArray(int[][]::new);
  }

  /**
   * Fits under the penalties of a grid with the least leave-one-out error, or rather the earliest
   * ones that are no worse than these by more than the error's own noise: with few samples the
   * least error is mostly luck.
   *
   * @param grid penalties of the columns, {@code [p]} each, the simplest fit first
   */
  Solution fit(List<double[]> grid) {
    double[] even = new double[y.length];
    Arrays.fill(even, 1);
    double[] weights = robustWeights(grid.get(0), even, FIRST_ROUNDS);
    double[] chosen = choose(grid, weights);
    return solve(robustWeights(chosen, weights, LAST_ROUNDS), chosen);
  }

  private double[] choose(List<double[]> grid, double[] weights) {
    List<double[]> losses = new ArrayList<>();
    int best = 0;
    for (double[] penalties : grid) {
      double[] residuals = solve(weights, penalties).residuals();
      double[] loss = losses(residuals, weights);
      losses.add(loss);
      if (mean(loss) < mean(losses.get(best))) {
        best = losses.size() - 1;
      }
    }
    for (int g = 0; g < best; g++) {
      double[] excess = new double[weights.length];
      for (int i = 0; i < excess.length; i++) {
        excess[i] = losses.get(g)[i] - losses.get(best)[i];
      }
      double noise = Math.sqrt(new Variance().evaluate(excess) / excess.length);
      if (mean(excess) <= CAUTION * noise) {
        return grid.get(g);
      }
    }
    return grid.get(best);
  }

  private static double mean(double[] values) {
    return new Mean().evaluate(values);
  }

  /**
   * Weights under which a sample far from the others' fit counts little.
   *
   * @param penalties of the columns, {@code [p]}
   * @param start weights to begin with
   */
  double[] robustWeights(double[] penalties, double[] start, int rounds) {
    double[] weights = start;
    for (int round = 0; round < rounds; round++) {
      double[] residuals = solve(weights, penalties).studentised();
      double[] sizes = Arrays.stream(residuals).map(Math::abs).toArray();
      double spread = Math.max(1e-9, new Median().evaluate(sizes) / MEDIAN_OF_NORMAL);
      weights = new double[y.length];
      for (int i = 0; i < weights.length; i++) {
        double ratio = residuals[i] / (TUNING * spread);
        weights[i] = scale[i] * scale[i] / (1 + ratio * ratio);
      }
      weights = normalised(weights);
    }
    return weights;
  }

  /** What each sample adds to the weighted mean of squared relative residuals. */
  double[] losses(double[] residuals, double[] weights) {
    double[] losses = new double[y.length];
    for (int i = 0; i < losses.length; i++) {
      double error = residuals[i] / scale[i];
      losses[i] = weights[i] * error * error;
    }
    return losses;
  }

  private static double[] normalised(double[] weights) {
    double mean = Arrays.stream(weights).average().orElseThrow();
    return Arrays.stream(weights).map(w -> w / mean).toArray();
  }

  /** Minimises {@code sum_i w_i (y_i - c - x_i b)² + sum_j penalty_j b_j²}. */
  Solution solve(double[] weights, double[] penalties) {
    double total = Arrays.stream(weights).sum();
    double mean = dot(weights, y) / total;
    double[] centre = new double[columns];
    for (int i = 0; i < y.length; i++) {
      for (int j : nonZero[i]) {
        centre[j] += weights[i] * x[i][j] / total;
      }
    }
    Fit fit =
        y.length < columns
            ? bySamples(weights, penalties, mean, centre)
            : byColumns(weights, penalties, mean, centre);
    double[] residuals = new double[y.length];
    double[] studentised = new double[y.length];
    for (int i = 0; i < y.length; i++) {
      // A sample that alone decides something has leverage 1: its error cannot be told.
      double kept = Math.max(1e-6, 1 - fit.leverages[i] - weights[i] / total);
      residuals[i] = fit.misses[i] * scale[i] / kept;
      studentised[i] = residuals[i] * Math.sqrt(kept);
    }
    return new Solution(mean, centre, fit.slopes, residuals, studentised, 1 / total, fit.inverse);
  }

  /** Slopes, and of each sample what it misses and how far it draws the fit to itself. */
  private record Fit(
      double[] slopes, double[] misses, double[] leverages, UnaryOperator<double[]> inverse) {}

  private Fit bySamples(double[] weights, double[] penalties, double mean, double[] centre) {
    int n = y.length;
    double[][] centred = new double[n][];
    double[][] scaled = new double[n][columns];
    double[] least = new double[n];
    double[] targets = new double[n];
    double[][] kernel = new double[n][n];
    for (int i = 0; i < n; i++) {
      centred[i] = minus(x[i], centre);
      for (int j = 0; j < columns; j++) {
        scaled[i][j] = centred[i][j] / penalties[j];
      }
      for (int k = 0; k <= i; k++) {
        kernel[i][k] = dot(scaled[i], centred[k]);
      }
      least[i] = 1 / weights[i];
      kernel[i][i] += least[i];
      targets[i] = y[i] - mean;
    }
    Cholesky factor = new Cholesky(kernel, least);
    double[] dual = factor.solve(targets);
    double[] diagonal = factor.inverseDiagonal();
    double[] misses = new double[n];
    double[] leverages = new double[n];
    for (int i = 0; i < n; i++) {
      misses[i] = dual[i] / weights[i];
      leverages[i] = 1 - diagonal[i] / weights[i];
    }
    return new Fit(
        combination(scaled, dual),
        misses,
        leverages,
        row -> {
          // (X'W X + P)^-1 = P^-1 - P^-1 X' (X P^-1 X' + W^-1)^-1 X P^-1
          double[] products = Arrays.stream(scaled).mapToDouble(s -> dot(s, row)).toArray();
          double[] told = combination(scaled, factor.solve(products));
          double[] result = new double[columns];
          for (int j = 0; j < columns; j++) {
            result[j] = row[j] / penalties[j] - told[j];
          }
          return result;
        });
  }

  private static double[] combination(double[][] rows, double[] factors) {
    double[] sum = new double[rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      Matrices.addRow(rows[i], 0, factors[i], sum, 0, sum.length);
    }
    return sum;
  }

  private Fit byColumns(double[] weights, double[] penalties, double mean, double[] centre) {
    double total = Arrays.stream(weights).sum();
    double[][] gram = new double[columns][columns];
    double[] moment = new double[columns];
    for (int i = 0; i < y.length; i++) {
      int[] at = nonZero[i];
      for (int a = 0; a < at.length; a++) {
        double weighted = weights[i] * x[i][at[a]];
        moment[at[a]] += weighted * (y[i] - mean);
        for (int b = 0; b <= a; b++) {
          gram[at[a]][at[b]] += weighted * x[i][at[b]];
        }
      }
    }
    for (int j = 0; j < columns; j++) {
      Matrices.addRow(centre, 0, -total * centre[j], gram[j], 0, j + 1);
      gram[j][j] += penalties[j];
    }
    Cholesky factor = new Cholesky(gram, penalties);
    double[] slopes = factor.solve(moment);
    double[][] inverse = factor.inverse();
    double[] turned = multiply(inverse, centre);
    double atCentre = dot(centre, turned);
    double[] misses = new double[y.length];
    double[] leverages = new double[y.length];
    double base = mean - dot(centre, slopes);
    for (int i = 0; i < y.length; i++) {
      double[] row = x[i];
      double predicted = base;
      double square = atCentre;
      for (int j : nonZero[i]) {
        predicted += row[j] * slopes[j];
        double sum = -2 * turned[j];
        for (int k : nonZero[i]) {
          sum += inverse[j][k] * row[k];
        }
        square += row[j] * sum;
      }
      misses[i] = y[i] - predicted;
      leverages[i] = weights[i] * square;
    }
    return new Fit(slopes, misses, leverages, row -> multiply(inverse, row));
  }

  private static double[] multiply(double[][] matrix, double[] vector) {
    return Arrays.stream(matrix).mapToDouble(row -> dot(row, vector)).toArray();
  }

  private static double[] minus(double[] a, double[] b) {
    double[] difference = a.clone();
    Matrices.addRow(b, 0, -1, difference, 0, b.length);
    return difference;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }

  /**
   * A solution under given weights: {@code mean + (x - centre) slopes}.
   *
   * @param mean weighted, of the targets
   * @param centre weighted mean of the rows, {@code [p]}
   * @param slopes {@code [p]}
   * @param residuals relative leave-one-out residuals {@code (y - prediction) / y}, {@code [n]}
   * @param studentised relative residuals over the root of what the fit leaves of their variance
   * @param meanVariance of the mean, in units of the noise
   * @param inverse multiplies by the inverse of the penalised normal matrix
   */
  record Solution(
      double mean,
      double[] centre,
      double[] slopes,
      double[] residuals,
      double[] studentised,
      double meanVariance,
      UnaryOperator<double[]> inverse) {

    double intercept() {
      return mean - dot(centre, slopes);
    }

    double predict(double[] row) {
      return intercept() + dot(row, slopes);
    }

    /** The variance of a prediction, in units of the noise. */
    double leverage(double[] row) {
      double[] offset = minus(row, centre);
      return meanVariance + dot(offset, inverse.apply(offset));
    }

    /**
     * What minimises the same among all solutions that give this row {@code value}: with C the
     * inverse and a the row, {@code b + C a (value - a b) / (a C a)}. The residuals stay as they
     * were.
     */
    Solution through(double[] row, double value) {
      double[] offset = minus(row, centre);
      double[] direction = inverse.apply(offset);
      double step = (value - mean - dot(offset, slopes)) / (meanVariance + dot(offset, direction));
      double[] moved = slopes.clone();
      Matrices.addRow(direction, 0, step, moved, 0, moved.length);
      return new Solution(
          mean + step * meanVariance, centre, moved, residuals, studentised, meanVariance, inverse);
    }
  }
}
