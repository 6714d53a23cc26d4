package org.lightnas.predict;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Metric;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;

/**
 * Latency of networks that differ in the widths of the same layers, as those of a {@link
 * org.lightnas.space.widths.ChannelSpace}: a constant, and for every layer so much per operation
 * and so much per value that it reads or writes. What a layer costs depends on how wide both of its
 * sides are, so a table of one number per width, which adds them up, cannot say it.
 *
 * <p>Fitted on whole networks by robust ridge regression: costs per operation and per value are
 * shared by all layers (dense convolutions, depthwise ones), and a layer departs from them as far
 * as leave-one-out errors advise. Stairs of a device that computes channels in groups are smoothed
 * over; {@code Predictors.best} says whether a table fits better.
 *
 * <p>It says when it extrapolates: see {@link #estimate}. Immutable and thread-safe.
 *
 * @since 0.1.0
 */
public final class WidthPredictor implements Reported {

  private static final int MIN_SAMPLES = 4;
  private static final double LEAST = 0.1;

  /** So that a sample is not beyond itself. */
  private static final double ROUNDING = 1 + 1e-9;

  private static final double[] SHARED_PENALTIES = {1e-5, 1e-3, 1e-1};
  private static final double[] LAYER_PENALTIES = {1e5, 1e3, 100, 10, 1, 1e-1, 1e-2};

  private final SearchSpace space;
  private final WidthFeatures features;
  private final RobustRidge.Solution solution;
  private final Known known;
  private final String fingerprint;
  private final @Nullable PredictorReport report;

  /**
   * What was measured.
   *
   * @param first the least position picked for each choice; candidates are in ascending order
   * @param last the greatest one
   * @param leverage the greatest of a sample
   * @param millis the least latency
   */
  private record Known(int[] first, int[] last, double leverage, double millis) {}

  /**
   * A prediction, and whether it is one about networks like those that were measured.
   *
   * @param millis the latency in ms
   * @param extrapolated whether a choice takes a candidate before the first or behind the last one
   *     that was measured, or the network lies farther from those measured than any of them from
   *     the others (its leverage exceeds the largest of a sample: Cook 1979), though each width by
   *     itself was measured
   * @param beyond the choices that do so, by name
   * @since 0.1.0
   */
  public record Estimate(double millis, boolean extrapolated, List<String> beyond) {

    /** Copies the list. */
    public Estimate {
      beyond = List.copyOf(beyond);
    }

    /** {@code 0.123 ms, extrapolated beyond [block1.k3e6.expand]}. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%.3f ms%s",
          millis,
          extrapolated
              ? ", extrapolated" + (beyond.isEmpty() ? " as a whole" : " beyond " + beyond)
              : "");
    }
  }

  private WidthPredictor(
      SearchSpace space,
      WidthFeatures features,
      RobustRidge.Solution solution,
      Known known,
      String fingerprint,
      @Nullable PredictorReport report) {
    this.space = space;
    this.features = features;
    this.solution = solution;
    this.known = known;
    this.fingerprint = fingerprint;
    this.report = report;
  }

  /**
   * Fits a predictor and cross-validates it. Deterministic.
   *
   * @throws IllegalArgumentException if there are fewer than 4 samples, the space has no networks,
   *     or they differ in more than widths
   */
  public static WidthPredictor fit(Profile profile) {
    return fit(profile, true);
  }

  /**
   * Predictors fitted by {@link #fit}, but without a report: who compares families makes his own.
   */
  public static PredictorFamily family() {
    return PredictorFamily.of("widths", profile -> fit(profile, false));
  }

