package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Lists;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
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
 * What searches have in common whose weights are shared by all architectures and whose candidates
 * have logits that learn from losses and predicted costs: {@link LightNas} and {@link SurgeNas}.
 *
 * <p>Immutable. The same settings, seed, images, predictors, backend and number of threads give the
 * same architecture (without a device, whose measurements vary). Whoever interrupts the searching
 * thread stops the search after the pass it is in; with a folder for {@link Builder#checkpoints} it
 * can go on later.
 *
 * @since 0.1.0
 */
public abstract sealed class LogitSearcher implements Searcher permits LightNas, SurgeNas {

  private final SearchSettings settings;
  private final List<SearchListener> listeners;
  private final Clock clock;
  private final @Nullable Path folder;
  private final boolean resuming;
  private final @Nullable SearchStage stage;

  LogitSearcher(Builder<?> builder) {
    this.settings = builder.settings();
    this.listeners = List.copyOf(builder.listeners);
    this.clock = builder.clock;
    this.folder = builder.folder;
    this.resuming = builder.resuming;
    this.stage = builder.stage;
  }

  @Override
  public final SearchResult search(TrainableSpace space, List<Constraint> constraints) {
    return staged(space, List.of(constraints)).get(0);
  }

  @Override
  public final SearchResult search(TrainableSpace space, Constraint first, Constraint... more) {
    return search(space, Lists.asList(first, more));
  }

  private List<SearchResult> staged(TrainableSpace space, List<List<Constraint>> targets) {
    Path files = files(space);
    List<SearchResult> found =
        StagedSearch.run(
            stage,
            space,
            targets,
            files,
            () ->
                new SearchSession(settings, listeners, clock, space, targets, stagePasses(), files)
                    .run());
    return found.stream()
        .map(result -> result.withCode(Reproduction.of(settings, stage, space, result)))
        .toList();
  }

  /**
   * Searches for each of several bounds, one after the other, after one warm-up. Each result is the
   * one that {@link #search} gives for its bound.
   *
   * @throws org.lightnas.InfeasibleConstraintException before any training, if a bound cannot be
   *     met
   */
  public final SearchResults searchEach(TrainableSpace space, List<Constraint> constraints) {
    checkArgument(!constraints.isEmpty(), "A search needs at least one bound, but got none.");
    return new SearchResults(staged(space, constraints.stream().map(List::of).toList()));
  }

  /**
   * What {@link #search} would do: what is reachable, how long it will take, and in what memory. A
   * few paths are run, nothing is trained. A {@linkplain Builder#channels stage that follows} is
   * counted, too.
   *
   * @throws org.lightnas.InfeasibleConstraintException if the bounds cannot be met
   */
  public final SearchPlan plan(TrainableSpace space, Constraint first, Constraint... more) {
    List<Constraint> constraints = Lists.asList(first, more);
    if (stage != null) {
      stage.require(space, constraints);
    }
    List<List<Constraint>> targets = List.of(constraints);
    return new SearchSession(settings, List.of(), clock, space, targets, stagePasses(), null)
        .plan();
  }

  private int stagePasses() {
    return stage == null ? 0 : stage.passes();
  }

  private @Nullable Path files(TrainableSpace space) {
    if (folder != null && resuming && !SearchSession.isIn(folder)) {
      throw new CheckpointException(
          folder.resolve(SearchSession.LAST),
          "is not there: there is no search of space '" + space.space().name() + "' to resume.",
          "use checkpoints(folder), which begins where there is nothing.",
          null);
    }
    return folder;
  }

  /**
   * Settings that all such searches have; every setter checks its value and names the default.
   *
   * @param <B> the builder itself
   * @since 0.1.0
   */
  public abstract static sealed class Builder<B extends Builder<B>>
      permits LightNas.Builder, SurgeNas.Builder {

    private @Nullable Integer steps;
    private @Nullable Integer epochs;
    private double warmup;
    private int batchSize;
    private long planCache;
    private double learningRate;
    private @Nullable Boolean aimAtBound;
    private QualityLimit quality;
    private Augmentation augmentation;
    private @Nullable SearchSpace supernet;
    private long seed;
    private Clock clock = Clock.systemUTC();
    private @Nullable Path folder;
    private boolean resuming;
    private @Nullable SearchStage stage;
    private final List<SearchListener> listeners = new ArrayList<>();

    Builder(SearchSettings from) {
      steps = from.steps();
      epochs = from.epochs();
      warmup = from.warmup();
      batchSize = from.batchSize();
      planCache = from.planCache();
      learningRate = from.learningRate();
      aimAtBound = from.aimAtBound();
      quality = from.quality();
      augmentation = from.augmentation();
      supernet = from.supernet();
      seed = from.seed();
    }

    abstract B self();

    /** What passes there are, and what they do. */
    abstract Procedure procedure();

    final SearchSettings settings() {
      return new SearchSettings(
          procedure(),
          steps,
          epochs,
          warmup,
          batchSize,
          planCache,
          learningRate,
          aimAtBound,
          quality,
          augmentation,
          supernet,
          seed);
    }

    /**
     * Passes in which the shared weights are trained, at least 2, instead of {@link #epochs}.
     * Default of {@link LightNas} 3000, with passes of logits on top, as many as there are after
     * the warm-up; of {@link SurgeNas} 500, each of which trains all candidates.
     */
    @CanIgnoreReturnValue
    public B steps(int value) {
      checkArgument(value >= 2, "A search needs at least 2 steps, but has %s.", value);
      steps = value;
      epochs = null;
      return self();
    }

    /**
     * Epochs over the images that weights learn from, at least 1, instead of {@link #steps}.
     * Default of the published searches 90; schedules stretch.
     */
    @CanIgnoreReturnValue
    public B epochs(int value) {
      checkArgument(value >= 1, "A search needs at least 1 epoch, but has %s.", value);
      epochs = value;
      steps = null;
      return self();
    }

    /** Share of the steps that train weights only, in [0, 1). Default 0.4; published 1/9. */
    @CanIgnoreReturnValue
    public B warmup(double value) {
      checkArgument(value >= 0 && value < 1, "The warm-up must be in [0, 1), but is %s.", value);
      warmup = value;
      return self();
    }

    /** Images per pass, at least 2. Default 64; published 128. */
    @CanIgnoreReturnValue
    public B batchSize(int value) {
      checkArgument(
          value >= 2,
          "A batch must hold at least 2 images for batch norm to have statistics, but holds %s.",
          value);
      batchSize = value;
      return self();
    }

    /**
     * Most memory that paths kept ready to run may take, in bytes; at least one is kept. A path not
     * kept takes some hundredths of a step to prepare again. Default 64 MiB, some thousand paths.
     */
    @CanIgnoreReturnValue
    public B planCache(long bytes) {
      checkArgument(bytes >= 0, "The memory for kept paths must not be negative: %s.", bytes);
      planCache = bytes;
      return self();
    }

    /**
     * The largest learning rate of the shared weights, positive. Default of {@link LightNas} 0.3,
     * as each weight is touched by few of the passes; of {@link SurgeNas} 0.1, where all learn in
     * each. Published 0.1.
     */
    @CanIgnoreReturnValue
    public B learningRate(double value) {
      checkArgument(
          value > 0 && Double.isFinite(value),
          "The learning rate must be positive, but is %s.",
          value);
      learningRate = value;
      return self();
    }

    /**
     * Whether to use bounds up: the search is then also pushed up to them, and ends within 3 %
     * below where the space has such an architecture; a bound above all predictions is not aimed
     * at. Otherwise cheaper is as good. Default: a single bound yes, several no, and none where the
     * multiplier is given instead of learned.
     */
    @CanIgnoreReturnValue
    public B aimAtBound(boolean value) {
      aimAtBound = value;
      return self();
    }

    /**
     * How good the predictor must be, as far as that is known; a worse one is refused before
     * anything is trained. Default {@link QualityLimit#standard}; {@link QualityLimit#none} takes
     * any.
     */
    @CanIgnoreReturnValue
    public B quality(QualityLimit value) {
      quality = value;
      return self();
    }

    /** What is done to the images that weights are trained on. Default crops and flips. */
    @CanIgnoreReturnValue
    public B augmentation(Augmentation value) {
      augmentation = value;
      return self();
    }

    /**
     * Another space with the same choices, whose networks share the weights instead: the published
     * supernet of LightNAS has another head than the networks it is searched for ({@code
     * LightNasSpace.imagenetSupernet}), cells are searched in smaller networks ({@code
     * NasBench201Space.proxy}). Default the space searched.
     */
    @CanIgnoreReturnValue
    public B supernet(SearchSpace value) {
      supernet = value;
      return self();
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public B seed(long value) {
      seed = value;
      return self();
    }

    /** Tells the time for provenance. Default the system's. */
    @CanIgnoreReturnValue
    public B clock(Clock value) {
      clock = value;
      return self();
    }

    /**
     * Writes the state of the search to {@code last.ckpt} in this folder after every epoch and when
     * interrupted, and goes on from there if it is there already. Searches for several bounds have
     * a file each, and {@code warm-up.ckpt}. Default none.
     */
    @CanIgnoreReturnValue
    public B checkpoints(Path value) {
      folder = value;
      resuming = false;
      return self();
    }

    /**
     * As {@link #checkpoints}, but a search must have begun there: goes on with what {@code kill},
     * an interruption or a failure ended, bit for bit. Another search than the one begun is refused
     * with what differs.
     */
    @CanIgnoreReturnValue
    public B resumeFrom(Path value) {
      folder = value;
      resuming = true;
      return self();
    }

    /**
     * Goes on after the search, under the same bounds, among the widths of what was found: {@code
     * channels(ChannelSearch.defaults())}. The result carries both. With {@link #checkpoints} the
     * stage has a folder in that folder. Default none.
     */
    @CanIgnoreReturnValue
    public B channels(SearchStage value) {
      stage = value;
      return self();
    }

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public B listener(SearchListener value) {
      listeners.add(value);
      return self();
    }
  }
}
