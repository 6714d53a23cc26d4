package org.lightnas.compress;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Suppliers;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.math.BigInteger;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.DivergedSearchException;
import org.lightnas.InterruptedRunException;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Objective;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.Fingerprint;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;

/**
 * All grafted networks of a trained one in one: they share the weights that they have in common,
 * and learn by turns, a random mask at every step, from labels and from the network they are
 * grafted from. Its score of a mask is the accuracy, in percent, on images that the supernet did
 * not learn from, with batch norms estimated for this mask. It ranks masks; it is not the accuracy
 * that training the mask alone gives.
 *
 * <pre>
 * try (MaskSupernet supernet = MaskSupernet.builder().steps(500).train(network, images.train())) {
 *   double accuracy = supernet.score(supernet.space().uniform(0).with("block7", "all"));
 * }
 * </pre>
 *
 * <p>Weights are shared as in single-path one-shot search (Guo et al., ECCV 2020), by masks of
 * which any share of blocks is linear, each as likely; activations become linear over the first
 * fifth of the steps, as in {@link GraftingSpace#graft(ComputationGraph, Architecture, double)}.
 * Domino (Luo et al., ASP-DAC 2024) leaves open where its labels come from.
 *
 * <p>The same network, images, settings, backend and number of threads give the same scores, bit
 * for bit. Owns native memory until closed. Scores are given one at a time.
 *
 * @since 0.1.0
 */
public final class MaskSupernet implements Evaluator, AutoCloseable {

  private static final double MOMENTUM = 0.9;
  private static final double WEIGHT_DECAY = 3e-5;
  private static final double CLIP = 5;

  private static final int BATCH = 64;

  /** Of fewer, batch norm has no statistics. */
  private static final int LEAST_BATCH = 2;

  /** Half from labels, half from the network that is grafted. */
  private static final Objective OBJECTIVE = new Objective(0, 0.5, 2);

  /** Over this share of the steps activations become linear, in so many stages. */
  private static final double ANNEALED = 0.2;

  private static final int STAGES = 4;

  /** For each mask that is wanted. */
  private static final int DRAWS = 1000;

  /** Batches whose statistics a mask is judged with. */
  private static final int ESTIMATION = 8;

  private final GraftingSpace space;
  private final Builder settings;
  private final Engine engine;
  private final Weights weights;
  private final int batch;
  private final Batches statistics;
  private final HeldOut heldOut;
  private final Supplier<Map<String, String>> facts;

