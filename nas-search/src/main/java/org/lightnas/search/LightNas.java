package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Lists;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.lightnas.CheckpointException;
import org.lightnas.data.Augmentation;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.QualityLimit;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;

/**
 * LightNAS (Luo et al., DAC 2022): one differentiable search that ends at the bound asked for. The
 * weights of all architectures are trained together, one sampled path at a time; candidates have
 * logits that learn from the loss and from the predicted cost; how strongly the cost counts is
 * itself learned, by gradient ascent on the violation of the bound, so that nothing is tuned.
 *
 * <p>Weights are trained on one half of the training images, logits on the other; test images are
 * not looked at. A first share of the passes trains weights only, each candidate of a choice
 * equally often. At the end the most probable architecture is projected onto the bound exactly,
 * and, if the constraint names a device, measured: as long as the measurement exceeds the bound,
 * the bound is lowered by the gap and projected again.
 *
 * <p>{@link #faithful} is the published search to its constants. The default departs from it, with
 * reasons in {@code docs/DECISIONS.md}: the effects of candidates are estimated from all losses
 * seen instead of following single gradients, losses are those of compared paths, temperatures and
 * multipliers are in units of what is observed so that no rate is left to tune, and weights and
 * logits learn by turns at every pass instead of every epoch.
 *
 * <p>Immutable. The same settings, seed, images, predictors, backend and number of threads give the
 * same architecture (without a device, whose measurements vary). Whoever interrupts the searching
 * thread stops the search after the pass it is in; with a folder for {@link Builder#checkpoints} it
 * can go on later.
 */
public final class LightNas implements Searcher {

  private final SearchSettings settings;
  private final List<SearchListener> listeners;
  private final Clock clock;
  private final @Nullable Path folder;
  private final boolean resuming;
  private final @Nullable SearchStage stage;

  private LightNas(Builder builder) {
    this.settings = builder.settings();
    this.listeners = List.copyOf(builder.listeners);
    this.clock = builder.clock;
    this.folder = builder.folder;
    this.resuming = builder.resuming;
    this.stage = builder.stage;
  }

  /**
   * Searches with the default settings.
   *
   * @param more other bounds that must be kept too
   * @throws org.lightnas.InfeasibleConstraintException as {@link Searcher#search}
   */
  public static SearchResult searchOnce(
      TrainableSpace space, Constraint first, Constraint... more) {
    return builder().build().search(space, first, more);
  }

  /**
   * Searches for each of several bounds with the default settings, after one warm-up: as good as
   * one search each, in less time.
   *
   * @throws org.lightnas.InfeasibleConstraintException as {@link Searcher#search}
   */
  public static SearchResults searchMany(TrainableSpace space, List<Constraint> constraints) {
    return builder().build().searchEach(space, constraints);
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder(SearchSettings.robust());
  }

  /**
   * Starts from the search as it is published: 90 epochs, 10 of them warm-up in which every batch
   * trains all candidates by ordered paths with summed gradients; weights and logits by turns,
   * epoch by epoch; batches of 128; the published estimator, rates, temperatures and end game;
   * batch norms of the supernet without scale and shift. What differs from the authors' code: their
   * 40,000 images of a validation set are half of the training images here, augmentation is ours,
   * and momentum rests for weights that a pass does not touch.
   */
  public static Builder faithful() {
    return new Builder(SearchSettings.published());
  }

  @Override
  public SearchResult search(TrainableSpace space, List<Constraint> constraints) {
    return staged(space, List.of(constraints)).get(0);
  }

  private List<SearchResult> staged(TrainableSpace space, List<List<Constraint>> targets) {
    Path files = files(space);
    return StagedSearch.run(
        stage,
        space,
        targets,
        files,
        () -> new SearchSession(settings, listeners, clock, space, targets, files).run());
  }

  /**
   * Searches for each of several bounds, one after the other, after one warm-up. Each result is the
   * one that {@link #search} gives for its bound.
   *
   * @throws org.lightnas.InfeasibleConstraintException before any training, if a bound cannot be
   *     met
   */
  public SearchResults searchEach(TrainableSpace space, List<Constraint> constraints) {
    checkArgument(!constraints.isEmpty(), "A search needs at least one bound, but got none.");
    return new SearchResults(staged(space, constraints.stream().map(List::of).toList()));
  }

