package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Evaluator;
import org.lightnas.predict.LatencyRange;
import org.lightnas.train.Trainer;

/**
 * Makes a trained network faster by making blocks of it linear, so that each becomes one
 * convolution, and training what is left:
 *
 * <ol>
 *   <li>measures every block as it is, linear, and merged, and then the least latency that can be
 *       reached: everything linear that saves time;
 *   <li>measures merged networks of other masks, and fits a table that predicts their latency;
 *   <li>takes the mask of the best score within the budget, and measures it; where it takes longer
 *       than predicted, another one. Nothing has been trained until then, because latency does not
 *       depend on weights;
 *   <li>grafts lines into the network step by step (see {@link GraftingSpace}), taught by the
 *       original, merges what is faster merged, and checks that this changed nothing.
 * </ol>
 *
 * <pre>
 * Compressed small = Domino.builder(device, images).preset(Preset.MODERATE).build().compress(network);
 * log.info(small.report());
 * </pre>
 *
 * <p>Where no block is faster linear, the result is the network as it is, and the steps say so.
 *
 * <p>After Domino (Luo et al., "Pearls Hide Behind Linearity", ASP-DAC 2024), of which only the
 * outline is published: presets, recipe and scores are ours. Measurements vary, so the same
 * settings may give another mask; everything else is a function of the seed. Immutable.
 *
 * @since 0.1.0
 */
public final class Domino implements Compressor {

  /** The teacher's temperature; see {@link Trainer.Builder#teacher}. */
  public static final double TEMPERATURE = 4;

  /** The teacher's weight; see {@link Trainer.Builder#teacher}. */
  public static final double TEACHER = 0.7;

  private final Device device;
  private final ImageData images;
  private final DominoSettings settings;

  private Domino(Device device, ImageData images, DominoSettings settings) {
    this.device = device;
    this.images = images;
    this.settings = settings;
  }

  /**
   * How much of the latency that can be saved is to be saved.
   *
   * @since 0.1.0
   */
  public enum Preset {
    /** A third. */
    LITE(1.0 / 3),
    /** Two thirds. */
    MODERATE(2.0 / 3),
    /** All. */
    AGGRESSIVE(1);

    private final double share;

    Preset(double share) {
      this.share = share;
    }

    double share() {
      return share;
    }
  }

  /**
   * Starts from the defaults, which each setter names.
   *
   * @param device what the network is to be fast on
   * @param images trained on are the training images only; by the accuracy on the test images
   *     networks are reported and, with {@link Builder#maxAccuracyLoss}, chosen. Images that are to
   *     be looked at once only should not be among them: {@code ImageData.of(name, train,
   *     validation)}
   */
  public static Builder builder(Device device, ImageData images) {
    return new Builder(device, images);
  }

  /**
   * {@inheritDoc}
   *
   * @return the merged network with latencies, accuracies and blocks; how far merging changed what
   *     the trained grafted network computes is the equivalence
   * @throws org.lightnas.InfeasibleConstraintException before anything is trained, if a bound is
   *     below what can be reached, with the least value; after that, if every mask loses more than
   *     {@link Builder#maxAccuracyLoss} and the network as it is does not keep a constraint
   * @throws IllegalArgumentException if the network has not been initialised, takes other images,
   *     or a constraint is for masks of another network
   * @throws org.lightnas.CheckpointException if there is a folder for checkpoints that cannot be
   *     written to, or holds another run, naming what differs, or a damaged file
   * @throws org.lightnas.DivergedSearchException if the loss of the training is no longer a number
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted while training
   * @throws EquivalenceException if the merged network does not compute what the trained one does,
   *     with that one
   */
  @Override
  public Compressed compress(ComputationGraph network) {
    return new DominoRun(device, images, settings, network).run();
  }

  /**
   * Measures what a preset or a bound can ask for: from everything linear that saves time to the
   * network as it is; where nothing does, from the network as it is with two spreads to the same. A
   * minute or so; {@link #compress} measures again.
   *
   * @throws IllegalArgumentException if the network has not been initialised, takes other images,
   *     or has no block to graft
   */
  public LatencyRange reachable(ComputationGraph network) {
    return new DominoRun(device, images, settings, network).reachable();
  }

