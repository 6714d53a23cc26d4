package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.lightnas.DivergedSearchException;
import org.lightnas.InterruptedRunException;
import org.lightnas.Progress;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;

/**
 * Scores architectures by the accuracy they have with the weights of a supernet, in percent, on
 * images held out of its training. The supernet learns from one random path at each step (Guo et
 * al., ECCV 2020), and before every score the statistics of the path's batch norms are estimated
 * anew.
 *
 * <pre>
 * try (SupernetEvaluator accuracy = SupernetEvaluator.builder(space.on(images)).build()) {
 *   accuracy.train(2000);
 *   RegularizedEvolution.builder(accuracy).build().search(space, bound);
 * }
 * </pre>
 *
 * Such scores rank architectures, roughly; they are below what trained networks reach. They hold
 * until the supernet is trained further. Owns native memory until closed. Scores may be asked for
 * by several threads, which then wait for each other.
 *
 * @since 0.1.0
 */
public final class SupernetEvaluator implements Evaluator, AutoCloseable {

  private static final double SMOOTHING = 0.1;
  private static final long PLAN_BYTES = 64L << 20;
  private static final int JUDGED_AT_ONCE = 64;

  private final SearchSpace space;
  private final Supernet supernet;
  private final boolean families;
  private final Batches batches;
  private final Batches alike;
  private final ImageSet heldOut;
  private final int normBatches;
  private final double rate;
  private final long seed;
  private final Supplier<Map<String, String>> given;
  private long step;

  private SupernetEvaluator(Builder builder) {
    space = builder.trainable.space();
    seed = builder.seed;
    families = builder.families;
    rate = builder.rate;
    normBatches = builder.normBatches;
    ImageSet train = builder.trainable.images().train();
    List<ImageSet> parts =
        builder.judgedOn == null
            ? train.split(1 - builder.heldOut, Seeds.derive(seed, "held out", 0))
            : List.of(train, builder.judgedOn);
    heldOut = parts.get(1);
    int batch = builder.batchSize;
    batches =
        new Batches(
            parts.get(0), batch, builder.augmentation, Seeds.derive(seed, "path batches", 0));
    alike =
        new Batches(
            parts.get(0), batch, builder.augmentation, Seeds.derive(seed, "batch norm batches", 0));
    supernet =
        new Supernet(space, batch, seed, SMOOTHING, Supernet.Abilities.plain(families), PLAN_BYTES);
    Map<String, String> facts = builder.facts();
    given =
        Suppliers.memoize(
            () -> {
              // Takes as long as reading all images, and few ask.
              facts.put("supernet images", parts.get(0).fingerprint());
              facts.put("supernet images held out", heldOut.fingerprint());
              return facts;
            });
  }

  /** Starts from the defaults, which each setter names. Test images are not looked at. */
  public static Builder builder(TrainableSpace space) {
    return new Builder(space);
  }

  /** Steps trained so far. */
  public synchronized long step() {
    return step;
  }

  /**
   * Trains on paths drawn uniformly from the whole space, at a rate that falls to zero along half a
   * cosine.
   *
   * @throws IllegalArgumentException if there is no step
   * @throws DivergedSearchException if a loss is no number
   * @throws InterruptedRunException if this thread is interrupted; what was learned stays
   */
  public void train(long steps) {
    train(space::sample, 0, steps, 1, progress -> {});
  }

