package org.lightnas.search.population;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Lists;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.QualityLimit;
import org.lightnas.search.Searcher;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.TrainableSpace;

/**
 * Finds the architecture of the best score within bounds, over any space; networks are needed only
 * where a bound names a device. The same settings, seed, predictors and scores give the same result
 * for any number of threads, and after any interruption.
 *
 * <p>Immutable. Whoever interrupts the searching thread stops the search; with a folder for {@link
 * Builder#checkpoints} it can go on later.
 *
 * @since 0.1.0
 */
public abstract class ScoreSearcher implements Searcher {

  private final ScoreSettings settings;

  ScoreSearcher(Builder<?> builder) {
    this.settings = builder.settings();
  }

  /** A short name, for files and reports. */
  abstract String name();

  /** The settings that other searchers do not have, by name. */
  abstract Map<String, String> own();

  /** What the result's front weighs against the score. */
  List<Predictor> costs(List<Constraint> constraints) {
    return constraints.stream().map(Constraint::predictor).toList();
  }

  /** What proposes; it need not look at what may be scored, but can. */
  abstract Strategy strategy(ChoiceSpace space, Admission admission);

  /**
   * Searches.
   *
   * @param constraints bounds that every scored architecture keeps, by prediction; may be none. If
   *     one names a device, the best few are measured at the end.
   * @return the architecture of the best score; where finalists are measured, of those that keep
   *     the bounds
   * @throws org.lightnas.InfeasibleConstraintException before anything is scored, if no
   *     architecture meets the bounds
   * @throws org.lightnas.PoorPredictorException before anything is scored, if a predictor's quality
   *     is known and worse than asked for
   * @throws org.lightnas.InterruptedRunException if the searching thread was interrupted
   * @throws org.lightnas.CheckpointException if the state of the search cannot be read or is of
   *     another one
   * @throws org.lightnas.NasException if the evaluator answers with a number that is not finite
   * @throws IllegalArgumentException if a predictor is for another space, or a device is named and
   *     the space has no networks
   */
  public final ScoreResult search(ChoiceSpace space, List<Constraint> constraints) {
    return new ScoreRun(settings, this, space, constraints).run();
  }

  /** As {@link #search(ChoiceSpace, List)}, with the bounds one by one. */
  public final ScoreResult search(ChoiceSpace space, Constraint... constraints) {
    return search(space, List.of(constraints));
  }

  /** As {@link #search(ChoiceSpace, List)}: what is done with the images, the evaluator decides. */
  @Override
  public final ScoreResult search(TrainableSpace space, List<Constraint> constraints) {
    return search(space.space(), constraints);
  }

  @Override
  public final ScoreResult search(TrainableSpace space, Constraint first, Constraint... more) {
    return search(space, Lists.asList(first, more));
  }

  /**
   * Settings that all searchers have; every setter checks its value and names the default.
   *
   * @param <B> the builder itself
   * @since 0.1.0
   */
  public abstract static class Builder<B extends Builder<B>> {

    private final Evaluator evaluator;
    private StopRule stop = StopRule.evaluations(200);
    private boolean keepDuplicates;
    private @Nullable Function<Architecture, ?> sameness;
    private int atOnce = 1;
    private int remembered = 100_000;
    private int finalists = 5;
    private QualityLimit quality = QualityLimit.standard();
    private @Nullable ExecutorService executor;
    private long seed = 42;
    private Clock clock = Clock.systemUTC();
    private @Nullable Path folder;
    private boolean resuming;
    private final List<ScoreListener> listeners = new ArrayList<>();

    Builder(Evaluator evaluator) {
      this.evaluator = evaluator;
    }

    abstract B self();

    final ScoreSettings settings() {
      return new ScoreSettings(
          evaluator,
          stop,
          keepDuplicates,
          sameness,
          atOnce,
          remembered,
          finalists,
          quality,
          executor,
          seed,
          clock,
          folder,
          resuming,
          listeners);
    }

    /**
     * When to end. A search also ends when it finds nothing new to score. Default after 200
     * evaluations.
     */
    @CanIgnoreReturnValue
    public B stop(StopRule value) {
      stop = value;
      return self();
    }

    /**
     * Whether to score what was scored before. Then it counts as an evaluation, but the score is
     * remembered. Default no: a proposal of which the like was scored is replaced by another; what
     * was scored is then noted, some 150 bytes each.
     */
    @CanIgnoreReturnValue
    public B keepDuplicates(boolean value) {
      keepDuplicates = value;
      return self();
    }

    /**
     * What makes two architectures duplicates: equal values of this function, for spaces in which
     * different networks compute the same. Default {@link ChoiceSpace#canonical}.
     */
    @CanIgnoreReturnValue
    public B sameness(Function<Architecture, ?> value) {
      sameness = value;
      return self();
    }

    /**
     * How many architectures are proposed before the first of their scores is known: as many can be
     * scored at the same time. It decides the result; the number of threads does not. Default 1.
     */
    @CanIgnoreReturnValue
    public B atOnce(int value) {
      checkArgument(value >= 1, "At least 1 architecture is scored at once, but not %s.", value);
      atOnce = value;
      return self();
    }

    /**
     * The most scores that are remembered for duplicates that are kept; of more, those asked for
     * longest ago are forgotten. Default 100,000.
     */
    @CanIgnoreReturnValue
    public B remember(int value) {
      checkArgument(value >= 0, "The number of remembered scores must not be %s.", value);
      remembered = value;
      return self();
    }

    /**
     * The most that are measured where a bound names a device, at least 1. While one exceeds its
     * bound, the best of those that are predicted faster in that proportion follow. Default 5.
     */
    @CanIgnoreReturnValue
    public B finalists(int value) {
      checkArgument(value >= 1, "At least 1 finalist is measured, but not %s.", value);
      finalists = value;
      return self();
    }

    /**
     * How good predictors must be, as far as that is known. Default {@link QualityLimit#standard}.
     */
    @CanIgnoreReturnValue
    public B quality(QualityLimit value) {
      quality = value;
      return self();
    }

    /**
     * Scores in these threads instead of the one that searches; never shut down here. The evaluator
     * must be thread-safe. Give {@link #atOnce} at least as many as there are threads.
     */
    @CanIgnoreReturnValue
    public B executor(ExecutorService value) {
      executor = value;
      return self();
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public B seed(long value) {
      seed = value;
      return self();
    }

    /** Tells the time, for provenance and {@link StopRule#time}. Default the system's. */
    @CanIgnoreReturnValue
    public B clock(Clock value) {
      clock = value;
      return self();
    }

    /**
     * Writes the scores to {@code scores.ckpt} in this folder, as often as takes a hundredth of the
     * time, and when interrupted or failing; and goes on from there if it is there already. Default
     * none.
     */
    @CanIgnoreReturnValue
    public B checkpoints(Path value) {
      folder = value;
      resuming = false;
      return self();
    }

    /**
     * As {@link #checkpoints}, but the file must be there: goes on with what was ended, or longer
     * with what came to its end, as if nothing had happened. Another search than the one begun is
     * refused with what differs.
     */
    @CanIgnoreReturnValue
    public B resumeFrom(Path value) {
      folder = value;
      resuming = true;
      return self();
    }

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public B listener(ScoreListener value) {
      listeners.add(value);
      return self();
    }

    /** Makes the searcher. */
    public abstract ScoreSearcher build();
  }
}
