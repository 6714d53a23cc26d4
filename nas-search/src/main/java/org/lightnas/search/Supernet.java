package org.lightnas.search;

import static com.google.common.base.Preconditions.checkState;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.IntPredicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.lightnas.data.Pixels;
import org.lightnas.engine.Engine;
import org.lightnas.engine.GradientSum;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Loss;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.PlanCache;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Parameter;
import org.lightnas.space.Architecture;
import org.lightnas.space.SearchSpace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weights that all architectures of a space share, and the means to run one architecture with
 * its part of them. In memory are all weights but the activations of one path. Batch norms use the
 * statistics of the batch. Owns native memory until closed; not thread-safe.
 */
final class Supernet implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Supernet.class);

  private static final double MOMENTUM = 0.9;
  private static final double WEIGHT_DECAY = 3e-5;
  private static final double CLIP = 5;

  private final SearchSpace space;
  private final PathNetworks networks;
  private final int batch;
  private final long seed;
  private final double smoothing;
  private final Abilities abilities;
  private final Engine engine;
  private final Weights weights;
  private final Optimizer optimizer = new Optimizer.Sgd(MOMENTUM);
  private final PlanCache<Sampled> plans;
  private final GradientSum sum = new GradientSum();
  private double eta;

  /**
   * What a supernet can do.
   *
   * @param gated whether {@link #gates} will be called; it costs every backward pass
   * @param affine whether batch norms have a trained scale and shift; that of LightNAS's supernet
   *     have none
   * @param summing whether gradients of several paths will be summed
   * @param mapped whether choices have an {@linkplain IdentityMapping identity mapping}, which
   *     {@link #mapIdentity} gives a share
   * @param families whether operations of one {@linkplain org.lightnas.space.Op#family family}
   *     share their weights; those that are summed would have steps of their own
   */
  record Abilities(
      boolean gated, boolean affine, boolean summing, boolean mapped, boolean families) {

    /** Neither gates, nor sums, nor mappings. */
    static Abilities plain(boolean families) {
      return new Abilities(false, true, false, false, families);
    }
  }

  /** What a plan is one of. */
  private record Sampled(Architecture architecture, double eta) {}

  /**
   * An untrained supernet.
   *
   * @param batch images per step
   * @param seed of the initial weights
   * @param smoothing of the labels, in [0, 1)
   * @param planBytes limit of the memory for paths kept ready to run
   */
  Supernet(
      SearchSpace space,
      int batch,
      long seed,
      double smoothing,
      Abilities abilities,
      long planBytes) {
    this.space = space;
    this.networks = new PathNetworks(space, abilities);
    this.batch = batch;
    this.seed = seed;
    this.smoothing = smoothing;
    this.abilities = abilities;
    this.plans = new PlanCache<>(planBytes);
    this.engine = Engine.create();
    this.weights = networks.weights(engine.type());
    try {
      // Operations that cannot share weights are refused before anything is trained.
      networks.ensureShared(weights, seed);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** The space whose networks share the weights. */
  SearchSpace space() {
    return space;
  }

  /**
   * Gives identity mappings their share, from the next path on; nothing happens if there are none.
   */
  void mapIdentity(double share) {
    eta = abilities.mapped ? share : 0;
  }

  /** What computes. */
  String kernels() {
    return engine.kernels();
  }

  /** Trains the weights of one path by one step and returns the loss before it. */
  double train(Architecture architecture, Pixels nhwc, int[] labels, long step, double rate) {
    Plan plan = plan(architecture);
    plan.forward(nhwc, Pass.shared(step));
    Loss loss = plan.loss(labels, smoothing);
    if (Double.isFinite(loss.mean())) {
      plan.backward();
      Gradients.apply(plan.touched(), optimizer, rate, WEIGHT_DECAY, CLIP);
    }
    return loss.mean();
  }

  /**
   * Trains the weights of several paths by one step of the sum of their gradients, one path in
   * memory at a time, and returns their mean loss before it. Widths of one operation among them
   * have steps of their own, one after the other.
   */
  double train(List<Architecture> paths, Pixels nhwc, int[] labels, long step, double rate) {
    double total = 0;
    for (Architecture architecture : paths) {
      total += addToSum(architecture, nhwc, labels, step, choice -> true).loss();
    }
    if (Double.isFinite(total)) {
      applySum(rate);
    } else {
      dropSum();
    }
    return total / paths.size();
  }

  /**
   * Adds the gradients of a path to the sum that {@link #applySum} applies.
   *
   * @param learns whether the weights of a choice are to learn from this path
   * @return its loss; derivatives behind choices are 0 if this supernet is not gated
   */
  PathLoss.Gates addToSum(
      Architecture architecture, Pixels nhwc, int[] labels, long step, IntPredicate learns) {
    Plan plan = plan(architecture);
    plan.forward(nhwc, Pass.shared(step));
    double loss = plan.loss(labels, smoothing).mean();
    plan.backward();
    sum.add(
        plan.touched().stream()
            .filter(
                weight -> {
                  int choice = networks.choice(weight.parameter().name());
                  return choice < 0 || learns.test(choice);
                })
            .toList());
    return gates(plan, loss);
  }

  /** Trains all weights whose gradients were summed by one step, and begins a new sum. */
  void applySum(double rate) {
    Gradients.apply(sum.release(), optimizer, rate, WEIGHT_DECAY, CLIP);
  }

  /** Begins a new sum; nothing was learned. */
  void dropSum() {
    sum.release();
  }

  /** Runs a path forward and backward, to see how long it takes; changes nothing. */
  void tryOut(Architecture architecture, Pixels nhwc, int[] labels) {
    Plan plan = plan(architecture);
    plan.forward(nhwc, Pass.shared(0));
    plan.loss(labels, smoothing);
    plan.backward();
  }

  /** The loss of one path; changes nothing. */
  double loss(Architecture architecture, Pixels nhwc, int[] labels, long step) {
    Plan plan = plan(architecture);
    plan.forward(nhwc, Pass.shared(step));
    return plan.loss(labels, smoothing).mean();
  }

  /** The loss of one path and its derivatives behind the choices; changes no weight. */
  PathLoss.Gates gates(Architecture architecture, Pixels nhwc, int[] labels, long step) {
    checkState(abilities.gated, "This supernet was made without gates.");
    Plan plan = plan(architecture);
    plan.forward(nhwc, Pass.shared(step));
    double loss = plan.loss(labels, smoothing).mean();
    plan.backward();
    return gates(plan, loss);
  }

  private PathLoss.Gates gates(Plan plan, double loss) {
    double[] picked = new double[space.choices().size()];
    double[] others = new double[space.choices().size()];
    for (String name : plan.gates()) {
      Plan.Gate gate = plan.gate(name);
      // A choice that stands in several places has one gate, by which all its results are scaled.
      picked[networks.choice(name)] += gate.factor();
      others[networks.choice(name)] += gate.constant();
    }
    return new PathLoss.Gates(loss, picked, others);
  }

  /** Copies the tensors that one path has of the shared weights, by name. */
  Map<String, double[]> values(Architecture architecture) {
    plan(architecture);
    return weights.values(networks.read(architecture));
  }

  private Plan plan(Architecture architecture) {
    return plans.get(
        new Sampled(architecture, eta),
        sampled -> {
          LayerGraph graph = networks.read(sampled.architecture);
          LayerGraph mapped = networks.mapped(graph, sampled.eta);
          networks.ensure(weights, sampled.architecture, mapped, seed);
          return laidOut(graph, mapped);
        });
  }

  /**
   * Estimates the statistics of a path's batch norms, as the mean over several batches; for {@link
   * #deployed}.
   *
   * @param i which of these batches it is, from 0
   */
  void estimate(Architecture architecture, Pixels nhwc, int i) {
    plan(architecture).forward(nhwc, Pass.estimating(i));
  }

  /** A path as it would be deployed, on the statistics last estimated for it. */
  Plan deployed(Architecture architecture, int images) {
    LayerGraph graph = networks.read(architecture);
    networks.ensure(weights, architecture, graph, seed);
    return engine.inference(graph, weights, images);
  }

  /**
   * Takes no native memory and looks at no weight: a plan does so when it is first run. Gates are
   * on what candidates make, not on what is mapped beside them.
   */
  private Plan laidOut(LayerGraph graph, LayerGraph mapped) {
    Set<String> gates =
        abilities.gated
            ? ChoiceResults.of(graph, space).values().stream()
                .flatMap(List::stream)
                .collect(Collectors.toSet())
            : Set.of();
    return engine.training(mapped, weights, batch, gates);
  }

  /** Bytes of activations and gradients of one path. */
  long activationBytes(Architecture architecture) {
    LayerGraph graph = networks.read(architecture);
    return laidOut(graph, networks.fading(graph)).activationBytes();
  }

  /**
   * What training all weights will take, found without training or allocating anything: from paths
   * that together hold all candidates, on the way to the largest path, choice by choice.
   */
  MemoryEstimate memoryNeeded() {
    // Of candidates that share weights each has a copy of its part, with the optimiser's state.
    Set<Parameter> tensors = new HashSet<>();
    ToLongFunction<Architecture> visit =
        architecture -> {
          networks.fading(networks.read(architecture)).parameters().stream()
              .map(weights::kept)
              .forEach(tensors::add);
          return activationBytes(architecture);
        };
    Architecture largest = space.uniform(0);
    long most = visit.applyAsLong(largest);
    for (int l = 0; l < space.choices().size(); l++) {
      for (int k = 0; k < space.choices().get(l).size(); k++) {
        Architecture other = largest.with(l, k);
        long bytes = visit.applyAsLong(other);
        if (bytes > most) {
          largest = other;
          most = bytes;
        }
      }
    }
    long numbers = 0;
    for (Parameter tensor : tensors) {
      // Value and momentum, and the sum of gradients.
      numbers += tensor.size() * (tensor.trained() ? abilities.summing ? 3 : 2 : 1);
    }
    return new MemoryEstimate(numbers * engine.type().width(), most);
  }

  /** {@code [choice][candidate]}: whether a candidate has nothing to learn. */
  boolean[][] parameterFree() {
    return networks.parameterFree();
  }

  /** Copies all tensors, those that no path has used yet too. */
  Map<String, double[]> snapshot() {
    networks.ensureAll(weights, seed);
    return weights.snapshot();
  }

  /**
   * Goes to where a training was.
   *
   * @param find as {@link Weights#restore} takes it
   */
  void restore(BiFunction<String, Long, double @Nullable []> find) {
    networks.ensureAll(weights, seed);
    weights.restore(find);
  }

  /** What training has taken so far. */
  MemoryEstimate memoryTaken() {
    return new MemoryEstimate(weights.bytes() + sum.bytes(), engine.arenaBytes());
  }

  @Override
  public void close() {
    log.info("{} for space '{}'", plans, space.name());
    sum.close();
    weights.close();
    engine.close();
  }
}
