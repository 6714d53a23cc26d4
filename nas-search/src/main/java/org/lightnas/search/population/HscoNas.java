package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Lists;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Augmentation;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.QualityLimit;
import org.lightnas.search.Projections;
import org.lightnas.search.Searcher;
import org.lightnas.search.SupernetEvaluator;
import org.lightnas.space.TrainableSpace;

/**
 * HSCoNAS (Luo et al., DATE 2021): trains a supernet on paths drawn uniformly, narrows the space
 * from its end by the quality of its parts, trains on in what is left, and ends with an evolution.
 * What it looks for is the largest
 *
 * <pre>
 * F(arch) = ACC(arch) + beta |LAT(arch) / T - 1|        beta &lt;= 0
 * </pre>
 *
 * with the {@linkplain SupernetEvaluator accuracy with the supernet's weights} in percent and the
 * predicted latency; the evolution looks at architectures within the bounds only.
 *
 * <pre>
 * LayeredSpace space = ShuffleSpace.small(images.shape(), images.classes());
 * HscoResult found =
 *     HscoNas.builder().build().search(space.on(images), Constraint.latency(bound, latency));
 * </pre>
 *
 * Of the paper only its parts are certain; what its formulas and constants are known from is
 * memory. Ours, then: the stopping rule (narrowing ends with a stage that drops nothing, or after
 * {@link Builder#stages}), what a stage keeps (all that is less than a standard error behind the
 * best), all default settings; widths share weights by leading slices instead of masks. Narrowing
 * pays where the supernet's scores are too noisy for the evolution to find its way in all of the
 * space.
 *
 * <p>Immutable. Deterministic by seed, on the same kernels. Whoever interrupts the searching thread
 * stops the search; with a folder for {@link Builder#checkpoints} it can go on later.
 *
 * @since 0.1.0
 */
public final class HscoNas implements Searcher {

  private final HscoSettings settings;

