package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.lightnas.device.Device;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Latency as the sum of separately measured operations plus what lies between them:
 *
 * <pre>
 * LAT(arch) = sum_l LAT(op_l) + B        B = mean over sampled networks of (measured - sum)
 * </pre>
 *
 * the form of HSCoNAS (Luo et al., DATE 2021). What else the networks say is reported beside it:
 * the least-squares line {@code measured = slope * sum + intercept}. A slope far from 1 says that
 * the device runs operations together otherwise than alone (fusion, overlap), and that a table
 * fitted on whole networks is the better choice where there are a few samples for every candidate.
 * In spaces of many candidates, such as {@link org.lightnas.space.zoo.ShuffleSpace} with its 41 at
 * each choice, this one needs far fewer of them.
 *
 * @param table predicts the sum plus B; its constant is B, and its report is of networks that B did
 *     not know
 * @param bias B in ms
 * @param slope of measured over sum, dimensionless; NaN if all sums are equal
 * @param intercept of that line, in ms; NaN if all sums are equal
 * @since 0.1.0
 */
public record OperationSum(LatencyTable table, double bias, double slope, double intercept) {

  private static final Logger LOG = LoggerFactory.getLogger(OperationSum.class);
  private static final double FAR_FROM_ONE = 0.1;

  /**
   * Measures every operation of a space alone, then as many whole networks as asked for, and finds
   * B. What is alone is measured once, however many choices offer it for the same input.
   *
   * @param networks how many whole networks, at least 3
   * @throws IllegalArgumentException if there are fewer, or as {@link #fit}
   * @throws org.lightnas.NasException as {@link Device#measure}
   */
  public static OperationSum profile(LayeredSpace space, Device device, int networks) {
    Profile.Builder whole = Profile.builder(space, device).samples(networks);
    double[][] operations = new LoneOperations(device).measure(space);
    OperationSum fitted = fit(operations, whole.measure());
    if (Math.abs(fitted.slope() - 1) > FAR_FROM_ONE) {
      LOG.warn(
          "Measured latencies of space '{}' change by {} ms per ms of their operations: the device"
              + " does not run them as it runs them alone. Maybe see whether LatencyTable.fit does"
              + " better.",
          space.name(),
          fitted.slope());
    }
    return fitted;
  }

  /**
   * Finds B.
   *
   * @param operations latency of each candidate measured alone, in ms, {@code [choice][candidate]}
   * @param profile whole networks
   * @throws IllegalArgumentException if the operations do not have the space's shape or a number is
   *     not finite, there is but one sample, or B leaves some architecture without a positive
   *     latency
   */
  public static OperationSum fit(double[][] operations, Profile profile) {
    List<Profile.Sample> samples = profile.samples();
    checkArgument(
        samples.size() >= 2,
        "A bias is fitted on at least 2 samples, but the profile of space '%s' has 1.",
        profile.space().name());
    ChoiceSpace space = profile.space();
    double[] entries = Entries.flat(space, operations);
    int[] offsets = Entries.offsets(space);
    double[] sums = new double[samples.size()];
    double[] millis = new double[sums.length];
    SimpleRegression line = new SimpleRegression();
    for (int i = 0; i < sums.length; i++) {
      Profile.Sample sample = samples.get(i);
      for (int l = 0; l < operations.length; l++) {
        sums[i] += entries[offsets[l] + sample.architecture().pick(l)];
      }
      millis[i] = sample.measurement().millis();
      line.addData(sums[i], millis[i]);
    }
    double bias = bias(sums, millis, IntStream.range(0, sums.length).toArray());
    PredictorReport report =
        Folds.report(
            millis,
            training -> {
              double others = bias(sums, millis, training);
              return i -> sums[i] + others;
            });
    return new OperationSum(
        new LatencyTable(
            space, bias, entries, profile.fingerprint(), profile.referenceMillis(), report),
        bias,
        line.getSlope(),
        line.getIntercept());
  }

  private static double bias(double[] sums, double[] millis, int[] of) {
    return Arrays.stream(of).mapToDouble(i -> millis[i] - sums[i]).average().orElseThrow();
  }

  /**
   * Sums of these operations, with the bias of the profile.
   *
   * @param operations in ms, {@code [choice][candidate]}; copied
   */
  public static PredictorFamily family(double[][] operations) {
    double[][] copy = new double[operations.length][];
    for (int l = 0; l < copy.length; l++) {
      copy[l] = operations[l].clone();
    }
    return PredictorFamily.of("operation-sum", profile -> fit(copy, profile).table());
  }
}
