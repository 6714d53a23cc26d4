package org.lightnas.search;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.lightnas.DivergedSearchException;
import org.lightnas.Progress;
import org.lightnas.Provenance;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.data.Prefetch;
import org.lightnas.internal.Listeners;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.QualityLimit;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.train.LearningRate;
import org.lightnas.train.Schedule;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * LightNAS (Luo et al., DAC 2022): one differentiable search that ends at the bound asked for. The
 * weights of all architectures are trained together, one sampled path at a time; candidates have
 * logits that learn from the loss and from the predicted cost; how strongly the cost counts is
 * itself learned, by gradient ascent on the violation of the bound, so that nothing is tuned.
 *
 * <p>Weights are trained on one half of the training images, logits on the other; test images are
 * not looked at. A first share of the steps trains weights only, each candidate of a choice equally
 * often. At the end the most probable architecture is projected onto the bound exactly, and, if the
 * constraint names a device, measured: as long as the measurement exceeds the bound, the bound is
 * lowered by the gap and projected again.
 *
 * <p>Departures from the paper, with reasons, are in {@code docs/DECISIONS.md}: rates relative to
 * the number of steps, a quadratic term, a floor under the temperature, logits that learn from
 * compared paths. Immutable. The same settings, seed, images, predictor, backend and number of
 * threads give the same architecture (without a device, whose measurements vary).
 */
public final class LightNas implements Searcher {

  private static final Logger log = LoggerFactory.getLogger(LightNas.class);

  /** Temperature of the Gumbel softmax: from the first to the second, exponentially (LightNAS). */
  private static final double TAU_START = 5;

  private static final double TAU_END = 0.3;

  /** Logits can move so far in a whole search. */
  private static final double LOGIT_TRAVEL = 15;

  /** Aiming at the bound means to end within this share below it. */
  private static final double AIMED_AT = 0.97;

  private static final double LABEL_SMOOTHING = 0.1;

  private final Builder settings;

  private LightNas(Builder settings) {
    this.settings = settings;
  }

  /**
   * Searches with the default settings.
   *
   * @throws org.lightnas.InfeasibleConstraintException as {@link Searcher#search}
   */
  public static SearchResult searchOnce(TrainableSpace space, Constraint constraint) {
    return builder().build().search(space, constraint);
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public SearchResult search(TrainableSpace trainable, Constraint constraint) {
    long start = System.nanoTime();
    SearchSpace space = trainable.space();
    checkArgument(
        constraint.predictor().space().equals(space),
        "The predictor is for space '%s', but space '%s' is to be searched.\n"
            + "Maybe profile this space; of equal names, shapes and candidates must be equal too.",
        constraint.predictor().space().name(),
        space.name());
    settings.quality.require(constraint.predictor());
    Projection projection = new Projection(constraint);
    projection.requireFeasible();
    boolean aim = settings.aim && canReach(projection, constraint);
    ImageData images = trainable.images();
    Provenance provenance;
    Logits logits = new Logits(space);
    List<SearchStep> history;
    try (Supernet supernet =
        new Supernet(
            space,
            settings.batchSize,
            settings.seed,
            LABEL_SMOOTHING,
            settings.estimator == Estimator.GATES,
            settings.planBytes)) {
      provenance =
          Provenance.capture(
              supernet.kernels(),
              images.name() + " " + images.train().fingerprint(),
              settings.seed,
              settings.clock);
      MemoryEstimate memory = supernet.memoryNeeded();
      log.info("Search of space '{}' is about to take: {}", space.name(), memory);
      Listeners.tell(settings.listeners, l -> l.onStart(memory), log);
      try (Run run = new Run(supernet, space, images, constraint, aim, logits)) {
        history = run.run();
      }
      log.debug("The search took: {}", supernet.memoryTaken());
    }
    double[][] scores = logits.logProbabilities();
    Architecture mostProbable = projection.best(scores);
    Settlement settlement =
        new Settlement(
            space, constraint, scores, aim ? AIMED_AT : 0, settings.seed, settings.listeners);
    Settlement.Settled settled = settlement.settle();
    return new SearchResult(
        settled.architecture(),
        constraint,
        settled.verdict(),
        settlement.verdicts(),
        swaps(space, mostProbable, settled.architecture()),
        logits.probabilities(),
        history,
        describe(aim),
        provenance,
        Duration.ofNanos(System.nanoTime() - start));
  }

  /** Pushing the cost up to a bound that nothing reaches would choose by cost alone. */
  private static boolean canReach(Projection projection, Constraint constraint) {
    double most = constraint.predict(projection.costliest());
    boolean within = most >= AIMED_AT * constraint.bound();
    if (!within) {
      log.info(
          "The bound of {} {} is above all predictions, the most is {}: it decides nothing",
          Numbers.format(constraint.bound()),
          constraint.metric().unit(),
          Numbers.format(most));
    }
    return within;
  }

  private static List<Swap> swaps(SearchSpace space, Architecture from, Architecture to) {
    List<Swap> swaps = new ArrayList<>();
    List<Choice> choices = space.choices();
    for (int l = 0; l < choices.size(); l++) {
      if (from.pick(l) != to.pick(l)) {
        swaps.add(new Swap(choices.get(l).name(), from.candidate(l).id(), to.candidate(l).id()));
      }
    }
    return swaps;
  }

  private Map<String, String> describe(boolean aim) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("searcher", "LightNAS");
    facts.put("estimator", settings.estimator.name().toLowerCase(Locale.ROOT));
    facts.put("steps", Integer.toString(settings.steps));
    facts.put("warm-up steps", Integer.toString(settings.warmupSteps()));
    facts.put("batch", Integer.toString(settings.batchSize));
    facts.put("paths compared", Integer.toString(settings.paths));
    facts.put("learning rate", Double.toString(settings.learningRate));
    facts.put(
        "aims at the bound",
        settings.aim && !aim ? "no, it is above all predictions" : yesOrNo(aim));
    facts.put("seed", Long.toString(settings.seed));
    return facts;
  }