  private HscoNas(HscoSettings settings) {
    this.settings = settings;
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Searches.
   *
   * @param space a space and the images to train and choose on; test images are not looked at
   * @param constraints the bounds, at least one; their predictors must be for this space. If one
   *     names a device, the best few are measured at the end.
   * @return an architecture whose predictions do not exceed the bounds
   * @throws org.lightnas.InfeasibleConstraintException before any training, if no architecture
   *     meets the bounds
   * @throws org.lightnas.PoorPredictorException before any training, if a predictor's quality is
   *     known and worse than asked for
   * @throws org.lightnas.DivergedSearchException if the supernet's loss is no number
   * @throws org.lightnas.InterruptedRunException if the searching thread was interrupted
   * @throws org.lightnas.CheckpointException if the state of the search cannot be read or written,
   *     or is of another one
   * @throws IllegalArgumentException if there is no bound, or a predictor is for another space
   */
  @Override
  public HscoResult search(TrainableSpace space, List<Constraint> constraints) {
    checkArgument(!constraints.isEmpty(), "A search needs at least one bound, but got none.");
    for (Constraint constraint : constraints) {
      checkArgument(
          constraint.predictor().space().equals(space.space()),
          "The predictor is for space '%s', but space '%s' is to be searched.\n"
              + "Maybe profile this space; of equal names, candidates must be equal too.",
          constraint.predictor().space().name(),
          space.space().name());
      settings.quality().require(constraint.predictor());
    }
    Projections.requireFeasible(constraints);
    Projections.requireMeasurable(space.space(), constraints, settings.seed());
    try (SupernetEvaluator accuracy =
        SupernetEvaluator.builder(space)
            .batchSize(settings.batchSize())
            .learningRate(settings.learningRate())
            .augmentation(settings.augmentation())
            .validation(settings.heldOut())
            .batchNormReestimation(settings.normBatches())
            .seed(settings.seed())
            .build()) {
      return new HscoRun(settings, space, List.copyOf(constraints), accuracy).run();
    }
  }

  @Override
  public HscoResult search(TrainableSpace space, Constraint first, Constraint... more) {
    return search(space, Lists.asList(first, more));
  }

  /**
   * Settings of {@link HscoNas}; every setter checks its value and names the default.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private int steps = 4_000;
    private int fineTuning = 600;
    private int batchSize = 64;
    private double learningRate = 0.3;
    private Augmentation augmentation = Augmentation.cropAndFlip();
    private double heldOut = 0.1;
    private int normBatches = 8;
    private double beta = -10;
    private boolean oneSided;
    private int samples = 100;
    private int stages = 2;
    private int stageChoices = 4;
    private int population = 50;
    private int generations = 20;
    private int finalists = 5;
    private QualityLimit quality = QualityLimit.standard();
    private long seed = 42;
    private Clock clock = Clock.systemUTC();
    private @Nullable Path folder;
    private final List<ScoreListener> listeners = new ArrayList<>();
    private final List<HscoListener> stageListeners = new ArrayList<>();

    private Builder() {}

    private static int atLeast(int least, int value, String what) {
      checkArgument(value >= least, "%s must be at least %s, but is %s.", what, least, value);
      return value;
    }

    /** Steps of the supernet before the space is narrowed, at least 1. Default 4,000. */
    @CanIgnoreReturnValue
    public Builder steps(int value) {
      steps = atLeast(1, value, "The number of steps");
      return this;
    }

    /** Steps after each stage that dropped something, at least 1. Default 600. */
    @CanIgnoreReturnValue
    public Builder fineTuning(int value) {
      fineTuning = atLeast(1, value, "The number of steps after a stage");
      return this;
    }

    /** Images per step, at least 2 for batch norm to have statistics. Default 64. */
    @CanIgnoreReturnValue
    public Builder batchSize(int value) {
      batchSize = atLeast(2, value, "The batch size");
      return this;
    }

    /** Peak of the supernet's learning rate; a tenth of it after stages. Default 0.3. */
    @CanIgnoreReturnValue
    public Builder learningRate(double value) {
      checkArgument(
          value > 0 && Double.isFinite(value),
          "The learning rate must be a positive number, but is %s.",
          value);
      learningRate = value;
      return this;
    }

    /** Changes made to training images. Default {@link Augmentation#cropAndFlip}. */
    @CanIgnoreReturnValue
    public Builder augmentation(Augmentation value) {
      augmentation = value;
      return this;
    }

    /** Share of the training images kept for scoring, between 0 and 1. Default 0.1. */
    @CanIgnoreReturnValue
    public Builder validation(double value) {
      checkArgument(
          value > 0 && value < 1, "The share held out must be between 0 and 1, but is %s.", value);
      heldOut = value;
      return this;
    }

    /** Batches by which batch norms are estimated before a score, at least 1. Default 8. */
    @CanIgnoreReturnValue
    public Builder batchNormReestimation(int value) {
      normBatches = atLeast(1, value, "The number of batches for batch norms");
      return this;
    }

    /**
     * Weight of the distance from the bounds, in points of accuracy, at most 0. Default -10: a
     * tenth off the bound costs a point.
     */
    @CanIgnoreReturnValue
    public Builder beta(double value) {
      checkArgument(
          value <= 0 && Double.isFinite(value), "Beta must be at most 0, but is %s.", value);
      beta = value;
      return this;
    }

    /**
     * Whether only what exceeds a bound is penalised, {@code max(0, LAT / T - 1)}. Default false,
     * as published: what stays below does not use what it may.
     */
    @CanIgnoreReturnValue
    public Builder oneSided(boolean value) {
      oneSided = value;
      return this;
    }

    /** Architectures by which a part of the space is judged, at least 2. Default 100. */
    @CanIgnoreReturnValue
    public Builder samples(int value) {
      samples = atLeast(2, value, "The number of samples for a quality");
      return this;
    }

    /** How often the space is narrowed at most; 0 for never. Default 2. */
    @CanIgnoreReturnValue
    public Builder stages(int value) {
      stages = atLeast(0, value, "The number of stages");
      return this;
    }

    /** Choices that a stage decides on, at least 1. Default 4. */
    @CanIgnoreReturnValue
    public Builder stageChoices(int value) {
      stageChoices = atLeast(1, value, "The number of choices of a stage");
      return this;
    }

    /** Architectures of a generation, at least 1. Default 50. */
    @CanIgnoreReturnValue
    public Builder population(int value) {
      population = atLeast(1, value, "The population");
      return this;
    }

    /** Generations of the evolution, at least 1. Default 20. */
    @CanIgnoreReturnValue
    public Builder generations(int value) {
      generations = atLeast(1, value, "The number of generations");
      return this;
    }

    /** How many of the best are measured where a bound names a device, at least 1. Default 5. */
    @CanIgnoreReturnValue
    public Builder finalists(int value) {
      finalists = atLeast(1, value, "The number of finalists");
      return this;
    }

    /**
     * How good predictors must be, as far as that is known. Default {@link QualityLimit#standard}.
     */
    @CanIgnoreReturnValue
    public Builder quality(QualityLimit value) {
      quality = value;
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

    /**
     * Writes {@code supernet.ckpt} to this folder after each epoch and when interrupted, and the
     * evolution's scores to {@code scores.ckpt}; goes on from there if they are there already.
     * Default none.
     */
    @CanIgnoreReturnValue
    public Builder checkpoints(Path value) {
      folder = value;
      return this;
    }

    /** Adds a listener to the evolution. */
    @CanIgnoreReturnValue
    public Builder listener(ScoreListener value) {
      listeners.add(value);
      return this;
    }

    /** Adds a listener to the stages before it. */
    @CanIgnoreReturnValue
    public Builder stageListener(HscoListener value) {
      stageListeners.add(value);
      return this;
    }

    /** Makes the searcher. */
    public HscoNas build() {
      return new HscoNas(
          new HscoSettings(
              steps,
              fineTuning,
              batchSize,
              learningRate,
              augmentation,
              heldOut,
              normBatches,
              beta,
              oneSided,
              samples,
              stages,
              stageChoices,
              population,
              generations,
              finalists,
              quality,
              seed,
              clock,
              folder,
              listeners,
              stageListeners));
    }
  }
}