  private static WidthPredictor fit(Profile profile, boolean withReport) {
    List<Profile.Sample> samples = profile.samples();
    checkArgument(
        samples.size() >= MIN_SAMPLES,
        "Latencies of widths are fitted on at least %s samples, but the profile of space '%s' has"
            + " %s.",
        MIN_SAMPLES,
        profile.space().name(),
        samples.size());
    checkArgument(
        profile.space() instanceof SearchSpace,
        "Space '%s' describes choices only, so its architectures have no layers with widths.\n"
            + "Maybe fit a LatencyTable.",
        profile.space().name());
    SearchSpace space = (SearchSpace) profile.space();
    WidthFeatures features = new WidthFeatures(space);
    double[][] rows =
        samples.stream().map(sample -> features.of(sample.architecture())).toArray(double[][]::new);
    double[] millis =
        samples.stream().mapToDouble(sample -> sample.measurement().millis()).toArray();
    RobustRidge.Solution solution = fit(features, rows, millis);
    double leverage = Arrays.stream(rows).mapToDouble(solution::leverage).max().orElseThrow();
    return new WidthPredictor(
        space,
        features,
        solution,
        known(samples, leverage, Arrays.stream(millis).min().orElseThrow()),
        profile.fingerprint(),
        withReport ? crossValidate(features, rows, millis) : null);
  }

  private static Known known(List<Profile.Sample> samples, double leverage, double millis) {
    int[] first = samples.get(0).architecture().picks();
    int[] last = first.clone();
    for (Profile.Sample sample : samples) {
      for (int l = 0; l < first.length; l++) {
        first[l] = Math.min(first[l], sample.architecture().pick(l));
        last[l] = Math.max(last[l], sample.architecture().pick(l));
      }
    }
    return new Known(first, last, leverage, millis);
  }

  private static PredictorReport crossValidate(
      WidthFeatures features, double[][] rows, double[] millis) {
    return Folds.report(
        millis,
        training -> {
          double[] seen = Arrays.stream(training).mapToDouble(i -> millis[i]).toArray();
          RobustRidge.Solution fitted =
              fit(
                  features,
                  Arrays.stream(training).mapToObj(i -> rows[i]).toArray(double[][]::new),
                  seen);
          double least = LEAST * Arrays.stream(seen).min().orElseThrow();
          return i -> Math.max(least, fitted.predict(rows[i]));
        });
  }

  private static RobustRidge.Solution fit(
      WidthFeatures features, double[][] rows, double[] millis) {
    List<double[]> grid = new ArrayList<>();
    for (double layer : LAYER_PENALTIES) {
      for (double shared : SHARED_PENALTIES) {
        double[] penalties = new double[features.columns()];
        Arrays.fill(penalties, layer);
        Arrays.fill(penalties, 0, WidthFeatures.SHARED, shared);
        grid.add(penalties);
      }
    }
    return new RobustRidge(rows, millis).fit(grid);
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
   * {@inheritDoc} No prediction is below a tenth of the least measured latency.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  @Override
  public double predict(Architecture architecture) {
    architecture.requireSpace(space);
    return millis(features.of(architecture));
  }

  private double millis(double[] row) {
    return Math.max(LEAST * known.millis(), solution.predict(row));
  }

  /**
   * The prediction, and whether it extrapolates.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  public Estimate estimate(Architecture architecture) {
    architecture.requireSpace(space);
    double[] row = features.of(architecture);
    List<String> beyond = new ArrayList<>();
    List<Choice> choices = space.choices();
    for (int l = 0; l < choices.size(); l++) {
      if (architecture.pick(l) < known.first()[l] || architecture.pick(l) > known.last()[l]) {
        beyond.add(choices.get(l).name());
      }
    }
    boolean far = solution.leverage(row) > ROUNDING * known.leverage();
    return new Estimate(millis(row), far || !beyond.isEmpty(), beyond);
  }

  @Override
  public boolean extrapolates(Architecture architecture) {
    return estimate(architecture).extrapolated();
  }

  @Override
  public Optional<String> fingerprint() {
    return Optional.of(fingerprint);
  }

  /** How well predictors fitted on parts of the profile did on the rest. */
  @Override
  public Optional<PredictorReport> report() {
    return Optional.ofNullable(report);
  }

  @Override
  public WidthPredictor withReport(PredictorReport newReport) {
    return new WidthPredictor(space, features, solution, known, fingerprint, newReport);
  }

  /** {@code latency of widths of space 'lightnas-small-widths-1234abcd'}. */
  @Override
  public String toString() {
    return "latency of widths of space '" + space.name() + "'";
  }
}