  /**
   * What {@link #search} would do: what is reachable, how long it will take, and in what memory. A
   * few paths are run, nothing is trained.
   *
   * @throws org.lightnas.InfeasibleConstraintException if the bounds cannot be met
   */
  public SearchPlan plan(TrainableSpace space, Constraint first, Constraint... more) {
    List<Constraint> constraints = Lists.asList(first, more);
    return new SearchSession(settings, List.of(), clock, space, List.of(constraints), null).plan();
  }

  private @Nullable Path files(TrainableSpace space) {
    if (folder != null && resuming && !Files.isDirectory(folder)) {
      throw new CheckpointException(
          folder.resolve(SearchSession.LAST),
          "is not there: there is no search of space '" + space.space().name() + "' to resume.",
          "use checkpoints(folder), which begins where there is nothing.",
          null);
    }
    return folder;
  }

  /** Settings of {@link LightNas}; every setter checks its value and names the default. */
  public static final class Builder {

    private final boolean faithful;
    private int steps;
    private int epochs;
    private double warmup;
    private int batchSize;
    private long planBytes;
    private double learningRate;
    private Estimator estimator;
    private int paths;
    private @Nullable Boolean aim;
    private QualityLimit quality;
    private Augmentation augmentation;
    private @Nullable SearchSpace supernet;
    private long seed;
    private Clock clock = Clock.systemUTC();
    private @Nullable Path folder;
    private boolean resuming;
    private @Nullable SearchStage stage;
    private final List<SearchListener> listeners = new ArrayList<>();

    private Builder(SearchSettings from) {
      faithful = from.faithful();
      steps = from.steps();
      epochs = from.epochs();
      warmup = from.warmup();
      batchSize = from.batchSize();
      planBytes = from.planBytes();
      learningRate = from.learningRate();
      estimator = from.estimator();
      paths = from.paths();
      aim = from.aim();
      quality = from.quality();
      augmentation = from.augmentation();
      supernet = from.supernet();
      seed = from.seed();
    }

    private SearchSettings settings() {
      return new SearchSettings(
          faithful,
          steps,
          epochs,
          warmup,
          batchSize,
          planBytes,
          learningRate,
          estimator,
          paths,
          aim,
          quality,
          augmentation,
          supernet,
          seed);
    }

    /**
     * Passes in which the shared weights are trained, at least 2, instead of {@link #epochs}; those
     * of logits come on top, as many as there are after the warm-up. Default 1000.
     */
    @CanIgnoreReturnValue
    public Builder steps(int value) {
      checkArgument(value >= 2, "A search needs at least 2 steps, but has %s.", value);
      steps = value;
      return this;
    }

    /**
     * Epochs over the half of the images that weights learn from, at least 1, instead of {@link
     * #steps}. Default of {@link LightNas#faithful} 90; schedules stretch.
     */
    @CanIgnoreReturnValue
    public Builder epochs(int value) {
      checkArgument(value >= 1, "A search needs at least 1 epoch, but has %s.", value);
      epochs = value;
      steps = 0;
      return this;
    }

    /** Share of the steps that train weights only, in [0, 1). Default 0.4; published 1/9. */
    @CanIgnoreReturnValue
    public Builder warmup(double value) {
      checkArgument(value >= 0 && value < 1, "The warm-up must be in [0, 1), but is %s.", value);
      warmup = value;
      return this;
    }

    /** Images per pass, at least 2. Default 64; published 128. */
    @CanIgnoreReturnValue
    public Builder batchSize(int value) {
      checkArgument(
          value >= 2,
          "A batch must hold at least 2 images for batch norm to have statistics, but holds %s.",
          value);
      batchSize = value;
      return this;
    }

