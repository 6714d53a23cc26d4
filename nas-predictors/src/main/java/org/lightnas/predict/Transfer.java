package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;

/**
 * Predicts a new device from few samples with the help of others. With z_d the table of other
 * device d, scaled to a mean of 1, and z their mean, the model is a table
 *
 * <pre>
 * y / mean(y) = c + a z + sum_d b_d (z_d - z) + sum_o e_o count_o + sum_lk f_lk,   weights 1 / y^2
 * </pre>
 *
 * where a hardly shrinks and b, e, f do: without samples it is what the others have in common, then
 * what some of them have, then per operation what this device has of its own, then per place.
 * Penalties are not chosen but averaged over a grid, each fit weighted by its marginal likelihood
 * (the noise integrated out): ten samples cannot tell which penalties are right, and the average
 * loses less than a wrong choice. For runtimes that remove dead operations the same fits are made
 * on what reaches the output; both kinds are in the average, the latter with a prior weight of the
 * share of other devices for which it holds.
 *
 * <p>Samples far from the average count little in a second and third round. A third of the
 * prediction is that of a table fitted to the new device alone.
 *
 * <p>Our own design; the likelihood is that of Bayesian linear regression (Bishop 2006, 3.5).
 */
final class Transfer implements PredictorFamily {

  private static final int MIN_SAMPLES = 3;
  private static final double BIAS_PENALTY = 1e-4;
  private static final double COMMON_PENALTY = 1e-2;
  private static final double[] DEVICE_PENALTIES = {1e-2, 1e-1, 1, 10};
  private static final double[] OPERATION_PENALTIES = {1e-3, 1e-2, 1e-1, 1, 100};
  private static final double[] DEVIATION_PENALTIES = {10, 100, 1e4};

  private static final int ROBUST_ROUNDS = 2;

  /**
   * Share of a table fitted without the others: it errs elsewhere, and where the device is like no
   * other it errs less.
   */
  private static final double OWN_SHARE = 1 / 3.0;

  /** How many architectures the scale of a table is taken from. */
  private static final int SCALE_SAMPLES = 256;

  private final ChoiceSpace space;
  private final int[] offsets;
  private final int[] operations;
  private final int operationCount;

  /** For each device its table, over the mean device: {@code [D + 1][1 + entries]}, mean first. */
  private final double[][] shared;

  /** What share of devices removes dead operations, before the new one is looked at. */
  private final double removingShare;

  Transfer(List<Profile> others) {
    checkArgument(!others.isEmpty(), "A transfer needs the profile of at least one other device.");
    space = others.get(0).space();
    for (Profile other : others) {
      checkArgument(
          other.space().equals(space),
          "The profile of [%s] is of space '%s', that of [%s] of '%s', but a transfer needs one.",
          other.fingerprint(),
          other.space().name(),
          others.get(0).fingerprint(),
          space.name());
    }
    offsets = Entries.offsets(space);
    operations = new int[offsets[offsets.length - 1]];
    operationCount = numberOperations();
    double[][] tables = new double[others.size()][];
    int removing = 0;
    for (int d = 0; d < tables.length; d++) {
      PriorTable prior = PriorTable.fit(others.get(d));
      tables[d] = scaled(prior);
      removing += prior.reachable() ? 1 : 0;
    }
    removingShare = (removing + 0.5) / (tables.length + 1);
    shared = new double[tables.length + 1][1 + operations.length];
    for (double[] table : tables) {
      for (int j = 0; j < table.length; j++) {
        shared[0][j] += table[j] / tables.length;
      }
    }
    for (int d = 0; d < tables.length; d++) {
      for (int j = 0; j < tables[d].length; j++) {
        shared[d + 1][j] = tables[d][j] - shared[0][j];
      }
    }
  }

  private int numberOperations() {
    List<String> ids = new ArrayList<>();
    List<Choice> choices = space.choices();
    for (int l = 0; l < choices.size(); l++) {
      for (int k = 0; k < choices.get(l).size(); k++) {
        String id = choices.get(l).candidates().get(k).id();
        if (!ids.contains(id)) {
          ids.add(id);
        }
        operations[offsets[l] + k] = ids.indexOf(id);
      }
    }
    return ids.size();
  }

  /** A table whose mean over random architectures, seen as it sees them, is 1. */
  private double[] scaled(PriorTable prior) {
    RandomGenerator random = Seeds.random(1, "transfer scale", 0);
    double mean = 0;
    for (int i = 0; i < SCALE_SAMPLES; i++) {
      Architecture drawn = space.canonical(space.sample(random));
      mean +=
          dot(prior.table(), prior.reachable() ? space.reachable(drawn) : drawn) / SCALE_SAMPLES;
    }
    double scale = mean;
    return Arrays.stream(prior.table()).map(entry -> entry / scale).toArray();
  }

  private double dot(double[] table, Architecture architecture) {
    double sum = table[0];
    for (int l = 0; l + 1 < offsets.length; l++) {
      sum += table[1 + offsets[l] + architecture.pick(l)];
    }
    return sum;
  }

