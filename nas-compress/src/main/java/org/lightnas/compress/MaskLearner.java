package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Seeds;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns to predict the accuracy of a network's grafting masks:
 *
 * <pre>
 * MaskAccuracy accuracy = MaskLearner.builder().labels(30).build().learn(network, images.train());
 * if (accuracy.steers()) {
 *   double percent = accuracy.score(mask);
 * }
 * </pre>
 *
 * <p>First from cheap tasks made of the network itself ({@link #tryCheapTasks}): some of the
 * classes, half the resolution, half the channels. In each, the network is trained for a few
 * epochs, its {@link MaskSupernet} for some steps, and masks are scored. Then the same is done with
 * the network and all images for few masks, to which what was learned is adapted. Domino (Luo et
 * al., ASP-DAC 2024) says neither which tasks it learns from nor how.
 *
 * <p>Immutable. The same arguments give the same predictor, bit for bit, as {@link MaskSupernet}
 * says.
 *
 * @since 0.1.0
 */
public final class MaskLearner {

  private static final Logger log = LoggerFactory.getLogger(MaskLearner.class);

  private final int labels;
  private final int sourceLabels;
  private final int sourceEpochs;
  private final int steps;
  private final int sourceSteps;
  private final MaskAccuracy.@Nullable Prior prior;
  private final long seed;

  private MaskLearner(Builder builder) {
    this.labels = builder.labels;
    this.sourceLabels = builder.sourceLabels;
    this.sourceEpochs = builder.sourceEpochs;
    this.steps = builder.steps;
    this.sourceSteps = builder.sourceSteps;
    this.prior = builder.prior;
    this.seed = builder.seed;
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Learns all there is to learn.
   *
   * @param network trained; its configuration says its input size; not changed
   * @param images those it was trained on, or others of its kind
   * @return whether it is of use, it tells itself: {@link MaskAccuracy#steers}
   * @throws IllegalArgumentException if nothing in the network can be grafted, or the images or the
   *     prior do not fit it
   * @throws org.lightnas.NasException if no other tasks can be made of the network, naming the
   *     layer
   */
  public MaskAccuracy learn(ComputationGraph network, ImageSet images) {
    return learn(GraftingSpace.of(network), network, network, images);
  }

  /** The same for a network that was grafted from another, which teaches. */
  MaskAccuracy learn(
      GraftingSpace space, ComputationGraph network, ComputationGraph start, ImageSet images) {
    if (prior != null) {
      prior.requireFits(space);
    }
    MaskAccuracy.Prior known =
        prior == null ? MaskAccuracy.Prior.learned(space, tryCheapTasks(network, images)) : prior;
    try (MaskSupernet trained = supernet(steps, seed).train(space, network, start, images)) {
      MaskAccuracy learned =
          MaskAccuracy.adapted(trained.space(), known, trained.tryMasks(labels, seed));
      log.info("{}", learned);
      return learned;
    }
  }

  /**
   * Tries masks in cheap tasks made of a network; {@link MaskAccuracy.Prior#learned} learns from
   * them, for any space with the same choices.
   *
   * @param network as {@link #learn}
   * @param images as {@link #learn}
   * @return a list for each task
   */
  public List<List<LabelledMask>> tryCheapTasks(ComputationGraph network, ImageSet images) {
    List<SourceTask> sources = SourceTask.of(images.shape(), images.classes());
    List<List<LabelledMask>> tasks = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      long own = Seeds.derive(seed, "source", i);
      ImageSet some = sources.get(i).images(images);
      ComputationGraph cheap = sources.get(i).network(network, some, sourceEpochs, own);
      try (MaskSupernet trained = supernet(sourceSteps, own).train(cheap, some)) {
        tasks.add(trained.tryMasks(sourceLabels, own));
      } finally {
        Networks.close(cheap);
      }
      log.info("tried {} masks: {}", tasks.get(i).size(), sources.get(i));
    }
    return tasks;
  }

  private static MaskSupernet.Builder supernet(int steps, long seed) {
    return MaskSupernet.builder().steps(steps).seed(seed);
  }

  /**
   * Settings of a learner.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private int labels = 30;
    private int sourceLabels = 60;
    private int sourceEpochs = 3;
    private int steps = 500;
    private int sourceSteps = 200;
    private MaskAccuracy.@Nullable Prior prior;
    private long seed = 42;

    private Builder() {}

    /** Masks that are tried with the network itself, at least 4. Default 30. */
    @CanIgnoreReturnValue
    public Builder labels(int value) {
      checkArgument(value >= 4, "At least 4 masks must be tried, but %s were asked.", value);
      labels = value;
      return this;
    }

    /** Steps of the network's own supernet. Default 500. */
    @CanIgnoreReturnValue
    public Builder steps(int value) {
      checkArgument(value >= 1, "A supernet needs at least 1 step, but has %s.", value);
      steps = value;
      return this;
    }

    /**
     * What is done for each of the cheap tasks. Defaults 3, 200, 60.
     *
     * @param epochs of its network, at least 1
     * @param supernetSteps of its supernet, at least 1
     * @param masks tried, at least 4
     */
    @CanIgnoreReturnValue
    public Builder sources(int epochs, int supernetSteps, int masks) {
      checkArgument(
          epochs >= 1 && supernetSteps >= 1 && masks >= 4,
          "A source task needs at least 1 epoch, 1 step and 4 masks, but has %s, %s and %s.",
          epochs,
          supernetSteps,
          masks);
      sourceEpochs = epochs;
      sourceSteps = supernetSteps;
      sourceLabels = masks;
      return this;
    }

    /**
     * What was learned from other tasks before, or {@link MaskAccuracy.Prior#untaught} to do
     * without. Default: learned anew.
     */
    @CanIgnoreReturnValue
    public Builder prior(MaskAccuracy.Prior value) {
      prior = value;
      return this;
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Makes the learner. */
    public MaskLearner build() {
      return new MaskLearner(this);
    }
  }
}
