package org.lightnas.search.proxy;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.DivergedSearchException;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.internal.Once;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.train.Schedule;

/**
 * Scores architectures by how fast they learn. Each is trained for a few batches, the same ones in
 * the same order for all, and
 *
 * <pre>
 * score = -1/(B - b) sum_{t = b+1..B} loss_t        b = half of B
 * </pre>
 *
 * in nats, or relative to a {@linkplain Builder#reference reference network} (whose score is then
 * -1). It is LightNAS's batchwise training estimation (TCAD version), of which only the name and
 * the purpose are public; the formula is ours, after the training speed estimation of Ru et al.
 * (NeurIPS 2021). Ours departs from theirs in that the learning rate falls to zero within these
 * batches, and the first half of them do not count: their losses tell more about the initial
 * weights and the noise of large steps than about the network (decision 123).
 *
 * <p>It favours what starts fast, as wide, shallow or skipping networks do: <strong>compare
 * networks of equal latency only</strong>, and see with {@link BteReport} how well it ranks them. A
 * network whose loss becomes no number, or 1,000 nats, gets the score of 1,000 nats, the worst
 * there is, and the log says so.
 *
 * <p>Every network is trained once, however often its score is asked for; of several architectures
 * that are the same network, the canonical one. {@link #halve} trains its candidates whatever was
 * scored before. Test images are not looked at. The same settings and images give the same scores,
 * bit for bit, on the same kernels. Thread-safe; owns no native memory between calls. Whoever
 * interrupts the calling thread stops the training.
 *
 * @since 0.1.0
 */
public final class BatchwiseTrainingEstimation implements Evaluator {

  private final SearchSpace space;
  private final ImageSet images;
  private final BteSettings settings;

  /** {@code [seed][batch]}: the losses of what was trained to the end. */
  private final Once<Architecture, double[][]> known = new Once<>();

