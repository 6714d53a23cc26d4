package org.lightnas.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.stat.descriptive.moment.Mean;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * Fits a table to whole-network latencies. The model of candidate k at choice l, with o its
 * operation (candidates of equal id) and m its MACs over the cheapest candidate there, is
 *
 * <pre>
 * t[l][k] = a[o] + b[o] m[l][k] + d[l][k]
 * minimise   mean_i w_i (y_i - c - sum_l t[l][pick])^2 n + p (|a|^2 + |b|^2) + q |d|^2,   w_i ~ 1 / y_i^2
 * </pre>
 *
 * a and b shrink to 0 but weakly, the deviations d strongly if the data say so: what few samples
 * cannot tell about one place is taken from the same operation at other places, in proportion to
 * its work there. Errors count relative to the latency, because that is how timing noise grows and
 * how a bound is judged. p and q are those of a small grid with the least leave-one-out error,
 * which ridge regression gives without refitting: {@code e_i = r_i / (1 - h_ii)}.
 *
 * <p>On DL4J's latencies of {@code LightNasSpace.small} (66 samples, noise 1 % each), the
 * leave-one-out error of 20 / 35 / 66 samples was 5.2 / 2.2 / 2.4 %; shrinking towards the mean of
 * the operation alone (b = 0) 10.7 / 4.5 / 2.6 %, towards 0 16.2 / 5.3 / 2.6 %.
 */
final class TableFit {

  private static final double[] SHARED_PENALTIES = {1e-3, 1e-2, 1e-1};
  private static final double[] DEVIATION_PENALTIES = {1e-2, 1e-1, 1, 10, 100, 1e4};
  private static final double BIAS_PENALTY = 1e-9;

  private final int[] offsets;
  private final int[] operations;
  private final double[] work;
  private final int operationCount;

  /**
   * Prepares for a space.
   *
   * @param costs over the cheapest candidate of each choice, {@code [choice][candidate]}
   */
  TableFit(ChoiceSpace space, double[][] costs) {
    offsets = LatencyTable.offsets(space);
    int entries = offsets[offsets.length - 1];
    operations = new int[entries];
    work = new double[entries];
    List<String> ids = new ArrayList<>();
    double sum = 0;
    int positive = 0;
    for (int l = 0; l < costs.length; l++) {
      Choice choice = space.choices().get(l);
      for (int k = 0; k < choice.size(); k++) {
        String id = choice.candidates().get(k).id();
        if (!ids.contains(id)) {
          ids.add(id);
        }
        operations[offsets[l] + k] = ids.indexOf(id);
        work[offsets[l] + k] = costs[l][k];
        sum += costs[l][k];
        positive += costs[l][k] > 0 ? 1 : 0;
      }
    }
    operationCount = ids.size();
    for (int e = 0; e < entries && positive > 0; e++) {
      // In units of a typical candidate, so that one grid of penalties fits every space.
      work[e] /= sum / positive;
    }
  }

  /**
   * A fitted table.
   *
   * @param constant the least prediction
   * @param entries over the cheapest candidate of each choice: not negative, flat
   */
  record Fitted(double constant, double[] entries) {

    double predict(int[] rows) {
      double sum = constant;
      for (int row : rows) {
        sum += entries[row];
      }
      return sum;
    }
  }