  private static String yesOrNo(boolean value) {
    return value ? "yes" : "no";
  }

  /** The loop over steps; what changes during a search is in here and in the logits. */
  private final class Run implements AutoCloseable {

    private final Supernet supernet;
    private final SearchSpace space;
    private final Logits logits;
    private final LatencyTerm latency;
    private final Projection projection;
    private final FairPaths fairPaths;
    private final Prefetch weightBatches;
    private final Prefetch logitBatches;
    private final LearningRate learningRate;
    private final int warmup = settings.warmupSteps();
    private final int logitSteps = settings.steps - warmup;

    /** What the logits learn from in this step. */
    private float[] nhwc = {};

    private int[] labels = {};

    Run(
        Supernet supernet,
        SearchSpace space,
        ImageData images,
        Constraint constraint,
        boolean aim,
        Logits logits) {
      this.supernet = supernet;
      this.space = space;
      this.logits = logits;
      this.latency = new LatencyTerm(constraint, logitSteps, aim);
      this.projection = new Projection(constraint);
      this.fairPaths = new FairPaths(space, settings.seed);
      List<ImageSet> halves = images.train().split(0.5, Seeds.derive(settings.seed, "halves", 0));
      Batches forWeights =
          new Batches(
              halves.get(0),
              settings.batchSize,
              settings.augmentation,
              Seeds.derive(settings.seed, "weight batches", 0));
      Batches forLogits =
          new Batches(
              halves.get(1),
              settings.batchSize,
              Augmentation.none(),
              Seeds.derive(settings.seed, "logit batches", 0));
      this.learningRate =
          new LearningRate(
              settings.learningRate, Schedule.cosine(), 0, settings.steps, settings.steps);
      this.weightBatches = new Prefetch(forWeights, 0, settings.steps);
      this.logitBatches = new Prefetch(forLogits, 0, logitSteps);
    }

    List<SearchStep> run() {
      List<SearchStep> history = new ArrayList<>();
      long start = System.nanoTime();
      for (int step = 0; step < settings.steps; step++) {
        SearchStep done = step(step);
        history.add(done);
        Progress progress =
            new Progress(
                "search", step + 1L, settings.steps, Duration.ofNanos(System.nanoTime() - start));
        Listeners.tell(settings.listeners, l -> l.onStep(progress, done), log);
      }
      log.info(
          "The search waited {} ms for images",
          weightBatches.waited().plus(logitBatches.waited()).toMillis());
      return List.copyOf(history);
    }

    private SearchStep step(int step) {
      double tau = temperature(step);
      Architecture trained =
          step < warmup
              ? fairPaths.at(step)
              : logits.draw(Seeds.random(settings.seed, "weight path", step), tau).architecture();
      Prefetch.Batch batch = weightBatches.next();
      double rate = learningRate.at(step);
      double weightLoss = supernet.train(trained, batch.nhwc(), batch.labels(), step, rate);
      requireFinite(weightLoss, step, rate);
      double[][] p = logits.probabilities();
      Architecture mostProbable = projection.best(p);
      LatencyTerm.Expectation expectation = latency.expect(p, mostProbable);
      double pathLoss = Double.NaN;
      if (step >= warmup) {
        batch = logitBatches.next();
        nhwc = batch.nhwc();
        labels = batch.labels();
        double[][] gradient = Logits.zeros(space);
        pathLoss =
            settings.estimator == Estimator.PATHS
                ? comparePaths(step, tau, p, gradient)
                : passGates(step, tau, gradient);
        requireFinite(pathLoss, step, rate);
        latency.addGradient(gradient, p, expectation);
        logits.update(gradient, LOGIT_TRAVEL / logitSteps);
        latency.ascend(expectation);
      }
      return new SearchStep(
          step, weightLoss, pathLoss, expectation.value(), latency.multiplier(), logits.entropy());
    }

