package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lightnas.Reproducible;
import org.lightnas.device.Device;
import org.lightnas.internal.JavaCode;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;

/**
 * Latency as a constant plus one number per pick. Fitted on whole networks, not added up from
 * operations timed alone, so that what a runtime saves or wastes between operations is in it. On
 * chains of blocks such a table is as good as a neural network and can be read.
 *
 * <p>Immutable and thread-safe; sensitivities and extremes are exact and free.
 *
 * @since 0.1.0
 */
public final class LatencyTable implements GradientPredictor, Reported, Reproducible {

  private static final int MIN_SAMPLES = 3;

  private final ChoiceSpace space;
  private final double constant;
  private final double[] entries;
  private final int[] offsets;
  private final @Nullable String fingerprint;
  private final double referenceMillis;
  private final @Nullable PredictorReport report;

  /** Package-private: the parts, unchecked but for the positive minimum. */
  LatencyTable(
      ChoiceSpace space,
      double constant,
      double[] entries,
      @Nullable String fingerprint,
      double referenceMillis,
      @Nullable PredictorReport report) {
    this.space = space;
    this.constant = constant;
    this.entries = entries;
    this.offsets = Entries.offsets(space);
    this.fingerprint = fingerprint;
    this.referenceMillis = referenceMillis;
    this.report = report;
    Architecture fastest = extreme(-1);
    double least = predict(fastest);
    checkArgument(
        least > 0 && Double.isFinite(least) && Double.isFinite(predict(extreme(1))),
        "The table of space '%s' gives %s ms for architecture %s, but latencies are positive.\n"
            + "Maybe raise the constant, which is %s ms.",
        space.name(),
        least,
        fastest.id(),
        constant);
  }

  /**
   * Measures 60 networks of the space and fits a table: {@link Profile#measure}, then {@link #fit}.
   * Where choices have dozens of candidates, 60 networks say too little about each: {@link
   * OperationSum#profile} says more there.
   *
   * @throws org.lightnas.NasException as {@link Device#measure}
   */
  public static LatencyTable profile(SearchSpace space, Device device) {
    return fit(Profile.measure(space, device));
  }

  /**
   * Fits a table by ridge regression with a bias; an entry shrinks towards what its operation costs
   * elsewhere in the space, by a constant and in proportion to its MACs, as far as leave-one-out
   * errors advise. Samples far from what the others say count little. No prediction is below a
   * tenth of the least measured latency: a fit that would be is moved as little as the data allow.
   * Deterministic.
   *
   * @throws IllegalArgumentException if there are fewer than 3 samples
   */
  public static LatencyTable fit(Profile profile) {
    return fit(profile, SwapCosts.of(profile.space()), true);
  }

  private static LatencyTable fit(Profile profile, double[][] costs, boolean withReport) {
    List<Profile.Sample> samples = profile.samples();
    checkArgument(
        samples.size() >= MIN_SAMPLES,
        "A table is fitted on at least %s samples, but the profile of space '%s' has %s.\n"
            + "Maybe use LatencyTable.of.",
        MIN_SAMPLES,
        profile.space().name(),
        samples.size());
    ChoiceSpace space = profile.space();
    int[] offsets = Entries.offsets(space);
    int[][] rows =
        samples.stream()
            .map(sample -> Entries.picked(sample.architecture(), offsets))
            .toArray(int[][]::new);
    double[] millis =
        samples.stream().mapToDouble(sample -> sample.measurement().millis()).toArray();
    TableFit fit = new TableFit(space, costs);
    TableFit.Fitted fitted = fit.fit(rows, millis);
    return new LatencyTable(
        space,
        fitted.constant(),
        fitted.entries(),
        profile.fingerprint(),
        profile.referenceMillis(),
        withReport ? fit.crossValidate(rows, millis) : null);
  }

  /** Tables fitted by {@link #fit}, but without a report: who compares families makes his own. */
  public static PredictorFamily family() {
    SpaceCache<double[][]> costs = new SpaceCache<>(SwapCosts::of);
    return PredictorFamily.of("table", profile -> fit(profile, costs.of(profile.space()), false));
  }

  /**
   * Reads a table that others published: CSV, either with a row per choice and a column per
   * candidate (header {@code layer,MBK3E3,…,SkipConnect}), or with a row per entry (header of three
   * columns, the last of which ends in {@code ms}). Rows name choices, columns candidates, in any
   * order; a header may start with {@code #} and end in a remark in parentheses. The table names no
   * device and has no report.
   *
   * @param space the space of the table, with its names
   * @param constant what every architecture takes besides, in ms
   * @throws IOException if the file cannot be read
   * @throws PredictorFileException if entries are missing, doubled, foreign or no numbers, naming
   *     the line
   */
  public static LatencyTable readPublished(Path file, ChoiceSpace space, double constant)
      throws IOException {
    return PublishedTable.read(file, space, constant);
  }

  /**
   * A table from elsewhere; it names no device and has no report.
   *
   * @param constant in ms
   * @param table in ms, {@code [choice][candidate]}; copied
   * @throws IllegalArgumentException if the table does not have the space's shape, a number is not
   *     finite, or some architecture would not get a positive latency
   */
  public static LatencyTable of(ChoiceSpace space, double constant, double[][] table) {
    checkArgument(
        Double.isFinite(constant),
        "The constant of a table must be finite, but is %s ms.",
        constant);
    return new LatencyTable(space, constant, Entries.flat(space, table), null, 0, null);
  }

