package org.lightnas.train;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.graph.Networks;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;

/**
 * Trains a network on our engine and hands back a plain DL4J {@link ComputationGraph}. The recipe
 * is the one LightNAS trains its networks with, scaled to small images: SGD with classical momentum
 * 0.9, a cosine schedule after a linear warm-up, weight decay on kernels but not on biases and
 * batch norms, label smoothing, clipping of the gradient's norm. What DL4J's own configuration says
 * about updaters, regularisation and gradient normalisation is not used. An epoch leaves out the
 * images that do not fill a batch, other ones each time.
 *
 * <p>Whoever interrupts the training thread stops the training after the step it is in; with a
 * folder for {@link Builder#checkpoints} it can go on later.
 *
 * <p>Immutable; one trainer may be used for many networks, also from several threads (but a folder
 * for checkpoints belongs to one network). The same settings, seed, data, backend and number of
 * threads give the same network, bit for bit.
 *
 * @since 0.1.0
 */
public final class Trainer {

  private final Recipe recipe;
  private final List<TrainingListener> listeners;
  private final @Nullable Path folder;

  private Trainer(Recipe recipe, List<TrainingListener> listeners, @Nullable Path folder) {
    this.recipe = recipe;
    this.listeners = List.copyOf(listeners);
    this.folder = folder;
  }

  /** Starts from the defaults, which each setter names. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Trains a fresh network of an architecture.
   *
   * @param images of the space's input; resized where the architecture takes another
   * @return owned by the caller
   * @throws IllegalArgumentException if its space is no {@link SearchSpace}, or the images do not
   *     fit it or the teacher
   * @throws org.lightnas.DivergedSearchException if the loss is no longer a number
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted; as soon as the step
   *     is done
   * @throws org.lightnas.CheckpointException if there is a folder for checkpoints that cannot be
   *     written to, or holds the state of another training or a damaged one
   */
  public ComputationGraph fit(Architecture architecture, ImageData images) {
    checkArgument(
        architecture.space() instanceof SearchSpace,
        "Space '%s' describes choices only, so its architectures cannot be trained.",
        architecture.space().name());
    SearchSpace space = (SearchSpace) architecture.space();
    space.on(images);
    ComputationGraph network = space.network(architecture, recipe.seed());
    try (Engine engine = Engine.create();
        Weights weights = new Weights(engine.type())) {
      LayerGraph graph = LayerGraph.read(network.getConfiguration());
      weights.ensure(graph, recipe.seed());
      train(network, graph, engine, weights, images.resized(graph.input()));
    } catch (RuntimeException | Error e) {
      Networks.close(network);
      throw e;
    }
    return network;
  }

  /**
   * Trains a network on, from the weights it has.
   *
   * @param network not changed; its configuration says its input size
   * @return a trained copy, owned by the caller
   * @throws IllegalArgumentException if the images do not fit it or the teacher
   * @throws org.lightnas.DivergedSearchException if the loss is no longer a number
   * @throws org.lightnas.InterruptedRunException if this thread is interrupted; as soon as the step
   *     is done
   * @throws org.lightnas.CheckpointException if there is a folder for checkpoints that cannot be
   *     written to, or holds the state of another training or a damaged one
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
      weights.ensure(graph, recipe.seed());
      weights.load(NetworkValues.read(network, graph));
      train(trained, graph, engine, weights, images);
    } catch (RuntimeException | Error e) {
      Networks.close(trained);
      throw e;
    }
    return trained;
  }

  /** Leaves the trained weights in the network. */
  private void train(
      ComputationGraph network,
      LayerGraph graph,
      Engine engine,
      Weights weights,
      ImageData images) {
    if (recipe.teacher() != null) {
      recipe.teacher().requireFits(images);
    }
    Checkpoints checkpoints =
        folder == null ? null : Checkpoints.of(folder, recipe, network, graph, weights, images);
    try (Training training =
        new Training(recipe, listeners, checkpoints, engine, graph, weights, images)) {
      NetworkValues.write(network, graph, training.run());
    }
  }

  /**
   * Everything that decides the result of a training, apart from network and images, by name: who
   * keeps results tells recipes apart by it. Two trainers with the same settings train alike.
   *
   * @return in a fixed order, unmodifiable
   */
  public Map<String, String> settings() {
    return Collections.unmodifiableMap(recipe.facts());
  }

  /** Whether it has a folder for checkpoints, and so can train one network only. */
  public boolean hasCheckpoints() {
    return folder != null;
  }

  /** The settings, for reports. */
  @Override
  public String toString() {
    return recipe.toString();
  }