    /**
     * Most memory that paths kept ready to run may take, in bytes; at least one is kept. A path not
     * kept takes some hundredths of a step to prepare again. Default 64 MiB, some thousand paths.
     */
    @CanIgnoreReturnValue
    public Builder planCache(long bytes) {
      checkArgument(bytes >= 0, "The memory for kept paths must not be negative: %s.", bytes);
      planBytes = bytes;
      return this;
    }

    /**
     * The largest learning rate of the shared weights, positive. Default 0.3: each weight is
     * touched by few of the passes. Published 0.1.
     */
    @CanIgnoreReturnValue
    public Builder learningRate(double value) {
      checkArgument(
          value > 0 && Double.isFinite(value),
          "The learning rate must be positive, but is %s.",
          value);
      learningRate = value;
      return this;
    }

    /**
     * What the logits learn from. Default {@link Estimator#PATHS}; published {@link
     * Estimator#ALL_GATES}, which only the published search can use, as it cannot use paths.
     */
    @CanIgnoreReturnValue
    public Builder estimator(Estimator value) {
      Estimator other = faithful ? Estimator.PATHS : Estimator.ALL_GATES;
      checkArgument(
          value != other,
          "The %s search cannot learn from %s.\nMaybe take %s.",
          faithful ? "published" : "default",
          value,
          Estimator.GATES);
      estimator = value;
      return this;
    }

    /** Paths compared per step by {@link Estimator#PATHS}, at least 2. Default 2. */
    @CanIgnoreReturnValue
    public Builder paths(int value) {
      checkArgument(value >= 2, "At least 2 paths can be compared, but not %s.", value);
      paths = value;
      return this;
    }

    /**
     * Whether to use bounds up: the search is then also pushed up to them, and ends within 3 %
     * below where the space has such an architecture; a bound above all predictions is not aimed
     * at. Otherwise cheaper is as good. Default: a single bound yes, several no.
     */
    @CanIgnoreReturnValue
    public Builder aimAtBound(boolean value) {
      aim = value;
      return this;
    }

    /**
     * How good the predictor must be, as far as that is known; a worse one is refused before
     * anything is trained. Default {@link QualityLimit#standard}; {@link QualityLimit#none} takes
     * any.
     */
    @CanIgnoreReturnValue
    public Builder quality(QualityLimit value) {
      quality = value;
      return this;
    }

    /** What is done to the images that weights are trained on. Default crops and flips. */
    @CanIgnoreReturnValue
    public Builder augmentation(Augmentation value) {
      augmentation = value;
      return this;
    }

    /**
     * Another space with the same choices, whose networks share the weights instead: the published
     * supernet has another head than the networks it is searched for ({@code
     * LightNasSpace.imagenetSupernet}). Default the space searched.
     */
    @CanIgnoreReturnValue
    public Builder supernet(SearchSpace value) {
      supernet = value;
      return this;
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Tells the time for provenance. Default the system's. */
    @CanIgnoreReturnValue
    public Builder clock(Clock value) {
      clock = value;
      return this;
    }

    /**
     * Writes the state of the search to {@code last.ckpt} in this folder after every epoch and when
     * interrupted, and goes on from there if it is there already. Searches for several bounds have
     * a file each, and {@code warm-up.ckpt}. Default none.
     */
    @CanIgnoreReturnValue
    public Builder checkpoints(Path value) {
      folder = value;
      resuming = false;
      return this;
    }

    /**
     * As {@link #checkpoints}, but the folder must be there: goes on with what {@code kill}, an
     * interruption or a failure ended, bit for bit. Another search than the one begun is refused
     * with what differs.
     */
    @CanIgnoreReturnValue
    public Builder resumeFrom(Path value) {
      folder = value;
      resuming = true;
      return this;
    }

    /**
     * Goes on after the search, under the same bounds, among the widths of what was found: {@code
     * channels(ChannelSearch.defaults())}. The result carries both. With {@link #checkpoints} the
     * stage has a folder in that folder. Default none.
     */
    @CanIgnoreReturnValue
    public Builder channels(SearchStage value) {
      stage = value;
      return this;
    }

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public Builder listener(SearchListener value) {
      listeners.add(value);
      return this;
    }

    /** Makes the searcher. */
    public LightNas build() {
      return new LightNas(this);
    }
  }
}