  /**
   * Scores masks by how much their blocks bend: all blocks are trained half linear for an epoch,
   * and those whose slopes grew large need their bends least. After DepthShrinker (Fu et al., ICML
   * 2022), which trains one gate for each block and makes linear those with the smallest; ours are
   * per channel, and their mean counts. Trained as by default, but for batches of all images where
   * there are few.
   *
   * @param seed of the training
   */
  public static BiFunction<ComputationGraph, ImageData, Evaluator> slopes(long seed) {
    return (network, images) -> SlopeRule.learned(network, images, UnaryOperator.identity(), seed);
  }

  /**
   * Settings of {@link Domino}; every setter checks its value and names the default.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private static final int LEAST_SAMPLES = 10;
    private static final int PRO_MAX_KERNEL = 7;
    private static final int PRO_MAX_ROUNDS = 2;

    private final Device device;
    private final ImageData images;
    private @Nullable Preset preset;
    private @Nullable Double millis;
    private @Nullable Double points;
    private final List<Constraint> constraints = new ArrayList<>();
    private @Nullable BiFunction<ComputationGraph, ImageData, Evaluator> evaluator;
    private int samples = 50;
    private int largestKernel;
    private int epochs = 12;
    private int rounds = 1;
    private UnaryOperator<Trainer.Builder> training = UnaryOperator.identity();
    private long seed = 42;
    private @Nullable Path folder;

    private Builder(Device device, ImageData images) {
      this.device = device;
      this.images = images;
    }

    /**
     * How much to save. Default {@link Preset#MODERATE}, and with {@link #maxAccuracyLoss} {@link
     * Preset#AGGRESSIVE}.
     */
    @CanIgnoreReturnValue
    public Builder preset(Preset value) {
      preset = value;
      return this;
    }

    /**
     * A bound on the measured latency of one batch, instead of a preset: measured + 2 spread is at
     * most this before anything is trained. Default none.
     */
    @CanIgnoreReturnValue
    public Builder latency(Duration bound) {
      checkArgument(
          !bound.isNegative() && !bound.isZero(),
          "The latency bound must be positive, but is %s.",
          bound);
      millis = bound.getSeconds() * 1e3 + bound.getNano() / 1e6;
      return this;
    }

    /**
     * Another bound, on masks of {@link GraftingSpace#of} the network: kept by prediction. Default
     * none.
     */
    @CanIgnoreReturnValue
    public Builder constraint(Constraint value) {
      constraints.add(Constraint.atMost(value.bound(), value.predictor()));
      return this;
    }

    /**
     * Takes back a third of the saving, and trains again, as long as more than these points of
     * accuracy are lost; the network as it is if even {@link Preset#LITE} loses more. Default: what
     * is lost is reported.
     *
     * @param value in points of percent, not negative
     */
    @CanIgnoreReturnValue
    public Builder maxAccuracyLoss(double value) {
      checkArgument(
          value >= 0 && value <= 100,
          "The accuracy that may be lost must be between 0 and 100 points, but is %s.",
          value);
      points = value;
      return this;
    }

    /**
     * What scores masks of {@link GraftingSpace#of} the network; made once for each network, then
     * asked for up to a million masks, so it should predict rather than try. Default: accuracies as
     * a {@link MaskLearner} without cheap tasks predicts them, anew in every round, and {@link
     * Domino#slopes}, trained as {@link #training} says, where it {@linkplain MaskAccuracy#steers()
     * ranks no better than chance}.
     */
    @CanIgnoreReturnValue
    public Builder evaluator(BiFunction<ComputationGraph, ImageData, Evaluator> value) {
      evaluator = value;
      return this;
    }