  /**
   * Fits.
   *
   * @param rows the table entries that each sample adds up, {@code [n][L]}
   * @param millis positive, {@code [n]}
   * @return the best fit of the grid whose predictions are all positive, or, if there is none, a
   *     table that knows no differences: the mean, weighted as the fit is
   */
  Fitted fit(int[][] rows, double[] millis) {
    int n = millis.length;
    double[] roots = weightRoots(millis);
    RealMatrix x = new Array2DRowRealMatrix(design(rows, roots), false);
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      y[i] = millis[i] * roots[i];
    }
    RealMatrix gram = x.transpose().multiply(x);
    double[] moment = x.preMultiply(y);
    double[] weights = Arrays.stream(roots).map(root -> root * root).toArray();
    Fitted best = new Fitted(new Mean().evaluate(millis, weights), new double[operations.length]);
    double leastError = Double.POSITIVE_INFINITY;
    for (double shared : SHARED_PENALTIES) {
      for (double deviation : DEVIATION_PENALTIES) {
        RealMatrix penalised = gram.copy();
        for (int j = 0; j < penalised.getRowDimension(); j++) {
          penalised.addToEntry(
              j, j, j == 0 ? BIAS_PENALTY : j <= 2 * operationCount ? shared : deviation);
        }
        RealMatrix inverse =
            new CholeskyDecomposition(penalised, 1e-10, 1e-30).getSolver().getInverse();
        double[] solution = inverse.operate(moment);
        double error = leaveOneOutError(x, y, inverse, solution);
        if (error < leastError) {
          Fitted fitted = table(solution);
          if (fitted.constant() > 0) {
            leastError = error;
            best = fitted;
          }
        }
      }
    }
    return best;
  }

  /** Roots of the weights 1 / y², scaled to a mean weight of 1. */
  private static double[] weightRoots(double[] millis) {
    double mean = Arrays.stream(millis).map(y -> 1 / (y * y)).average().orElseThrow();
    return Arrays.stream(millis).map(y -> 1 / (y * Math.sqrt(mean))).toArray();
  }

  /** Columns: bias, count of each operation, work of each operation, table entries. */
  private double[][] design(int[][] rows, double[] roots) {
    double[][] design = new double[rows.length][1 + 2 * operationCount + operations.length];
    for (int i = 0; i < rows.length; i++) {
      design[i][0] = roots[i];
      for (int row : rows[i]) {
        design[i][1 + operations[row]] += roots[i];
        design[i][1 + operationCount + operations[row]] += roots[i] * work[row];
        design[i][1 + 2 * operationCount + row] += roots[i];
      }
    }
    return design;
  }

  /** Mean squared leave-one-out residual, in weighted units. */
  private static double leaveOneOutError(
      RealMatrix x, double[] y, RealMatrix inverse, double[] solution) {
    RealMatrix projected = x.multiply(inverse);
    double[] fitted = x.operate(solution);
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      double leverage = 0;
      for (int j = 0; j < solution.length; j++) {
        leverage += projected.getEntry(i, j) * x.getEntry(i, j);
      }
      // A sample that alone decides something has leverage 1: its error cannot be told.
      double residual = (y[i] - fitted[i]) / Math.max(1e-6, 1 - leverage);
      sum += residual * residual;
    }
    return sum / y.length;
  }

  /** Adds the parts up and shifts every choice so that its cheapest candidate is 0. */
  private Fitted table(double[] solution) {
    double constant = solution[0];
    double[] entries = new double[operations.length];
    for (int e = 0; e < entries.length; e++) {
      entries[e] =
          solution[1 + operations[e]]
              + solution[1 + operationCount + operations[e]] * work[e]
              + solution[1 + 2 * operationCount + e];
    }
    for (int l = 0; l + 1 < offsets.length; l++) {
      double least = Arrays.stream(entries, offsets[l], offsets[l + 1]).min().orElse(0);
      for (int e = offsets[l]; e < offsets[l + 1]; e++) {
        entries[e] -= least;
      }
      constant += least;
    }
    return new Fitted(constant, entries);
  }

  /**
   * Predicts every sample by a table fitted on the other folds; sample i is in fold {@code i mod
   * folds}, and samples come in random order.
   */
  PredictorReport crossValidate(int[][] rows, double[] millis) {
    int n = millis.length;
    int folds = Math.min(10, n);
    PredictorReport.Pair[] pairs = new PredictorReport.Pair[n];
    for (int fold = 0; fold < folds; fold++) {
      int held = fold;
      int[] training = IntStream.range(0, n).filter(i -> i % folds != held).toArray();
      Fitted fitted =
          fit(
              Arrays.stream(training).mapToObj(i -> rows[i]).toArray(int[][]::new),
              Arrays.stream(training).mapToDouble(i -> millis[i]).toArray());
      for (int i = fold; i < n; i += folds) {
        pairs[i] = new PredictorReport.Pair(millis[i], fitted.predict(rows[i]));
      }
    }
    return new PredictorReport(folds, List.of(pairs));
  }
}
