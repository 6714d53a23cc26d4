package org.lightnas.search.channels;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lightnas.Reproducible;
import org.lightnas.internal.JavaCode;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.MeasuredPredictor;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.QualityLimit;
import org.lightnas.search.Found;
import org.lightnas.search.SearchStage;
import org.lightnas.search.population.ScoreListener;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.proxy.BatchwiseTrainingEstimation;
import org.lightnas.space.Architecture;
import org.lightnas.space.TrainableSpace;
import org.lightnas.space.widths.ChannelSpace;

/**
 * The second stage of LightNAS (Luo et al., TCAD 2022): an evolution among the {@linkplain
 * ChannelSpace widths} of a found network, scored by {@linkplain BatchwiseTrainingEstimation
 * batchwise training estimation}, under the same bounds. Of the paper only this much is public:
 * space, settings and the rules below are ours.
 *
 * <ul>
 *   <li>The found network itself is scored first, and the first generation are mutations of it. If
 *       it keeps the bounds, what comes out does, too, and is by the scores never worse: where
 *       nothing better keeps them, it is the found network.
 *   <li>Estimates compare networks of equal latency only, so proposals that leave more than a few
 *       percent of the bounds unused are widened: {@link Builder#atLeast}.
 *   <li>MACs, parameters and activation memory are counted exactly. Latencies of widths are
 *       predicted anew from measurements on the device that the bound names, if the bound's
 *       predictor is a {@link MeasuredPredictor} (those of nas-predictors are); or give {@link
 *       Builder#predictor}.
 *   <li>Predictions are in proportion to what is known of the found network, its measurement or
 *       else its prediction, so that it keeps its bounds here if it kept them there.
 *   <li>Where a bound names a device the best few are measured, and the first of them that keeps
 *       the bounds is taken.
 * </ul>
 *
 * <p>Immutable. Deterministic by seed, given the same measurements; with a folder these are kept,
 * and a search that was stopped goes on to the same result.
 *
 * @since 0.1.0
 */
public final class ChannelSearch implements SearchStage, Reproducible {

  private static final Function<Architecture, ChannelSpace> WIDTHS = ChannelSpace::of;

  private final ChannelSettings settings;

  private ChannelSearch(ChannelSettings settings) {
    this.settings = settings;
  }

