package org.lightnas.examples.bench;

import java.util.ArrayList;
import java.util.List;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * The yardstick of predictors: a constant and one number per operation, times how often it occurs,
 * by ordinary least squares. The space's first operation has none, as the counts add up to the
 * number of choices: five parameters on NAS-Bench-201.
 */
final class OpCounts {

  /** Relative to the largest diagonal entry: settles what the samples leave open, no more. */
  private static final double SETTLING = 1e-10;

  private final ChoiceSpace space;
  private final List<String> operations = new ArrayList<>();
  private final int[][] columns;

  private OpCounts(ChoiceSpace space) {
    this.space = space;
    List<Choice> choices = space.choices();
    columns = new int[choices.size()][];
    for (int l = 0; l < columns.length; l++) {
      List<Candidate> candidates = choices.get(l).candidates();
      columns[l] = new int[candidates.size()];
      for (int k = 0; k < columns[l].length; k++) {
        String id = candidates.get(k).id();
        if (!operations.contains(id)) {
          operations.add(id);
        }
        // The first one's column is the constant's, to which it adds nothing.
        columns[l][k] = operations.indexOf(id);
      }
    }
  }

  static Predictor fit(Profile profile) {
    OpCounts counts = new OpCounts(profile.space());
    int width = counts.operations.size();
    double[][] gram = new double[width][width];
    double[] moment = new double[width];
    for (Profile.Sample sample : profile.samples()) {
      double[] row = counts.row(sample.architecture());
      for (int j = 0; j < width; j++) {
        moment[j] += row[j] * sample.measurement().millis();
        for (int k = 0; k < width; k++) {
          gram[j][k] += row[j] * row[k];
        }
      }
    }
    double largest = 0;
    for (int j = 0; j < width; j++) {
      largest = Math.max(largest, gram[j][j]);
    }
    for (int j = 0; j < width; j++) {
      gram[j][j] += SETTLING * largest;
    }
    double[] solution = solve(gram, moment);
    return Predictor.of(
        counts.space, Metric.LATENCY, architecture -> dot(counts.row(architecture), solution));
  }

  private double[] row(Architecture architecture) {
    double[] row = new double[operations.size()];
    for (int l = 0; l < columns.length; l++) {
      row[columns[l][architecture.pick(l)]]++;
    }
    row[0] = 1;
    return row;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int j = 0; j < a.length; j++) {
      sum += a[j] * b[j];
    }
    return sum;
  }

  /** Elimination with pivots; changes its arguments. */
  private static double[] solve(double[][] a, double[] b) {
    int n = b.length;
    for (int j = 0; j < n; j++) {
      int pivot = j;
      for (int i = j + 1; i < n; i++) {
        pivot = Math.abs(a[i][j]) > Math.abs(a[pivot][j]) ? i : pivot;
      }
      double[] row = a[pivot];
      a[pivot] = a[j];
      a[j] = row;
      double value = b[pivot];
      b[pivot] = b[j];
      b[j] = value;
      for (int i = j + 1; i < n; i++) {
        double factor = a[i][j] / a[j][j];
        for (int k = j; k < n; k++) {
          a[i][k] -= factor * a[j][k];
        }
        b[i] -= factor * b[j];
      }
    }
    for (int j = n - 1; j >= 0; j--) {
      for (int k = j + 1; k < n; k++) {
        b[j] -= a[j][k] * b[k];
      }
      b[j] /= a[j][j];
    }
    return b;
  }
}