    private double comparePaths(int step, double tau, double[][] p, double[][] gradient) {
      RandomGenerator random = Seeds.random(settings.seed, "logit paths", step);
      List<Architecture> paths = new ArrayList<>();
      // Towards the end most draws are the same path, whose loss on these images is the same.
      Map<Architecture, Double> known = new HashMap<>();
      double[] losses = new double[settings.paths];
      double mean = 0;
      for (int m = 0; m < losses.length; m++) {
        paths.add(logits.draw(random, tau).architecture());
        losses[m] = known.computeIfAbsent(paths.get(m), a -> supernet.loss(a, nhwc, labels, step));
        mean += losses[m] / losses.length;
      }
      for (int m = 0; m < losses.length; m++) {
        double advantage = (losses[m] - mean) / (losses.length - 1);
        for (int l = 0; l < p.length; l++) {
          for (int k = 0; k < p[l].length; k++) {
            double one = paths.get(m).pick(l) == k ? 1 : 0;
            gradient[l][k] += advantage * (one - p[l][k]);
          }
        }
      }
      return mean;
    }

    private double passGates(int step, double tau, double[][] gradient) {
      Logits.Draw draw = logits.draw(Seeds.random(settings.seed, "logit paths", step), tau);
      Supernet.GateGradients behind =
          supernet.gateGradients(draw.architecture(), nhwc, labels, step);
      double[][] through = draw.straightThrough(behind.gates(), tau);
      for (int l = 0; l < through.length; l++) {
        System.arraycopy(through[l], 0, gradient[l], 0, through[l].length);
      }
      return behind.loss();
    }

    private double temperature(int step) {
      double share = Math.max(0, step - warmup) / (double) Math.max(1, logitSteps);
      return TAU_START * Math.pow(TAU_END / TAU_START, share);
    }

    private void requireFinite(double loss, int step, double rate) {
      if (!Double.isFinite(loss)) {
        throw new DivergedSearchException(
            String.format(
                Locale.ROOT,
                "The search's loss is %s at step %d of %d (learning rate %.3g).\n"
                    + "Maybe lower the learning rate (now %.3g at its peak) or check the images.",
                loss,
                step,
                settings.steps,
                rate,
                settings.learningRate));
      }
    }

    @Override
    public void close() {
      weightBatches.close();
      logitBatches.close();
    }
  }

  /** Settings of {@link LightNas}; every setter checks its value and names the default. */
  public static final class Builder {

    private int steps = 1000;
    private double warmup = 0.4;
    private int batchSize = 64;
    private long planBytes = 64 << 20;
    private double learningRate = 0.1;
    private int paths = 2;
    private Estimator estimator = Estimator.PATHS;
    private boolean aim = true;
    private QualityLimit quality = QualityLimit.standard();
    private Augmentation augmentation = Augmentation.cropAndFlip();
    private long seed = 42;
    private Clock clock = Clock.systemUTC();
    private final List<SearchListener> listeners = new ArrayList<>();

    private Builder() {}

    private Builder(Builder other) {
      steps = other.steps;
      warmup = other.warmup;
      batchSize = other.batchSize;
      planBytes = other.planBytes;
      learningRate = other.learningRate;
      paths = other.paths;
      estimator = other.estimator;
      aim = other.aim;
      quality = other.quality;
      augmentation = other.augmentation;
      seed = other.seed;
      clock = other.clock;
      listeners.addAll(other.listeners);
    }

    private int warmupSteps() {
      return Math.min((int) (warmup * steps), steps - 1);
    }

    /** Training steps of the shared weights, at least 2. Default 1000. */
    @CanIgnoreReturnValue
    public Builder steps(int value) {
      checkArgument(value >= 2, "A search needs at least 2 steps, but has %s.", value);
      steps = value;
      return this;
    }

    /** Share of the steps that train weights only, in [0, 1). Default 0.4. */
    @CanIgnoreReturnValue
    public Builder warmup(double value) {
      checkArgument(value >= 0 && value < 1, "The warm-up must be in [0, 1), but is %s.", value);
      warmup = value;
      return this;
    }

    /** Images per step, at least 2. Default 64. */
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

    /** The largest learning rate of the shared weights, positive. Default 0.1. */
    @CanIgnoreReturnValue
    public Builder learningRate(double value) {
      checkArgument(
          value > 0 && Double.isFinite(value),
          "The learning rate must be positive, but is %s.",
          value);
      learningRate = value;
      return this;
    }

    /** What the logits learn from. Default {@link Estimator#PATHS}. */
    @CanIgnoreReturnValue
    public Builder estimator(Estimator value) {
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
     * Whether to use the bound up: the search is then also pushed up to it, and ends within 3 %
     * below where the space has such an architecture; a bound above all predictions is not aimed
     * at. Otherwise cheaper is as good. Default true.
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

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public Builder listener(SearchListener value) {
      listeners.add(value);
      return this;
    }

    /** Makes the searcher. */
    public LightNas build() {
      return new LightNas(new Builder(this));
    }
  }
}