  @Override
  public Metric metric() {
    return Metric.LATENCY;
  }

  @Override
  public ChoiceSpace space() {
    return space;
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  @Override
  public double predict(Architecture architecture) {
    architecture.requireSpace(space);
    double sum = constant;
    for (int l = 0; l + 1 < offsets.length; l++) {
      sum += entries[offsets[l] + architecture.pick(l)];
    }
    return sum;
  }

  @Override
  public double predict(double[][] relaxed) {
    Entries.requireShape(space, relaxed);
    double sum = constant;
    for (int l = 0; l < relaxed.length; l++) {
      for (int k = 0; k < relaxed[l].length; k++) {
        sum += relaxed[l][k] * entries[offsets[l] + k];
      }
    }
    return sum;
  }

  /** {@inheritDoc} The entries themselves, wherever it is asked for. */
  @Override
  public double[][] gradient(double[][] relaxed) {
    Entries.requireShape(space, relaxed);
    return table();
  }

  /** {@inheritDoc} Differences of entries: costs nothing. */
  @Override
  public double[][] sensitivity(Architecture architecture) {
    architecture.requireSpace(space);
    double[][] change = table();
    for (int l = 0; l < change.length; l++) {
      double now = change[l][architecture.pick(l)];
      for (int k = 0; k < change[l].length; k++) {
        change[l][k] -= now;
      }
    }
    return change;
  }

  /** What every architecture takes, in ms; in fitted tables, what the fastest one takes. */
  public double constant() {
    return constant;
  }

  /**
   * What each pick adds, in ms, {@code [choice][candidate]}; a new array. In fitted tables over the
   * fastest candidate of the choice, so not negative.
   */
  public double[][] table() {
    double[][] table = new double[offsets.length - 1][];
    for (int l = 0; l < table.length; l++) {
      table[l] = Arrays.copyOfRange(entries, offsets[l], offsets[l + 1]);
    }
    return table;
  }

  /** The predictions of the fastest and the slowest architecture of the space, exactly. */
  public LatencyRange range() {
    return LatencyRange.ofMillis(predict(extreme(-1)), predict(extreme(1)));
  }

  private Architecture extreme(int sign) {
    int[] picks = new int[offsets.length - 1];
    for (int l = 0; l < picks.length; l++) {
      for (int k = 1; k < offsets[l + 1] - offsets[l]; k++) {
        if (sign * entries[offsets[l] + k] > sign * entries[offsets[l] + picks[l]]) {
          picks[l] = k;
        }
      }
    }
    return space.architecture(picks);
  }

  @Override
  public Optional<String> fingerprint() {
    return Optional.ofNullable(fingerprint);
  }

  /**
   * The latency of the reference network that the predictions are scaled by, in ms: give it to the
   * builder of a device in another process, and its measurements compare with these predictions.
   * Empty in tables made by {@link #of}.
   */
  public Optional<Double> referenceMillis() {
    return referenceMillis > 0 ? Optional.of(referenceMillis) : Optional.empty();
  }

  /** How well tables fitted on parts of the profile did on the rest; empty if it was not fitted. */
  @Override
  public Optional<PredictorReport> report() {
    return Optional.ofNullable(report);
  }

  @Override
  public LatencyTable withReport(PredictorReport newReport) {
    return new LatencyTable(space, constant, entries, fingerprint, referenceMillis, newReport);
  }

  /**
   * Writes a CSV file with fingerprint and report, in one move.
   *
   * @throws IOException naming the file, if it cannot be written
   */
  public void write(Path file) throws IOException {
    TableCsv.write(this, file);
  }

  /**
   * Reads what {@link #write} wrote, bit for bit.
   *
   * @param space the space that the table predicts
   * @throws IOException if the file cannot be read
   * @throws PredictorFileException if it is no such file, is of a newer format or another space, or
   *     was changed; naming the line
   */
  public static LatencyTable read(Path file, ChoiceSpace space) throws IOException {
    return TableCsv.read(file, space);
  }

  /** {@link #of} with its numbers: what it predicts, without fingerprint and report. */
  @Override
  public Optional<String> code() {
    return Optional.of(
        Arrays.stream(table())
            .map(JavaCode::row)
            .collect(
                Collectors.joining(
                    ",\n      ",
                    LatencyTable.class.getName()
                        + ".of(\n    space,\n    "
                        + constant
                        + ",\n    new double[][] {\n      ",
                    "\n    })")));
  }

  /** Equal are tables that predict the same and say the same of themselves. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LatencyTable that
        && Double.compare(constant, that.constant) == 0
        && Double.compare(referenceMillis, that.referenceMillis) == 0
        && Arrays.equals(entries, that.entries)
        && fingerprint().equals(that.fingerprint())
        && report().equals(that.report())
        && space.equals(that.space);
  }

  @Override
  public int hashCode() {
    return 31 * Double.hashCode(constant) + Arrays.hashCode(entries);
  }

  /** {@code latency table of space 'lightnas-small'}. */
  @Override
  public String toString() {
    return "latency table of space '" + space.name() + "'";
  }
}
