package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.LUDecomposition;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both ways to solve, by samples where these are fewer than columns and by columns elsewhere. */
class RidgeTest {

  /** Penalties differ by six orders of magnitude. */
  private static final Offset<Double> CLOSE = within(1e-7);

  private final Random random = new Random(5);

  private double[] numbers(int count, double least) {
    return random.doubles(count, least, least + 2).toArray();
  }

  /** With zeros, as counts have them. */
  private double[][] design(int n, int p) {
    double[][] x = new double[n][p];
    for (double[] row : x) {
      Arrays.setAll(row, j -> Math.max(0, random.nextInt(5) - 2));
    }
    return x;
  }

  private double[] penalties(int p) {
    double[] penalties = new double[p];
    Arrays.setAll(penalties, j -> Math.pow(10, random.nextInt(6) - 3));
    return penalties;
  }

  /** Weighted least squares with penalties, the free intercept first. */
  private static double[] plain(double[][] x, double[] y, double[] w, double[] penalties) {
    int p = penalties.length + 1;
    double[][] normal = new double[p][p];
    double[] moment = new double[p];
    for (int i = 0; i < y.length; i++) {
      double[] row = new double[p];
      row[0] = 1;
      System.arraycopy(x[i], 0, row, 1, p - 1);
      for (int j = 0; j < p; j++) {
        moment[j] += w[i] * row[j] * y[i];
        for (int k = 0; k < p; k++) {
          normal[j][k] += w[i] * row[j] * row[k];
        }
      }
    }
    for (int j = 1; j < p; j++) {
      normal[j][j] += penalties[j - 1];
    }
    return new LUDecomposition(new Array2DRowRealMatrix(normal))
        .getSolver()
        .solve(new ArrayRealVector(moment))
        .toArray();
  }

  private static double predict(double[] solution, double[] row) {
    return solution[0] + RobustRidge.dot(row, Arrays.copyOfRange(solution, 1, solution.length));
  }

  private static double predict(RobustRidge.Solution solution, double[] row) {
    return solution.intercept() + RobustRidge.dot(row, solution.slopes());
  }

  @ParameterizedTest
  @CsvSource({"6, 9", "9, 6", "30, 12"})
  void solvesTheNormalEquationsAndLeavesOneOut(int n, int p) {
    double[][] x = design(n, p);
    double[] y = numbers(n, 1);
    double[] w = numbers(n, 0.2);
    double[] penalties = penalties(p);
    RobustRidge.Solution solution = new RobustRidge(x, y).solve(w, penalties);
    double[] plain = plain(x, y, w, penalties);
    assertThat(solution.intercept()).isCloseTo(plain[0], CLOSE);
    for (int j = 0; j < p; j++) {
      assertThat(solution.slopes()[j]).isCloseTo(plain[j + 1], CLOSE);
    }
    for (int i = 0; i < n; i++) {
      int left = i;
      int[] rest = IntStream.range(0, n).filter(k -> k != left).toArray();
      double[] without =
          plain(
              Arrays.stream(rest).mapToObj(k -> x[k]).toArray(double[][]::new),
              Arrays.stream(rest).mapToDouble(k -> y[k]).toArray(),
              Arrays.stream(rest).mapToDouble(k -> w[k]).toArray(),
              penalties);
      assertThat(solution.residuals()[i]).isCloseTo((y[i] - predict(without, x[i])) / y[i], CLOSE);
    }
  }

  @ParameterizedTest
  @CsvSource({"6, 9", "9, 6"})
  void aSolutionThroughAPointIsThatWithASampleOfGreatWeight(int n, int p) {
    double[][] x = design(n, p);
    double[] y = numbers(n, 1);
    double[] w = numbers(n, 0.2);
    double[] penalties = penalties(p);
    double[] row = design(1, p)[0];
    RobustRidge.Solution moved = new RobustRidge(x, y).solve(w, penalties).through(row, 7);
    assertThat(predict(moved, row)).isCloseTo(7, CLOSE);
    double[][] more = Arrays.copyOf(x, n + 1);
    more[n] = row;
    double[] targets = Arrays.copyOf(y, n + 1);
    targets[n] = 7;
    double[] weights = Arrays.copyOf(w, n + 1);
    weights[n] = 1e8;
    double[] expected = plain(more, targets, weights, penalties);
    for (double[] other : design(5, p)) {
      assertThat(predict(moved, other)).isCloseTo(predict(expected, other), within(1e-5));
    }
  }

  /** Columns of zeros change nothing but the way it is solved. */
  @ParameterizedTest
  @CsvSource({"12, 5", "12, 11"})
  void averagesAreTheSameBySamplesAndByColumns(int n, int p) {
    double[][] x = design(n, p);
    double[] y = numbers(n, 1);
    double[] trust = numbers(n, 0.1);
    int wide = 2 * n;
    double[][] padded =
        Arrays.stream(x).map(row -> Arrays.copyOf(row, wide)).toArray(double[][]::new);
    AveragedRidge byColumns = new AveragedRidge(x, y, trust);
    AveragedRidge bySamples = new AveragedRidge(padded, y, trust);
    for (int grid = 0; grid < 4; grid++) {
      double[] penalties = penalties(wide);
      byColumns.add(Arrays.copyOf(penalties, p));
      bySamples.add(penalties);
    }
    for (int j = 0; j < wide; j++) {
      assertThat(bySamples.solution()[j]).isCloseTo(j < p ? byColumns.solution()[j] : 0, CLOSE);
    }
    assertThat(AveragedRidge.shares(List.of(byColumns, bySamples), 1, 1)[0]).isCloseTo(0.5, CLOSE);
    for (int i = 0; i < n; i++) {
      assertThat(bySamples.trust()[i]).isCloseTo(byColumns.trust()[i], CLOSE);
    }
  }
}
