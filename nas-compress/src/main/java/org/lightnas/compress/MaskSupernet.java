package org.lightnas.compress;

import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.graph.ComputationGraph;
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
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;

/**
 * All grafted networks of a trained one in one: they share the weights that they have in common,
 * and learn by turns, a random mask at every step, from labels and from the network they are
 * grafted from. What a mask is worth afterwards ranks masks; it is not what training it alone
 * gives. Owns native memory until closed.
 */
final class MaskSupernet implements AutoCloseable {

  private static final double MOMENTUM = 0.9;
  private static final double WEIGHT_DECAY = 3e-5;
  private static final double CLIP = 5;
  private static final Objective OBJECTIVE = new Objective(0, 0.5, 2);

  /** Batches whose statistics a mask is judged with. */
  private static final int ESTIMATION = 10;

  private final GraftingSpace space;
  private final ImageSet images;
  private final int batch;
  private final long seed;
  private final Engine engine = Engine.create();
  private final Weights weights = new Weights(engine.type());
  private final Weights original = new Weights(engine.type());
  private final Plan teacher;
  private final Optimizer optimizer = new Optimizer.Sgd(MOMENTUM);

  /**
   * Begins with the weights of the network.
   *
   * @param images to learn from
   */
  MaskSupernet(
      GraftingSpace space, ComputationGraph network, ImageSet images, int batch, long seed) {
    this.space = space;
    this.images = images;
    this.batch = batch;
    this.seed = seed;
    TrainedGraph given = TrainedGraph.of(network);
    original.ensure(given.graph(), seed);
    original.load(given.values());
    teacher = engine.inference(given.graph(), original, batch);
    for (int l = 0; l < space.choices().size(); l++) {
      for (int k = 0; k < space.choices().get(l).size(); k++) {
        TrainedGraph grafted = space.graft(given, space.uniform(0).with(l, k), 1);
        weights.ensure(grafted.graph(), seed);
        weights.load(grafted.values());
      }
    }
  }

  /**
   * Trains for so many steps, at a rate that falls as a cosine.
   *
   * @return the mean loss of the last tenth of the steps, in nats
   */
  double train(int steps, double rate) {
    Batches batches =
        new Batches(
            images, batch, Augmentation.cropAndFlip(), Seeds.derive(seed, "mask batches", 0));
    double last = 0;
    int counted = Math.max(1, steps / 10);
    for (int step = 0; step < steps; step++) {
      Batches.Batch read = batches.read(step);
      teacher.forward(read.nhwc(), Pass.inference());
      double[] answers = teacher.logits();
      Plan plan = plan(random(Seeds.random(seed, "mask", step)));
      plan.forward(read.nhwc(), Pass.shared(step));
      double loss = plan.loss(OBJECTIVE, read.labels(), answers, null).mean();
      plan.backward();
      double falling = rate * (1 + Math.cos(Math.PI * step / steps)) / 2;
      Gradients.apply(plan.touched(), optimizer, falling, WEIGHT_DECAY, CLIP);
      last += step >= steps - counted ? loss / counted : 0;
    }
    return last;
  }

  /** As many linear blocks as anyone's guess, each way of each block as often as the others. */
  private Architecture random(RandomGenerator random) {
    int blocks = space.choices().size();
    double share = random.nextDouble();
    Architecture mask = space.uniform(0);
    for (int l = 0; l < blocks; l++) {
      if (random.nextDouble() < share) {
        mask = mask.with(l, 1 + random.nextInt(space.choices().get(l).size() - 1));
      }
    }
    return mask;
  }

  private Plan plan(Architecture mask) {
    return engine.training(read(mask), weights, batch, Set.of());
  }

  private LayerGraph read(Architecture mask) {
    return LayerGraph.read(space.toConfiguration(mask));
  }

  /** The accuracy of a mask on images that nothing was learned from, in percent. */
  double accuracy(Architecture mask, ImageSet heldOut) {
    Batches plain =
        new Batches(images, batch, Augmentation.none(), Seeds.derive(seed, "statistics", 0));
    Plan training = plan(mask);
    for (int i = 0; i < ESTIMATION; i++) {
      training.forward(plain.read(i).nhwc(), Pass.estimating(i));
    }
    int size = Math.min(batch, heldOut.size());
    Batches judged = new Batches(heldOut, size, Augmentation.none(), 0);
    Plan plan = engine.inference(read(mask), weights, size);
    int correct = 0;
    for (int i = 0; i < judged.perEpoch(); i++) {
      Batches.Batch read = judged.read(i);
      plan.forward(read.nhwc(), Pass.inference());
      correct += plan.loss(read.labels(), 0).correct();
    }
    return 100.0 * correct / (judged.perEpoch() * (long) size);
  }

  /** The shared weights as they are, by name. */
  Map<String, double[]> values(Architecture mask) {
    return weights.values(read(mask));
  }

  @Override
  public void close() {
    weights.close();
    original.close();
    engine.close();
  }
}