  @Override
  public String name() {
    return "transfer";
  }

  @Override
  public Predictor fit(Profile profile) {
    checkArgument(
        profile.space().equals(space),
        "The profile is of space '%s', but the other devices' are of '%s'.",
        profile.space().name(),
        space.name());
    List<Profile.Sample> samples = profile.samples();
    checkArgument(
        samples.size() >= MIN_SAMPLES,
        "A transfer needs at least %s samples of the new device, but the profile of space '%s' has"
            + " %s.",
        MIN_SAMPLES,
        space.name(),
        samples.size());
    double[] y = samples.stream().mapToDouble(s -> s.measurement().millis()).toArray();
    double scale = Arrays.stream(y).average().orElseThrow();
    List<Architecture> plain = samples.stream().map(Profile.Sample::architecture).toList();
    List<Architecture> reachable = plain.stream().map(space::reachable).toList();
    List<double[][]> designs = new ArrayList<>();
    designs.add(design(plain));
    if (!reachable.equals(plain)) {
      designs.add(design(reachable));
    }
    double[] all = new double[y.length];
    Arrays.fill(all, 1);
    List<AveragedRidge> fits = designs.stream().map(design -> average(design, y, all)).toList();
    // Before samples are distrusted: else the kind that distrusts what contradicts it would win.
    double[] shares = AveragedRidge.shares(fits, 1 - removingShare, removingShare);
    double[][] tables = new double[2][1 + operations.length];
    for (int v = 0; v < fits.size(); v++) {
      AveragedRidge fit = fits.get(v);
      for (int round = 0; round < ROBUST_ROUNDS; round++) {
        fit = average(designs.get(v), y, fit.trust());
      }
      add(tables[v], (1 - OWN_SHARE) * shares[v] * scale, table(fit.solution()));
    }
    addOwn(tables, profile);
    double floor = Arrays.stream(y).min().orElseThrow() / 10;
    return new TransferredTables(space, tables[0], tables[1], floor, profile.fingerprint());
  }

  private static void add(double[] sum, double share, double[] table) {
    for (int j = 0; j < table.length; j++) {
      sum[j] += share * table[j];
    }
  }

  /** Adds a table that knows no other devices, plain or of what reaches the output. */
  private static void addOwn(double[][] tables, Profile profile) {
    PredictorFamily family = LatencyTable.family();
    Predictor own =
        profile.samples().size() > MIN_SAMPLES
            ? Predictors.best(profile, List.of(family)).predictor()
            : family.fit(profile);
    boolean reachable = own instanceof ReachablePredictor;
    LatencyTable table =
        (LatencyTable) (own instanceof ReachablePredictor form ? form.inner() : own);
    double[] flat =
        DoubleStream.concat(
                DoubleStream.of(table.constant()),
                Arrays.stream(table.table()).flatMapToDouble(Arrays::stream))
            .toArray();
    add(tables[reachable ? 1 : 0], OWN_SHARE, flat);
  }

  private double[][] design(List<Architecture> architectures) {
    return architectures.stream().map(this::features).toArray(double[][]::new);
  }

  private AveragedRidge average(double[][] design, double[] y, double[] trust) {
    AveragedRidge ridge = new AveragedRidge(design, y, trust);
    int devices = shared.length - 1;
    double[] penalties = new double[2 + devices + operationCount + operations.length];
    penalties[0] = BIAS_PENALTY;
    penalties[1] = COMMON_PENALTY;
    for (double device : DEVICE_PENALTIES) {
      Arrays.fill(penalties, 2, 2 + devices, device);
      for (double operation : OPERATION_PENALTIES) {
        Arrays.fill(penalties, 2 + devices, 2 + devices + operationCount, operation);
        for (double deviation : DEVIATION_PENALTIES) {
          Arrays.fill(penalties, 2 + devices + operationCount, penalties.length, deviation);
          ridge.add(penalties);
        }
      }
    }
    return ridge;
  }

  private double[] features(Architecture architecture) {
    int devices = shared.length - 1;
    double[] row = new double[2 + devices + operationCount + operations.length];
    row[0] = 1;
    for (int d = 0; d <= devices; d++) {
      row[1 + d] = dot(shared[d], architecture);
    }
    for (int l = 0; l + 1 < offsets.length; l++) {
      int entry = offsets[l] + architecture.pick(l);
      row[2 + devices + operations[entry]] += 1;
      row[2 + devices + operationCount + entry] = 1;
    }
    return row;
  }

  /** Adds the parts up: constant first, then one entry per choice and candidate. */
  private double[] table(double[] solution) {
    int devices = shared.length - 1;
    double[] table = new double[1 + operations.length];
    table[0] = solution[0];
    for (int d = 0; d <= devices; d++) {
      for (int j = 0; j < table.length; j++) {
        table[j] += solution[1 + d] * shared[d][j];
      }
    }
    for (int e = 0; e < operations.length; e++) {
      table[1 + e] +=
          solution[2 + devices + operations[e]] + solution[2 + devices + operationCount + e];
    }
    return table;
  }
}