  /**
   * Trains on paths of the caller's, as in a space that was narrowed.
   *
   * @param paths draws an architecture; called once for each step, with a generator that depends on
   *     seed and step only
   * @param from how many of the steps were done before: a training that was stopped goes on
   * @param steps of this training, those done before included
   * @param share of the learning rate, at the beginning
   * @param heard is told after every epoch and at the end, in this thread; it may ask for scores
   *     and for the state
   * @throws IllegalArgumentException if there is no step, or the share is not positive
   * @throws DivergedSearchException if a loss is no number
   * @throws InterruptedRunException if this thread is interrupted; what was learned stays
   */
  public synchronized void train(
      Function<RandomGenerator, Architecture> paths,
      long from,
      long steps,
      double share,
      Consumer<Progress> heard) {
    checkArgument(
        from >= 0 && steps > from, "There must be steps to train, but from %s to %s.", from, steps);
    checkArgument(
        share > 0 && Double.isFinite(share),
        "The share of the learning rate must be a positive number, but is %s.",
        share);
    long start = System.nanoTime();
    for (long i = from; i < steps; i++) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedRunException(
            "The training of the supernet was interrupted at step " + i + " of " + steps + ".");
      }
      Architecture path = paths.apply(Seeds.random(seed, "path", step));
      Batches.Batch batch = batches.read(step);
      double now = share * rate * (1 + Math.cos(Math.PI * i / steps)) / 2;
      double loss = supernet.train(path, batch.nhwc(), batch.labels(), step, now);
      if (!Double.isFinite(loss)) {
        throw new DivergedSearchException(
            String.format(
                Locale.ROOT,
                "The supernet's loss is %s at step %d of %d, of path %s.\n"
                    + "Maybe lower the learning rate (%.3g at its peak) or check the images.",
                loss,
                i,
                steps,
                path.id(),
                rate),
            null);
      }
      step++;
      if (i + 1 == steps || step % batches.perEpoch() == 0) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
        heard.accept(new Progress("supernet", i + 1, steps, elapsed, from));
      }
    }
  }

  /**
   * The accuracy in percent, of all held-out images. The same whenever it is asked for, as long as
   * the supernet is not trained.
   *
   * @throws IllegalArgumentException if the architecture belongs to another space
   */
  @Override
  public synchronized double score(Architecture architecture) {
    architecture.requireSpace(space);
    for (int i = 0; i < normBatches; i++) {
      supernet.estimate(architecture, alike.read(i).nhwc(), i);
    }
    int full = Math.min(JUDGED_AT_ONCE, heldOut.size());
    Plan plan = supernet.deployed(architecture, full);
    int correct = 0;
    for (int first = 0; first < heldOut.size(); first += full) {
      int count = Math.min(full, heldOut.size() - first);
      if (count < full) {
        plan = supernet.deployed(architecture, count);
      }
      correct += correct(plan, first, count);
    }
    return 100.0 * correct / heldOut.size();
  }

  private int correct(Plan plan, int first, int count) {
    Batches.Batch batch = heldOut.batch(first, count);
    plan.forward(batch.nhwc(), Pass.inference());
    return plan.loss(batch.labels(), 0).correct();
  }

  /** {@code supernet accuracy (%)}. */
  @Override
  public String name() {
    return "supernet accuracy (%)";
  }

  /** Those of the builder, the images, and how long it was trained. */
  @Override
  public synchronized Map<String, String> settings() {
    Map<String, String> facts = new LinkedHashMap<>(given.get());
    facts.put("supernet steps", Long.toString(step));
    return facts;
  }

  /** What computes. */
  public String kernels() {
    return supernet.kernels();
  }

  /** Copies all that training has made: shared tensors and the optimiser's, by name. */
  public synchronized Map<String, double[]> state() {
    return supernet.snapshot();
  }

  /**
   * Goes to where a training was.
   *
   * @param at its step
   * @param tensors what {@link #state} gave then
   * @throws IllegalArgumentException if the step is negative, or one of this space's weights is
   *     missing or of another size
   */
  public synchronized void restore(long at, Map<String, double[]> tensors) {
    checkArgument(at >= 0, "Steps are counted from 0, but this one is %s.", at);
    supernet.restore(
        (name, size) -> {
          checkArgument(
              !name.startsWith(SearchWeights.VALUE) || tensors.containsKey(name),
              "The state holds no '%s' of space '%s'.\nMaybe it is of another space.",
              name.substring(name.indexOf('/') + 1),
              space.name());
          return null;
        });
    supernet.restore((name, size) -> tensors.get(name));
    step = at;
  }

  /**
   * Takes over the weights that a search by logits left in its checkpoint, to ask what its supernet
   * says of architectures. The space must be that of the supernet, and {@link
   * Builder#sharedKernels} as in the search: no for {@link SurgeNas} and {@link LightNas#faithful},
   * yes for {@link LightNas} unless it was told otherwise. A file that is refused changes nothing.
   *
   * @param checkpoint {@code last.ckpt} of {@link LightNas} or {@link SurgeNas}
   * @throws org.lightnas.CheckpointException if it cannot be read, lacks weights of this space, or
   *     holds others
   */
  public synchronized void load(Path checkpoint) {
    step = SearchWeights.take(checkpoint, supernet, space, families);
  }

  @Override
  public synchronized void close() {
    supernet.close();
  }

  /**
   * Settings of a {@link SupernetEvaluator}.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final TrainableSpace trainable;
    private int batchSize = 64;
    private double rate = 0.3;
    private Augmentation augmentation = Augmentation.cropAndFlip();
    private double heldOut = 0.1;
    private @Nullable ImageSet judgedOn;
    private int normBatches = 8;
    private boolean families = true;
    private long seed = 42;

    private Builder(TrainableSpace trainable) {
      this.trainable = trainable;
    }

    private Map<String, String> facts() {
      Map<String, String> facts = new LinkedHashMap<>();
      facts.put("supernet batch size", Integer.toString(batchSize));
      facts.put("supernet learning rate", Double.toString(rate));
      facts.put("supernet augmentation", augmentation.toString());
      facts.put("supernet batch norm batches", Integer.toString(normBatches));
      facts.put("supernet shared kernels", Boolean.toString(families));
      facts.put("supernet seed", Long.toString(seed));
      return facts;
    }

    /** Images per step, at least 2 for batch norm to have statistics. Default 64. */
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
     * Peak of the learning rate, positive; each weight is touched by few of the steps. Default 0.3.
     */
    @CanIgnoreReturnValue
    public Builder learningRate(double value) {
      checkArgument(
          value > 0 && Double.isFinite(value),
          "The learning rate must be a positive number, but is %s.",
          value);
      rate = value;
      return this;
    }

    /** Changes made to training images. Default {@link Augmentation#cropAndFlip}. */
    @CanIgnoreReturnValue
    public Builder augmentation(Augmentation value) {
      augmentation = value;
      return this;
    }

    /** Share of the training images that is kept for scoring, between 0 and 1. Default 0.1. */
    @CanIgnoreReturnValue
    public Builder validation(double share) {
      checkArgument(
          share > 0 && share < 1, "The share held out must be between 0 and 1, but is %s.", share);
      heldOut = share;
      return this;
    }

    /**
     * Images that scores are taken on, instead of a share of the training images, all of which then
     * train. Default none.
     *
     * @throws IllegalArgumentException if they are of another shape or number of classes
     */
    @CanIgnoreReturnValue
    public Builder judgedOn(ImageSet value) {
      ImageSet train = trainable.images().train();
      checkArgument(
          value.shape().equals(train.shape()) && value.classes() == train.classes(),
          "Images to judge on are of %s in %s classes, but those to train on of %s in %s.",
          value.shape(),
          value.classes(),
          train.shape(),
          train.classes());
      judgedOn = value;
      return this;
    }

    /** Batches by which batch norms are estimated before a score, at least 1. Default 8. */
    @CanIgnoreReturnValue
    public Builder batchNormReestimation(int value) {
      checkArgument(value >= 1, "Batch norms need at least 1 batch, but are given %s.", value);
      normBatches = value;
      return this;
    }

    /**
     * Whether operations that are one operation in several sizes, by {@link
     * org.lightnas.space.Op#family}, share their weights, which then learn from more of the steps.
     * For {@link #load} as in the search. Default yes.
     */
    @CanIgnoreReturnValue
    public Builder sharedKernels(boolean value) {
      families = value;
      return this;
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Makes the untrained supernet.
     *
     * @throws IllegalArgumentException if the images do not fill a batch
     */
    public SupernetEvaluator build() {
      return new SupernetEvaluator(this);
    }
  }
}