  /**
   * Settings of a {@link Trainer}; every setter checks its value and names the default.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private int epochs = 20;
    private int batchSize = 64;
    private Optimizer optimizer = new Optimizer.Sgd(0.9);
    private double learningRate = 0.1;
    private Schedule schedule = Schedule.cosine();
    private double warmup = 0.05;
    private double weightDecay = 3e-5;
    private double labelSmoothing = 0.1;
    private double clip = 5;
    private Augmentation augmentation = Augmentation.cropAndFlip();
    private int reestimation = 20;
    private @Nullable Teacher teacher;
    private double averaging;
    private double validation;
    private int patience;
    private long seed = 42;
    private @Nullable Path folder;
    private final List<TrainingListener> listeners = new ArrayList<>();

    private Builder() {}

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

    /** How the rate goes on after its rise. Default {@link Schedule#cosine()}. */
    @CanIgnoreReturnValue
    public Builder schedule(Schedule value) {
      schedule = value;
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

    /**
     * Batches, augmented as for training, from which batch norms are estimated anew at the end; 0
     * for none. Default 20.
     */
    @CanIgnoreReturnValue
    public Builder batchNormReestimation(int value) {
      checkArgument(value >= 0, "Batches for batch norm must not be negative, but are %s.", value);
      reestimation = value;
      return this;
    }

    /**
     * Learns from another network too (Hinton, Vinyals and Dean 2015): minimised is {@code (1 - w)
     * CE + w T^2 KL}, of the cross-entropy with the labels and the Kullback-Leibler divergence from
     * the teacher's answers for the same augmented images, where the logits of both networks are
     * divided by T. Default no teacher.
     *
     * @param network copied now, and not changed; its configuration says its input size
     * @param temperature T, positive; usual are 1 to 10
     * @param weight w, above 0 and at most 1
     * @throws org.lightnas.NasException if the network cannot be read
     */
    @CanIgnoreReturnValue
    public Builder teacher(ComputationGraph network, double temperature, double weight) {
      checkArgument(
          temperature > 0 && Double.isFinite(temperature),
          "The teacher's temperature must be positive, but is %s.",
          temperature);
      checkArgument(
          weight > 0 && weight <= 1, "The teacher's weight must be in (0, 1], but is %s.", weight);
      teacher = new Teacher(network, temperature, weight);
      return this;
    }

    /**
     * Hands out, and validates, an exponential moving average of the weights instead of the last
     * ones; 0 for none. The decay per step, in [0, 1), is smaller at first: {@code min(decay, (1 +
     * t) / (10 + t))}. Default 0; usual are 0.99 to 0.9999, more for more steps.
     */
    @CanIgnoreReturnValue
    public Builder averaging(double decay) {
      checkArgument(
          decay >= 0 && decay < 1, "The decay of averaging must be in [0, 1), but is %s.", decay);
      averaging = decay;
      return this;
    }

    /**
     * Holds out a share of the training images, of every class alike, and hands out the network of
     * the epoch that does best on them. Default 0: all images are trained on, and the last network
     * is handed out. Test images are never looked at.
     */
    @CanIgnoreReturnValue
    public Builder validation(double share) {
      checkArgument(
          share >= 0 && share < 1, "The share held out must be in [0, 1), but is %s.", share);
      validation = share;
      return this;
    }

    /**
     * Stops when the accuracy on the images held out has not grown for so many epochs, at least 1;
     * needs {@link #validation}. Default never.
     */
    @CanIgnoreReturnValue
    public Builder earlyStop(int epochs) {
      checkArgument(epochs >= 1, "An early stop needs at least 1 epoch, but has %s.", epochs);
      patience = epochs;
      return this;
    }

    /**
     * Keeps the state of the run in a folder, after every epoch and when interrupted: {@code
     * last.ckpt}, from which the next {@code fit} of the same network on the same images with the
     * same settings goes on, to the same result bit for bit on the same machine; and {@code
     * best.zip}, the best network so far as DL4J saves networks, if there is {@link #validation}.
     * One folder for each network. Default none.
     *
     * @param value made if it does not exist
     */
    @CanIgnoreReturnValue
    public Builder checkpoints(Path value) {
      folder = value;
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

    /**
     * Makes the trainer.
     *
     * @throws IllegalArgumentException if it is to stop early by images that are not held out
     */
    public Trainer build() {
      checkArgument(
          patience == 0 || validation > 0,
          "An early stop needs images to be held out.\nMaybe call validation(0.1).");
      Recipe recipe =
          new Recipe(
              epochs,
              batchSize,
              optimizer,
              learningRate,
              schedule,
              warmup,
              weightDecay,
              labelSmoothing,
              clip,
              augmentation,
              teacher,
              averaging,
              validation,
              patience,
              reestimation,
              seed);
      return new Trainer(recipe, listeners, folder);
    }
  }
}
