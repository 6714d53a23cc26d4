package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.DivergedSearchException;
import org.lightnas.Progress;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Loss;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.internal.Listeners;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a network on our engine and hands back a plain DL4J {@link ComputationGraph}. The recipe
 * is the one LightNAS trains its networks with, scaled to small images: SGD with classical momentum
 * 0.9, a cosine schedule after a linear warm-up, weight decay on kernels but not on biases and
 * batch norms, label smoothing, clipping of the gradient's norm. What DL4J's own configuration says
 * about updaters, regularisation and gradient normalisation is not used.
 *
 * <p>Immutable; one trainer may be used for many networks, also from several threads. The same
 * settings, seed, data, backend and number of threads give the same network, bit for bit.
 */
public final class Trainer {

  private static final Logger log = LoggerFactory.getLogger(Trainer.class);

  private final Builder settings;

  private Trainer(Builder settings) {
    this.settings = settings;
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Trains a fresh network of an architecture.
   *
   * @return owned by the caller
   * @throws IllegalArgumentException if its space is no {@link SearchSpace}, or the images do not
   *     fit it
   * @throws DivergedSearchException if the loss is no longer a number
   */
  public ComputationGraph fit(Architecture architecture, ImageData images) {
    checkArgument(
        architecture.space() instanceof SearchSpace,
        "Space '%s' describes choices only, so its architectures cannot be trained.",
        architecture.space().name());
    SearchSpace space = (SearchSpace) architecture.space();
    space.on(images);
    ComputationGraph network = space.network(architecture, settings.seed);
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, settings.seed);
      NetworkValues.write(network, graph, train(engine, graph, weights, images));
    }
    return network;
  }

  /**
   * Trains a network on, from the weights it has.
   *
   * @param network not changed; its configuration says its input size
   * @return a trained copy, owned by the caller
   * @throws IllegalArgumentException if the images do not fit it
   * @throws DivergedSearchException if the loss is no longer a number
   */
  public ComputationGraph fit(ComputationGraph network, ImageData images) {
    LayerGraph graph = LayerGraph.read(network.getConfiguration());
    checkArgument(
        graph.input().equals(images.shape())
            && graph.output().output().channels() == images.classes(),
        "The network takes images of %s in %s classes, but '%s' holds %s in %s.",
        graph.input(),
        graph.output().output().channels(),
        images.name(),
        images.shape(),
        images.classes());
    ComputationGraph trained = network.clone();
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      weights.ensure(graph, settings.seed);
      weights.load(NetworkValues.read(network, graph));
      NetworkValues.write(trained, graph, train(engine, graph, weights, images));
    }
    return trained;
  }

  private Map<String, double[]> train(
      Engine engine, LayerGraph graph, Weights weights, ImageData images) {
    int batch = settings.batchSize;
    Batches batches =
        new Batches(
            images.train(),
            batch,
            settings.augmentation,
            Seeds.derive(settings.seed, "training batches", 0));
    int perEpoch = batches.perEpoch();
    long total = (long) perEpoch * settings.epochs;
    long warmup = (long) (settings.warmup * total);
    Schedule schedule = new Schedule(settings.learningRate, warmup, total);
    Plan plan = engine.training(graph, weights, batch, Set.of());
    float[] nhwc = new float[(int) (batch * images.shape().size())];
    int[] labels = new int[batch];
    long start = System.nanoTime();
    for (int epoch = 1; epoch <= settings.epochs; epoch++) {
      double lossSum = 0;
      long correct = 0;
      for (int i = 0; i < perEpoch; i++) {
        long step = (long) (epoch - 1) * perEpoch + i;
        batches.read(step, nhwc, labels);
        plan.forward(nhwc, Pass.training(Seeds.derive(settings.seed, "dropout", step)));
        Loss loss = plan.loss(labels, settings.labelSmoothing);
        double rate = schedule.rate(step);
        if (!Double.isFinite(loss.mean())) {
          throw new DivergedSearchException(
              String.format(
                  Locale.ROOT,
                  "The training loss is %s at step %d of %d (learning rate %.3g).\n"
                      + "Maybe lower the learning rate (now %.3g at its peak) or check the images.",
                  loss.mean(),
                  step,
                  total,
                  rate,
                  settings.learningRate));
        }
        plan.backward();
        Gradients.apply(
            plan.touched(), settings.optimizer, rate, settings.weightDecay, settings.clip);
        lossSum += loss.mean();
        correct += loss.correct();
        Progress progress = progress(step + 1, total, start);
        Listeners.tell(settings.listeners, l -> l.onStep(progress, loss.mean()), log);
      }
      TrainingListener.Epoch report =
          new TrainingListener.Epoch(
              epoch,
              lossSum / perEpoch,
              100.0 * correct / ((long) perEpoch * batch),
              progress((long) epoch * perEpoch, total, start));
      log.info("{}: loss {}", report.progress(), report.loss());
      Listeners.tell(settings.listeners, l -> l.onEpoch(report), log);
    }
    reestimateBatchNorms(plan, images, settings.reestimation);
    plan.logOpaqueShare(log);
    return weights.values(graph);
  }

  /** Replaces running statistics by the mean over plain training batches. */
  private void reestimateBatchNorms(Plan plan, ImageData images, int count) {
    Batches batches =
        new Batches(
            images.train(),
            plan.batch(),
            Augmentation.none(),
            Seeds.derive(settings.seed, "batch norm batches", 0));
    float[] nhwc = new float[(int) (plan.batch() * images.shape().size())];
    int[] labels = new int[plan.batch()];
    for (int i = 0; i < count; i++) {
      batches.read(i, nhwc, labels);
      plan.forward(nhwc, Pass.estimating(i));
    }
  }

  private static Progress progress(long done, long total, long start) {
    return new Progress("training", done, total, Duration.ofNanos(System.nanoTime() - start));
  }

  /** The settings, for reports. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d epochs, batch %d, %s, rate %.3g, weight decay %.3g, smoothing %.2g, %s, seed %d",
        settings.epochs,
        settings.batchSize,
        settings.optimizer,
        settings.learningRate,
        settings.weightDecay,
        settings.labelSmoothing,
        settings.augmentation,
        settings.seed);
  }

  /** Settings of a {@link Trainer}; every setter checks its value and names the default. */
  public static final class Builder {

    private int epochs = 20;
    private int batchSize = 64;
    private Optimizer optimizer = new Optimizer.Sgd(0.9);
    private double learningRate = 0.1;
    private double warmup = 0.05;
    private double weightDecay = 3e-5;
    private double labelSmoothing = 0.1;
    private double clip = 5;
    private Augmentation augmentation = Augmentation.cropAndFlip();
    private int reestimation = 20;
    private long seed = 42;
    private final List<TrainingListener> listeners = new ArrayList<>();

    private Builder() {}

    private Builder(Builder other) {
      epochs = other.epochs;
      batchSize = other.batchSize;
      optimizer = other.optimizer;
      learningRate = other.learningRate;
      warmup = other.warmup;
      weightDecay = other.weightDecay;
      labelSmoothing = other.labelSmoothing;
      clip = other.clip;
      augmentation = other.augmentation;
      reestimation = other.reestimation;
      seed = other.seed;
      listeners.addAll(other.listeners);
    }

    /** Passes over the training images, at least 1. Default 20. */
    @CanIgnoreReturnValue
    public Builder epochs(int value) {
      checkArgument(value >= 1, "Epochs must be at least 1, but are %s.", value);
      epochs = value;
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

    /** SGD with classical momentum in [0, 1). The default, with 0.9. */
    @CanIgnoreReturnValue
    public Builder sgd(double momentum) {
      checkArgument(
          momentum >= 0 && momentum < 1, "Momentum must be in [0, 1), but is %s.", momentum);
      optimizer = new Optimizer.Sgd(momentum);
      return this;
    }

    /** Adam with decays in [0, 1), instead of SGD; mind the learning rate. */
    @CanIgnoreReturnValue
    public Builder adam(double beta1, double beta2) {
      checkArgument(
          beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1,
          "Adam's decays must be in [0, 1), but are %s and %s.",
          beta1,
          beta2);
      optimizer = new Optimizer.Adam(beta1, beta2);
      return this;
    }

    /** The largest learning rate, positive. Default 0.1. */
    @CanIgnoreReturnValue
    public Builder learningRate(double value) {
      checkArgument(
          value > 0 && Double.isFinite(value),
          "The learning rate must be positive, but is %s.",
          value);
      learningRate = value;
      return this;
    }

    /** Share of the steps over which the rate rises, in [0, 1). Default 0.05. */
    @CanIgnoreReturnValue
    public Builder warmup(double value) {
      checkArgument(value >= 0 && value < 1, "The warm-up must be in [0, 1), but is %s.", value);
      warmup = value;
      return this;
    }

    /** Pull of kernels towards zero. Default 3e-5. */
    @CanIgnoreReturnValue
    public Builder weightDecay(double value) {
      checkArgument(
          value >= 0 && Double.isFinite(value),
          "Weight decay must not be negative, but is %s.",
          value);
      weightDecay = value;
      return this;
    }

    /** Share of the target spread evenly over the classes, in [0, 1). Default 0.1. */
    @CanIgnoreReturnValue
    public Builder labelSmoothing(double value) {
      checkArgument(
          value >= 0 && value < 1, "Label smoothing must be in [0, 1), but is %s.", value);
      labelSmoothing = value;
      return this;
    }

    /** The largest norm of all gradients together; infinite to let all through. Default 5. */
    @CanIgnoreReturnValue
    public Builder clip(double value) {
      checkArgument(value > 0, "The clipping norm must be positive, but is %s.", value);
      clip = value;
      return this;
    }

    /** What is done to training images. Default crops and flips. */
    @CanIgnoreReturnValue
    public Builder augmentation(Augmentation value) {
      augmentation = value;
      return this;
    }

    /** Batches from which batch norms are estimated anew at the end; 0 for none. Default 20. */
    @CanIgnoreReturnValue
    public Builder batchNormReestimation(int value) {
      checkArgument(value >= 0, "Batches for batch norm must not be negative, but are %s.", value);
      reestimation = value;
      return this;
    }

    /** Decides everything random. Default 42. */
    @CanIgnoreReturnValue
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Adds a listener. */
    @CanIgnoreReturnValue
    public Builder listener(TrainingListener value) {
      listeners.add(value);
      return this;
    }

    /** Makes the trainer. */
    public Trainer build() {
      return new Trainer(new Builder(this));
    }
  }
}