    /**
     * Also merges blocks in a row into one convolution where that saves more. Constraints and
     * {@linkplain #evaluator evaluators} are about masks of {@link GraftingSpace#joining} then.
     * Every row is measured joined and apart, and {@link SpanSplit} takes the fastest of all
     * splits. Default: no blocks are joined.
     *
     * @param largest edge length of the largest kernel of joined blocks, at least 3
     */
    @CanIgnoreReturnValue
    public Builder joinBlocks(int largest) {
      largestKernel = Joints.requireKernel(largest);
      return this;
    }

    /**
     * In how many rounds the saving is reached: each grafts what its share asks for, and trains;
     * the next starts from what came out, chooses by that, and keeps linear what is so where it
     * can. The original teaches in all of them, and they share the epochs. Default 1.
     *
     * @param value at least 1, and no more than there are epochs
     */
    @CanIgnoreReturnValue
    public Builder rounds(int value) {
      checkArgument(value >= 1, "Rounds must be at least 1, but are %s.", value);
      rounds = value;
      return this;
    }

    /**
     * {@code joinBlocks(7).rounds(2)}, named after Domino-Pro-Max, of which nothing but the name is
     * published. Default: neither.
     */
    @CanIgnoreReturnValue
    public Builder proMax() {
      return joinBlocks(PRO_MAX_KERNEL).rounds(PRO_MAX_ROUNDS);
    }

    /** How many merged networks the table of latencies is fitted on, at least 10. Default 50. */
    @CanIgnoreReturnValue
    public Builder samples(int value) {
      checkArgument(
          value >= LEAST_SAMPLES,
          "Latencies are predicted from at least %s networks, not %s.",
          LEAST_SAMPLES,
          value);
      samples = value;
      return this;
    }

    /**
     * Epochs of training, at least 1, those of the way to linear among them, of all rounds
     * together. Default 12.
     */
    @CanIgnoreReturnValue
    public Builder epochs(int value) {
      checkArgument(value >= 1, "Epochs must be at least 1, but are %s.", value);
      epochs = value;
      return this;
    }

    /**
     * Changes how grafted networks are trained: {@code training(t ->
     * t.validation(0.1).earlyStop(3))}. Defaults are those of {@link Trainer}, with the original as
     * teacher, with temperature 4 and weight 0.7. Epochs, seed and checkpoints are set here, not
     * there.
     *
     * @throws IllegalArgumentException if a folder for checkpoints is given to the trainer
     */
    @CanIgnoreReturnValue
    public Builder training(UnaryOperator<Trainer.Builder> value) {
      checkArgument(
          !value.apply(Trainer.builder()).build().hasCheckpoints(),
          "A folder for checkpoints is given to the trainer of grafted networks, but there are"
              + " several.\nMaybe use checkpoints(folder) of Domino.");
      training = value;
      return this;
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Keeps measurements, chosen masks and the state of trainings in a folder, from which the next
     * run for the same network with the same settings goes on; another one is refused. Presets and
     * latencies of one network may share a folder, and its measurements. Default none.
     */
    @CanIgnoreReturnValue
    public Builder checkpoints(Path value) {
      folder = value;
      return this;
    }

    /**
     * Makes the compressor.
     *
     * @throws IllegalArgumentException if there is a latency bound beside a preset or a largest
     *     loss, which would have to give way to each other, or there are more rounds than epochs
     */
    public Domino build() {
      checkArgument(
          millis == null || (preset == null && points == null),
          "A latency bound of %s ms leaves no choice to a preset or a largest loss of accuracy.\n"
              + "Maybe leave out latency(…), or both others.",
          millis);
      checkArgument(
          rounds <= epochs,
          "Each of %s rounds needs an epoch at least, but there are %s.\n"
              + "Maybe raise epochs(…), or take fewer rounds.",
          rounds,
          epochs);
      return new Domino(
          device,
          images,
          new DominoSettings(
              DominoSettings.presets(preset, points),
              millis,
              points,
              List.copyOf(constraints),
              evaluator,
              samples,
              largestKernel,
              new GraftTraining(epochs, rounds, seed, training, folder)));
    }
  }
}
