package org.lightnas.search.proxy;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.Set;
import java.util.function.Function;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.lightnas.InterruptedRunException;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageSet;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.NetworkValues;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Foreign;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.lightnas.train.LearningRate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first batches of one network's training, which may go on later. Owns the network's weights
 * until closed; several runs share an engine.
 */
final class ShortRun implements AutoCloseable {

  /**
   * A loss that counts as diverged, in nats: that of guessing among 1,000 classes is 7. So no
   * network that still learns is estimated as badly as one that does not.
   */
  static final double CEILING = 1_000;

  private static final Logger log = LoggerFactory.getLogger(ShortRun.class);

  // As Trainer's defaults, which the estimate stands in for.
  private static final Optimizer SGD = new Optimizer.Sgd(0.9);
  private static final double WEIGHT_DECAY = 3e-5;
  private static final double SMOOTHING = 0.1;
  private static final double CLIP = 5;

  private final BteSettings settings;
  private final Architecture architecture;
  private final long seed;
  private final Batches batches;
  private final Weights weights;
  private final Plan plan;
  private final LearningRate rate;
  private final double[] losses;
  private int done;

  /**
   * A training that has not begun.
   *
   * @param number of the training among those of this network, from 0
   */
  ShortRun(
      BteSettings settings, Engine engine, Architecture architecture, ImageSet images, int number) {
    this.settings = settings;
    this.architecture = architecture;
    this.seed = Seeds.derive(settings.seed(), "batchwise training", number);
    this.losses = new double[settings.batches()];
    SearchSpace space = (SearchSpace) architecture.space();
    this.batches =
        new Batches(
            images.resized(space.input(architecture)),
            settings.batchSize(),
            settings.augmentation(),
            Seeds.derive(seed, "batches", 0));
    this.rate = settings.rate(batches.perEpoch());
    LayerGraph graph = LayerGraph.of(space, architecture);
    this.weights = new Weights(engine.type());
    try {
      weights.ensure(graph, Seeds.derive(seed, "weights", 0));
      if (settings.initial() != null) {
        inherit(initial(settings.initial()), graph);
      }
      this.plan = engine.training(graph, weights, settings.batchSize(), Set.of());
    } catch (RuntimeException | Error e) {
      weights.close();
      throw e;
    }
  }

  private ComputationGraph initial(Function<Architecture, ComputationGraph> function) {
    ComputationGraph network =
        Foreign.call(
            () -> function.apply(architecture),
            () -> "The function for the initial weights of " + architecture.id() + " failed");
    checkArgument(
        network != null,
        "The function for the initial weights of %s returned null.",
        architecture.id());
    return network;
  }

  /** Takes the weights of a network, and closes it. */
  private void inherit(ComputationGraph network, LayerGraph graph) {
    try {
      checkArgument(
          LayerGraph.read(network.getConfiguration()).parameters().equals(graph.parameters()),
          "The network that initial weights are taken from has other tensors than %s.\n"
              + "Maybe it was made for another architecture.",
          architecture.id());
      weights.load(NetworkValues.read(network, graph));
    } finally {
      Networks.close(network);
    }
  }

  /**
   * The loss of each batch before the step on it, in nats, {@link #CEILING} from where it diverged;
   * the same array always.
   */
  double[] losses() {
    return losses;
  }

  /**
   * Trains until so many batches were seen.
   *
   * @throws InterruptedRunException if this thread is interrupted
   */
  void trainTo(int end) {
    while (done < end) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedRunException(
            "The estimate of "
                + architecture.id()
                + " was interrupted at batch "
                + done
                + " of "
                + settings.batches()
                + " and is lost.");
      }
      Batches.Batch batch = batches.read(done);
      plan.forward(batch.nhwc(), Pass.training(Seeds.derive(seed, "dropout", done)));
      double loss = plan.loss(batch.labels(), SMOOTHING).mean();
      // Not a number counts too.
      if (!(loss < CEILING)) {
        log.warn(
            "{} diverged: its loss is {} at batch {} (learning rate {}); it gets the worst score."
                + " Maybe lower the learning rate",
            architecture,
            loss,
            done,
            rate.at(done));
        Arrays.fill(losses, done, losses.length, CEILING);
        done = losses.length;
        return;
      }
      losses[done] = loss;
      plan.backward();
      Gradients.apply(plan.touched(), SGD, rate.at(done), WEIGHT_DECAY, CLIP);
      done++;
    }
  }

  @Override
  public void close() {
    weights.close();
  }
}