  private BatchwiseTrainingEstimation(TrainableSpace trainable, BteSettings settings) {
    this.space = trainable.space();
    this.images = trainable.images().train();
    this.settings = settings;
    checkArgument(
        settings.batchSize() <= images.size(),
        "A batch of %s images cannot be filled from the %s training images of '%s'.\n"
            + "Maybe lower the batch size.",
        settings.batchSize(),
        images.size(),
        trainable.images().name());
    if (settings.reference() != null) {
      settings.reference().requireSpace(space);
    }
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder(TrainableSpace space) {
    return new Builder(space);
  }

  /** {@code BTE of 100 batches (nats)}, or {@code … (relative)} where there is a reference. */
  @Override
  public String name() {
    return String.format(
        Locale.ROOT,
        "BTE of %d batches (%s)",
        settings.batches(),
        settings.reference() == null ? "nats" : "relative");
  }

  /** Those of the builder, and the images. */
  @Override
  public Map<String, String> settings() {
    Map<String, String> facts = settings.facts();
    facts.put("images", images.fingerprint());
    return facts;
  }

  /**
   * Minus the mean training loss after the burn-in.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   * @throws DivergedSearchException if the reference network diverges
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   */
  @Override
  public double score(Architecture architecture) {
    return score(architecture, settings.batches());
  }

  /**
   * The score by the first batches of the same training, so it costs nothing more. Where the
   * learning rate is {@linkplain Schedule#constant constant}, that is what {@link
   * #score(Architecture)} would be with so few batches.
   *
   * @param batches from 1 up to those of this estimation
   * @throws IllegalArgumentException if there are more, or the architecture belongs to another
   *     space
   */
  public double score(Architecture architecture, int batches) {
    checkArgument(
        batches >= 1 && batches <= settings.batches(),
        "An estimate of %s batches holds those of 1 to %s, but %s were asked for.",
        settings.batches(),
        settings.batches(),
        batches);
    architecture.requireSpace(space);
    double unit = unit(batches);
    return -settings.estimate(curves(architecture), batches) / unit;
  }

  /**
   * The training losses of an architecture, mean over the seeds, in nats: one for each batch; a new
   * array.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   */
  public double[] losses(Architecture architecture) {
    architecture.requireSpace(space);
    double[][] curves = curves(architecture);
    double[] losses = new double[settings.batches()];
    Arrays.setAll(
        losses, t -> Arrays.stream(curves).mapToDouble(c -> c[t]).average().orElseThrow());
    return losses;
  }

  /**
   * Ranks architectures by successive halving (Jamieson and Talwalkar 2016): all are trained for a
   * part of the batches, the better half goes on for twice as many, and so on; the last ones see
   * all batches. What is left is trained on from where it stopped, so its scores and ranks are
   * those that {@link #score(Architecture)} gives; what was dropped ranks below it. Meanwhile the
   * weights of all that is left are in memory, with as much for momentum.
   *
   * @param candidates different ones
   * @param survivors how many see all batches, at least 1
   * @return all candidates: first the survivors, the best first, then those dropped last
   * @throws IllegalArgumentException if there are no candidates, fewer than the survivors or equal
   *     ones, or not as many batches as halvings need
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted
   */
  public List<Ranked> halve(List<Architecture> candidates, int survivors) {
    return new Halving(settings, space, images, this::unit, known::put).run(candidates, survivors);
  }

  /**
   * A place in a ranking.
   *
   * @param batches that it was trained for
   * @param score after these batches; comparable with scores of as many batches only
   * @since 0.1.0
   */
  public record Ranked(Architecture architecture, int batches, double score) {}

  /** What estimates are divided by. */
  private double unit(int batches) {
    if (settings.reference() == null) {
      return 1;
    }
    double estimate = settings.estimate(curves(settings.reference()), batches);
    if (estimate >= ShortRun.CEILING) {
      throw new DivergedSearchException(
          "The training of the reference network "
              + settings.reference().id()
              + " diverged, so nothing can be compared with it (learning rate "
              + settings.learningRate()
              + ").\nMaybe lower the learning rate, or take another reference.");
    }
    return estimate;
  }

  private double[][] curves(Architecture architecture) {
    return known.get(space.canonical(architecture), this::trained);
  }

  private double[][] trained(Architecture architecture) {
    double[][] curves = new double[settings.seeds()][];
    try (Engine engine = Engine.create()) {
      for (int s = 0; s < curves.length; s++) {
        try (ShortRun run = new ShortRun(settings, engine, architecture, images, s)) {
          run.trainTo(settings.batches());
          curves[s] = run.losses();
        }
      }
    }
    return curves;
  }

  /**
   * Settings of a {@link BatchwiseTrainingEstimation}.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final TrainableSpace trainable;
    private int batches = 100;
    private int batchSize = 64;
    private double learningRate = 0.1;
    private int warmup = 10;
    private Schedule schedule = Schedule.cosine();
    private double burnIn = 0.5;
    private double decay;
    private int seeds = 1;
    private Augmentation augmentation = Augmentation.cropAndFlip();
    private @Nullable Architecture reference;
    private @Nullable Function<Architecture, ComputationGraph> initial;
    private long seed = 42;

    private Builder(TrainableSpace trainable) {
      this.trainable = trainable;
    }

    /** Batches that every network is trained for, at least 1. Default 100. */
    @CanIgnoreReturnValue
    public Builder batches(int value) {
      checkArgument(value >= 1, "An estimate needs at least 1 batch, but has %s.", value);
      batches = value;
      return this;
    }

    /** Images per batch, at least 2. Default 64. */
    @CanIgnoreReturnValue
    public Builder batchSize(int value) {
      checkArgument(
          value >= 2,
          "A batch must hold at least 2 images for batch norm to have statistics, but holds %s.",
          value);
      batchSize = value;
      return this;
    }

    /** The learning rate at its peak, positive; that of the final training. Default 0.1. */
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
     * Batches over which the rate rises, not negative; the last one is not among them. Default 10.
     */
    @CanIgnoreReturnValue
    public Builder warmup(int value) {
      checkArgument(value >= 0, "The rate cannot rise over %s batches.", value);
      warmup = value;
      return this;
    }

    /** How the rate goes on after its rise. Default half a cosine to zero within the batches. */
    @CanIgnoreReturnValue
    public Builder schedule(Schedule value) {
      schedule = value;
      return this;
    }

    /** Share of the batches, the first ones, whose loss does not count, in [0, 1). Default 0.5. */
    @CanIgnoreReturnValue
    public Builder burnIn(double value) {
      checkArgument(value >= 0 && value < 1, "The burn-in must be in [0, 1), but is %s.", value);
      burnIn = value;
      return this;
    }

    /**
     * Takes a moving average of the losses instead of their mean, so that late batches count more;
     * after each batch it keeps this share, in [0, 1). Default 0: the mean.
     */
    @CanIgnoreReturnValue
    public Builder movingAverage(double value) {
      checkArgument(
          value >= 0 && value < 1,
          "A moving average must keep a share in [0, 1), but keeps %s.",
          value);
      decay = value;
      return this;
    }

    /** Trainings of each network, with other initial weights and batches. Default 1. */
    @CanIgnoreReturnValue
    public Builder seeds(int value) {
      checkArgument(value >= 1, "There must be at least 1 seed, but there are %s.", value);
      seeds = value;
      return this;
    }

    /** What is done to the images. Default crops and flips. */
    @CanIgnoreReturnValue
    public Builder augmentation(Augmentation value) {
      augmentation = value;
      return this;
    }

    /**
     * Divides every estimate by that of this architecture on the same batches, so that those of
     * other settings and images can be compared. Default none.
     */
    @CanIgnoreReturnValue
    public Builder reference(Architecture value) {
      reference = value;
      return this;
    }

    /**
     * Where trainings start: the weights of the network that this function makes for an
     * architecture, as of a wider one that was trained before. It must always make the same; the
     * network is closed here. Default fresh weights by the seed.
     */
    @CanIgnoreReturnValue
    public Builder initialWeights(Function<Architecture, ComputationGraph> value) {
      initial = value;
      return this;
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Makes the evaluator; nothing is trained yet.
     *
     * @throws IllegalArgumentException if the images do not fill a batch, or the reference belongs
     *     to another space
     */
    public BatchwiseTrainingEstimation build() {
      return new BatchwiseTrainingEstimation(
          trainable,
          new BteSettings(
              batches,
              batchSize,
              learningRate,
              warmup,
              schedule,
              burnIn,
              decay,
              seeds,
              augmentation,
              reference,
              initial,
              seed));
    }
  }
}