  /** With the default settings: 120 estimates of 100 batches each. */
  public static ChannelSearch defaults() {
    return builder().build();
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void require(TrainableSpace space, List<Constraint> constraints) {
    checkArgument(
        !constraints.isEmpty(),
        "Widths are searched under bounds, but there are none: the widest would win.");
    constraints.forEach(constraint -> new ChannelBounds(settings).require(constraint));
  }

  @Override
  public int passes() {
    return settings.passes();
  }

  /**
   * Searches among the widths of what was found.
   *
   * @return of a {@link ChannelSpace}; its score is relative to the found network, whose own is -1
   * @throws IllegalArgumentException as {@link #require}
   * @throws org.lightnas.NasException as {@link org.lightnas.device.Device#measure}
   * @throws org.lightnas.InterruptedRunException if this thread was interrupted
   * @throws org.lightnas.CheckpointException if what is in the folder cannot be read, or is of
   *     another search
   */
  @Override
  public ScoreResult run(Found found, TrainableSpace space, @Nullable Path folder) {
    require(space, found.constraints());
    return new ChannelRun(settings, found, space, folder).run();
  }

  /** The calls of the builder; empty where one was given a function. */
  @Override
  public Optional<String> code() {
    return JavaCode.calls(settings, defaults().settings, JavaCode::of, "clock", "listeners")
        .map(calls -> ChannelSearch.class.getName() + ".builder()" + calls + "\n    .build()");
  }

  /**
   * Settings of a {@link ChannelSearch}; every setter checks its value and names the default.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private int population = 20;
    private int generations = 6;
    private int parents = 5;
    private double mutationRate = 0.1;
    private double atLeast = 0.97;
    private int batches = 100;
    private int finalists = 5;
    private QualityLimit quality = QualityLimit.standard();
    private Function<Architecture, ChannelSpace> widths = WIDTHS;
    private @Nullable BiFunction<ChannelSpace, Constraint, Predictor> predictor;
    private @Nullable BiFunction<TrainableSpace, Architecture, Evaluator> fitness;
    private long seed = 42;
    private Clock clock = Clock.systemUTC();
    private final List<ScoreListener> listeners = new ArrayList<>();

    private Builder() {}

    private static int atLeast(int least, int value, String what) {
      checkArgument(value >= least, "%s must be at least %s, but is %s.", what, least, value);
      return value;
    }

    /**
     * Architectures of a generation, at least 2: half of them mutations, half crossovers. Default
     * 20; Guo et al. (ECCV 2020) take 50.
     */
    @CanIgnoreReturnValue
    public Builder population(int value) {
      population = atLeast(2, value, "The population");
      return this;
    }

    /** Generations, at least 1. Default 6; Guo et al. take 20. */
    @CanIgnoreReturnValue
    public Builder generations(int value) {
      generations = atLeast(1, value, "The number of generations");
      return this;
    }

    /** How many of the best have offspring, at least 1. Default 5; Guo et al. take 10. */
    @CanIgnoreReturnValue
    public Builder parents(int value) {
      parents = atLeast(1, value, "The number of parents");
      return this;
    }

    /** Probability that a mutation draws a width anew, above 0 and up to 1. Default 0.1. */
    @CanIgnoreReturnValue
    public Builder mutationRate(double value) {
      checkArgument(
          value > 0 && value <= 1,
          "The mutation rate must be above 0 and at most 1, but is %s.",
          value);
      mutationRate = value;
      return this;
    }

    /**
     * Widens at random what is predicted to use less than this share of every bound, in [0, 1], as
     * far as the bounds allow. Default 0.97, above which the first stage ends; 0 for nothing.
     */
    @CanIgnoreReturnValue
    public Builder atLeast(double value) {
      checkArgument(
          value >= 0 && value <= 1, "The share of a bound must be in [0, 1], but is %s.", value);
      atLeast = value;
      return this;
    }

    /** Batches of an estimate, at least 1. Default 100. */
    @CanIgnoreReturnValue
    public Builder batches(int value) {
      batches = atLeast(1, value, "The number of batches");
      return this;
    }

    /** How many of the best are measured where a bound names a device, at least 1. Default 5. */
    @CanIgnoreReturnValue
    public Builder finalists(int value) {
      finalists = atLeast(1, value, "The number of finalists");
      return this;
    }

    /**
     * How good predictors of widths must be, as far as that is known. Default {@link
     * QualityLimit#standard}.
     */
    @CanIgnoreReturnValue
    public Builder quality(QualityLimit value) {
      quality = value;
      return this;
    }

    /** The widths of an architecture. Default {@link ChannelSpace#of}. */
    @CanIgnoreReturnValue
    public Builder widths(Function<Architecture, ChannelSpace> value) {
      widths = value;
      return this;
    }

    /**
     * Predicts what a bound is on, for widths; it must be the same predictor whenever it is asked
     * for. Default as of the class.
     */
    @CanIgnoreReturnValue
    public Builder predictor(BiFunction<ChannelSpace, Constraint, Predictor> value) {
      predictor = value;
      return this;
    }

    /**
     * Scores widths instead of an estimate of {@link #batches} relative to the found network, which
     * is the second thing that the function is given. Estimates may begin with a trained network's
     * weights: {@code BatchwiseTrainingEstimation.builder(widths).initialWeights(a ->
     * ((ChannelSpace) widths.space()).inherit(trained, a, 1))}.
     */
    @CanIgnoreReturnValue
    public Builder fitness(BiFunction<TrainableSpace, Architecture, Evaluator> value) {
      fitness = value;
      return this;
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Tells the time, for provenance. Default the system's. */
    @CanIgnoreReturnValue
    public Builder clock(Clock value) {
      clock = value;
      return this;
    }

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public Builder listener(ScoreListener value) {
      listeners.add(value);
      return this;
    }

    /** Makes the stage. */
    public ChannelSearch build() {
      return new ChannelSearch(
          new ChannelSettings(
              population,
              generations,
              parents,
              mutationRate,
              atLeast,
              batches,
              finalists,
              quality,
              widths,
              predictor,
              fitness,
              seed,
              clock,
              listeners));
    }
  }
}