  /**
   * Trains one.
   *
   * @param start where its weights begin: the network, or one grafted from it
   */
  private MaskSupernet(
      Builder settings,
      GraftingSpace space,
      ComputationGraph network,
      ComputationGraph start,
      ImageSet images) {
    TrainedGraph begun = TrainedGraph.of(start);
    this.space = space;
    this.settings = settings;
    checkArgument(
        images.shape().equals(space.input()) && images.classes() == space.classes(),
        "The network takes images of %s in %s classes, but these are %s in %s.\n"
            + "Maybe they are of another data set.",
        space.input(),
        space.classes(),
        images.shape(),
        images.classes());
    List<ImageSet> parts = images.split(1 - settings.heldOut, seed("held out", 0));
    this.batch = settings.batch > 0 ? settings.batch : usual(parts.get(0).size());
    this.statistics = batches(parts.get(0), "statistics");
    this.heldOut = new HeldOut(parts.get(1), batch);
    String weightsBegin = Fingerprint.of(start, begun.graph(), begun.values());
    // Takes as long as reading all images, and few ask.
    this.facts = Suppliers.memoize(() -> facts(weightsBegin, images));
    this.engine = Engine.create();
    this.weights = new Weights(engine.type());
    try {
      for (Architecture mask : space.covering()) {
        TrainedGraph grafted = space.graft(begun, mask, 1);
        weights.ensure(grafted.graph(), settings.seed);
        weights.load(grafted.values());
      }
      train(TrainedGraph.of(network), batches(parts.get(0), "batches"));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder();
  }

  /** The masks that can be scored. */
  public GraftingSpace space() {
    return space;
  }

  private long seed(String purpose, long step) {
    return Seeds.derive(settings.seed, "mask supernet, " + purpose, step);
  }

  /** Images in a batch where nothing is said. */
  private static int usual(int images) {
    return Math.max(LEAST_BATCH, Math.min(BATCH, images));
  }

  private Batches batches(ImageSet images, String purpose) {
    return new Batches(images, batch, Augmentation.cropAndFlip(), seed(purpose, 0));
  }

  private void train(TrainedGraph given, Batches batches) {
    try (Weights original = new Weights(engine.type())) {
      original.ensure(given.graph(), 0);
      original.load(given.values());
      Plan teacher = engine.inference(given.graph(), original, batch);
      Optimizer optimizer = new Optimizer.Sgd(MOMENTUM);
      for (int step = 0; step < settings.steps; step++) {
        stopIfInterrupted("after " + step + " of " + settings.steps + " steps");
        Batches.Batch read = batches.read(step);
        teacher.forward(read.nhwc(), Pass.inference());
        double[] answers = teacher.logits();
        Architecture mask = random(space, Seeds.random(settings.seed, "mask", step));
        Plan plan = plan(mask, share((step + 1.0) / settings.steps));
        plan.forward(read.nhwc(), Pass.shared(step));
        double loss = plan.loss(OBJECTIVE, read.labels(), answers, null).mean();
        double rate = settings.rate * (1 + Math.cos(Math.PI * step / settings.steps)) / 2;
        if (!Double.isFinite(loss)) {
          throw new DivergedSearchException(
              String.format(
                  Locale.ROOT,
                  "The loss of mask %s is %s at step %d of %d of its supernet (learning rate"
                      + " %.3g).\n"
                      + "Maybe lower the learning rate (now %.3g at its peak).",
                  mask.id(),
                  loss,
                  step,
                  settings.steps,
                  rate,
                  settings.rate));
        }
        plan.backward();
        Gradients.apply(plan.touched(), optimizer, rate, WEIGHT_DECAY, CLIP);
      }
    }
  }

  private static void stopIfInterrupted(String place) {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedRunException(
          "The supernet of masks was interrupted " + place + " and is lost.\nMaybe begin anew.");
    }
  }

  /** Of the linear functions, when this part of the steps is done. */
  static double share(double done) {
    return Math.min(1, Math.ceil(STAGES * done / ANNEALED) / STAGES);
  }

  /**
   * A mask of which any share of blocks is as likely to be linear, and each way of a block as the
   * others.
   */
  static Architecture random(GraftingSpace space, RandomGenerator random) {
    double share = random.nextDouble();
    Architecture mask = space.uniform(0);
    for (int l = 0; l < space.choices().size(); l++) {
      if (random.nextDouble() < share) {
        mask = mask.with(l, 1 + random.nextInt(space.choices().get(l).size() - 1));
      }
    }
    return space.canonical(mask);
  }

  private Plan plan(Architecture mask, double share) {
    return engine.training(space.grafted(mask, share), weights, batch, Set.of());
  }

  /** The accuracy of a mask, in percent. */
  @Override
  public synchronized double score(Architecture mask) {
    Plan training = plan(mask, 1);
    for (int i = 0; i < ESTIMATION; i++) {
      training.forward(statistics.read(i).nhwc(), Pass.estimating(i));
    }
    return heldOut.accuracy(engine.inference(space.grafted(mask, 1), weights, batch));
  }

