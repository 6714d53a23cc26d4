package org.lightnas.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * Fits a table to whole-network latencies. The model of candidate k at choice l, with o its
 * operation (candidates of equal id) and m its MACs over the cheapest candidate there (0 where a
 * space has no networks), is
 *
 * <pre>
 * t[l][k] = a[o] + b[o] m[l][k] + d[l][k]
 * minimise   sum_i w_i (y_i - c - sum_l t[l][pick])^2 + p (|a|^2 + |b|^2) + q |d|^2,   w_i ~ 1 / y_i^2
 * </pre>
 *
 * a and b shrink to 0 but weakly, the deviations d strongly unless the data object: what few
 * samples cannot tell about one place is taken from the same operation at other places, in
 * proportion to its work there. With the strongest q this is a table of one number per operation.
 * Errors count relative to the latency, because that is how timing noise grows and how a bound is
 * judged, and less the farther a sample is from what the others say ({@link RobustRidge}):
 * published profiles hold hung measurements and devices that change their clock. p and q are those
 * of a small grid with the least leave-one-out error, which ridge regression gives without
 * refitting: {@code e_i = r_i / (1 - h_ii)}; among those that noise does not tell apart, the
 * strongest q.
 */
final class TableFit {

  /** From weak to strong. */
  private static final double[] SHARED_PENALTIES = {1e-5, 1e-3, 1e-1};

  /** From strong, where a table has one number per operation, to weak. */
  private static final double[] DEVIATION_PENALTIES = {1e5, 1e3, 100, 10, 1, 1e-1, 1e-2};

  /**
   * The least prediction over the least measured latency. Not more: where every layer costs a
   * launch the fastest architecture, all skips, takes a small part of what any sample does, and a
   * table held above half of it ranked networks worse than operation counts.
   */
  private static final double LEAST = 0.1;

  private static final int MOST_MOVES = 100;

  private final int[] offsets;
  private final int[] operations;
  private final double[] work;
  private final int operationCount;

  /** Columns of work: as many as operations, or none where no work is known. */
  private final int workCount;

  /**
   * Prepares for a space.
   *
   * @param costs over the cheapest candidate of each choice, {@code [choice][candidate]}
   */
  TableFit(ChoiceSpace space, double[][] costs) {
    offsets = Entries.offsets(space);
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
    workCount = positive > 0 ? operationCount : 0;
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
   * @return a table whose predictions are all positive
   */
  Fitted fit(int[][] rows, double[] millis) {
    RobustRidge.Solution solution = new RobustRidge(design(rows), millis).fit(grid());
    return positive(solution, LEAST * Arrays.stream(millis).min().orElseThrow());
  }

  /** The simplest first. */
  private List<double[]> grid() {
    List<double[]> grid = new ArrayList<>();
    for (double deviation : DEVIATION_PENALTIES) {
      for (double shared : SHARED_PENALTIES) {
        grid.add(penalties(shared, deviation));
      }
    }
    return grid;
  }

  private double[] penalties(double shared, double deviation) {
    double[] penalties = new double[operationCount + workCount + operations.length];
    Arrays.fill(penalties, deviation);
    Arrays.fill(penalties, 0, operationCount + workCount, shared);
    return penalties;
  }

  private double[][] design(int[][] rows) {
    return Arrays.stream(rows).map(this::row).toArray(double[][]::new);
  }

  /** Columns: count of each operation, its work where known, table entries. */
  private double[] row(int[] entries) {
    double[] row = new double[operationCount + workCount + operations.length];
    for (int entry : entries) {
      row[operations[entry]]++;
      if (workCount > 0) {
        row[operationCount + operations[entry]] += work[entry];
      }
      row[operationCount + workCount + entry]++;
    }
    return row;
  }

  /**
   * The table of a solution, moved as little as the data allow until its least prediction is {@code
   * least}.
   */
  private Fitted positive(RobustRidge.Solution solution, double least) {
    RobustRidge.Solution moved = solution;
    Fitted fitted = table(moved);
    for (int round = 0; round < MOST_MOVES && fitted.constant() < least; round++) {
      // A hair more, so that rounds end.
      moved = moved.through(row(fastest(fitted)), 1.001 * least);
      fitted = table(moved);
    }
    return fitted.constant() > 0 ? fitted : new Fitted(least, fitted.entries());
  }

  private int[] fastest(Fitted fitted) {
    int[] rows = new int[offsets.length - 1];
    for (int l = 0; l < rows.length; l++) {
      rows[l] = offsets[l];
      for (int e = offsets[l]; e < offsets[l + 1]; e++) {
        if (fitted.entries()[e] < fitted.entries()[rows[l]]) {
          rows[l] = e;
        }
      }
    }
    return rows;
  }

  /** Adds the parts up and shifts every choice so that its cheapest candidate is 0. */
  private Fitted table(RobustRidge.Solution solution) {
    double[] slopes = solution.slopes();
    double constant = solution.intercept();
    double[] entries = new double[operations.length];
    for (int e = 0; e < entries.length; e++) {
      entries[e] = slopes[operations[e]] + slopes[operationCount + workCount + e];
      if (workCount > 0) {
        entries[e] += slopes[operationCount + operations[e]] * work[e];
      }
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

  /** Predicts every sample by a table fitted on the other folds. */
  PredictorReport crossValidate(int[][] rows, double[] millis) {
    return Folds.report(
        millis,
        training -> {
          Fitted fitted =
              fit(
                  Arrays.stream(training).mapToObj(i -> rows[i]).toArray(int[][]::new),
                  Arrays.stream(training).mapToDouble(i -> millis[i]).toArray());
          return i -> fitted.predict(rows[i]);
        });
  }
}
