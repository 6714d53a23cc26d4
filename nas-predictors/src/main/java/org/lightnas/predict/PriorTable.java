package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

/**
 * What another device says: a table fitted by weighted least squares to all that was measured on
 * it, of the architectures as they are or of what reaches their output, whichever fits better. It
 * is read for what it says about differences, so it is scaled freely and may give anything to
 * architectures far from those measured.
 *
 * @param table constant first, then one entry per choice and candidate
 * @param reachable whether it is a table of what reaches the output
 */
record PriorTable(ChoiceSpace space, double[] table, boolean reachable) {

  /** For entries that no sample tells apart. */
  private static final double PENALTY = 1e-3;

  /** Share of the mean latency; errors of what takes less do not count relatively. */
  private static final double LEAST = 0.5;

  static PriorTable fit(Profile profile) {
    checkArgument(
        profile.samples().size() >= 3,
        "A profile of another device needs at least 3 samples, but that of [%s] has %s.",
        profile.fingerprint(),
        profile.samples().size());
    Fitted plain = fit(profile, false);
    Fitted reachable = fit(profile, true);
    return plain.error <= reachable.error ? plain.prior : reachable.prior;
  }

  private record Fitted(PriorTable prior, double error) {}

  private static Fitted fit(Profile profile, boolean reachable) {
    ChoiceSpace space = profile.space();
    int[] offsets = Entries.offsets(space);
    int width = 1 + offsets[offsets.length - 1];
    List<Profile.Sample> samples = profile.samples();
    double[][] gram = new double[width][width];
    double[] moment = new double[width];
    double scale =
        samples.stream().mapToDouble(s -> s.measurement().millis()).average().orElseThrow();
    int[] columns = new int[offsets.length];
    for (Profile.Sample sample : samples) {
      columns(seen(space, sample.architecture(), reachable), offsets, columns);
      double y = sample.measurement().millis() / scale;
      double weight = 1 / Math.max(y * y, LEAST * LEAST);
      for (int a : columns) {
        moment[a] += weight * y;
        for (int b : columns) {
          gram[a][b] += weight;
        }
      }
    }
    for (int j = 0; j < width; j++) {
      gram[j][j] += PENALTY;
    }
    double[] table =
        new CholeskyDecomposition(new Array2DRowRealMatrix(gram, false), 1e-8, 1e-30)
            .getSolver()
            .solve(new ArrayRealVector(moment, false))
            .toArray();
    double error = 0;
    for (Profile.Sample sample : samples) {
      columns(seen(space, sample.architecture(), reachable), offsets, columns);
      double y = sample.measurement().millis() / scale;
      double predicted = 0;
      for (int column : columns) {
        predicted += table[column];
      }
      error += Math.abs(predicted - y) / Math.max(y, LEAST);
    }
    return new Fitted(new PriorTable(space, table, reachable), error);
  }

  private static Architecture seen(
      ChoiceSpace space, Architecture architecture, boolean reachable) {
    return reachable ? space.reachable(architecture) : architecture;
  }

  private static void columns(Architecture architecture, int[] offsets, int[] columns) {
    for (int l = 0; l + 1 < offsets.length; l++) {
      columns[l + 1] = 1 + offsets[l] + architecture.pick(l);
    }
  }
}