  /**
   * Scores the network itself, the mask with everything linear, and random masks of which any share
   * of blocks is linear, each as likely.
   *
   * @param count of masks, no two of them the same; fewer where the space has no more
   * @param seed of the draws
   * @throws InterruptedRunException if this thread is interrupted
   */
  public List<LabelledMask> tryMasks(int count, long seed) {
    int most = space.size().min(BigInteger.valueOf(count)).intValueExact();
    Architecture none = space.uniform(0);
    Architecture all = space.canonical(space.uniform(Integer.MAX_VALUE));
    Set<Architecture> masks = new LinkedHashSet<>(List.of(none, all));
    RandomGenerator random = Seeds.random(seed, "masks to try", 0);
    // Several encodings may be one mask, so there may be fewer than the space has.
    for (int draws = 0; draws < DRAWS * most && masks.size() < most; draws++) {
      masks.add(random(space, random));
    }
    return masks.stream()
        .limit(most)
        .peek(mask -> stopIfInterrupted("while masks were tried"))
        .map(mask -> new LabelledMask(mask, score(mask)))
        .toList();
  }

  @Override
  public String name() {
    return "accuracy with shared weights (%)";
  }

  /** Those of the builder, the network where the weights begin, and the images. */
  @Override
  public Map<String, String> settings() {
    return facts.get();
  }

  private Map<String, String> facts(String weightsBegin, ImageSet images) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("supernet network", weightsBegin);
    facts.put("supernet images", images.fingerprint());
    facts.put("supernet steps", Integer.toString(settings.steps));
    facts.put("supernet batch size", Integer.toString(batch));
    facts.put("supernet learning rate", Double.toString(settings.rate));
    facts.put("supernet held out", Double.toString(settings.heldOut));
    facts.put("supernet seed", Long.toString(settings.seed));
    return Collections.unmodifiableMap(facts);
  }

  @Override
  public synchronized void close() {
    weights.close();
    engine.close();
  }

  /**
   * How a supernet is trained.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private int steps = 500;

    /** 0 where nothing is said. */
    private int batch;

    private double rate = 0.05;
    private double heldOut = 0.2;
    private long seed = 42;

    private Builder() {}

    /** One mask each. Default 500. */
    @CanIgnoreReturnValue
    public Builder steps(int value) {
      checkArgument(value >= 1, "A supernet needs at least 1 step, but has %s.", value);
      steps = value;
      return this;
    }

    /** Images per step. Default 64, or all that are learned from where there are fewer. */
    @CanIgnoreReturnValue
    public Builder batchSize(int value) {
      checkArgument(
          value >= LEAST_BATCH,
          "Batch norm needs at least 2 images in a batch, but has %s.",
          value);
      batch = value;
      return this;
    }

    /** At first; it falls as a cosine. Default 0.05. */
    @CanIgnoreReturnValue
    public Builder learningRate(double value) {
      checkArgument(
          value > 0 && Double.isFinite(value),
          "The learning rate must be positive, but is %s.",
          value);
      rate = value;
      return this;
    }

    /** The share of the images that masks are judged on, of every class alike. Default 0.2. */
    @CanIgnoreReturnValue
    public Builder validation(double share) {
      checkArgument(
          share > 0 && share < 1, "The share held out must lie between 0 and 1, but is %s.", share);
      heldOut = share;
      return this;
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Trains the supernet of a network.
     *
     * @param network trained; its configuration says its input size; not changed, not kept
     * @param images those it was trained on, or others of its kind; not all are learned from
     * @return owned by the caller
     * @throws IllegalArgumentException if nothing in the network can be grafted, the images do not
     *     fit it, or there are too few for a batch
     * @throws DivergedSearchException if the loss is no longer a number
     * @throws InterruptedRunException if this thread is interrupted
     */
    public MaskSupernet train(ComputationGraph network, ImageSet images) {
      return train(GraftingSpace.of(network), network, network, images);
    }

    /**
     * Trains one whose weights begin with those of a network that was grafted from another.
     *
     * @param space of the other one
     * @param network which teaches
     */
    MaskSupernet train(
        GraftingSpace space, ComputationGraph network, ComputationGraph start, ImageSet images) {
      return new MaskSupernet(copy(), space, network, start, images);
    }

    private Builder copy() {
      Builder copy = new Builder();
      copy.steps = steps;
      copy.batch = batch;
      copy.rate = rate;
      copy.heldOut = heldOut;
      copy.seed = seed;
      return copy;
    }
  }
}
