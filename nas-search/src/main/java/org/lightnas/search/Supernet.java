package org.lightnas.search;

import static com.google.common.base.Preconditions.checkState;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.lightnas.NasException;
import org.lightnas.engine.Engine;
import org.lightnas.engine.Gradients;
import org.lightnas.engine.Loss;
import org.lightnas.engine.Optimizer;
import org.lightnas.engine.Pass;
import org.lightnas.engine.Plan;
import org.lightnas.engine.Weights;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.graph.SpaceReader;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.SearchSpace;

/**
 * The weights that all architectures of a space share, and the means to run one architecture with
 * its part of them. In memory are all weights but the activations of one path. Batch norms use the
 * statistics of the batch. Owns native memory until closed; not thread-safe.
 */
final class Supernet implements AutoCloseable {

  private static final double MOMENTUM = 0.9;
  private static final double WEIGHT_DECAY = 3e-5;
  private static final double CLIP = 5;

  /** Paths kept ready to run; a search soon returns to the same few. */
  private static final int KEPT = 8;

  private final SearchSpace space;
  private final SpaceReader reader;
  private final int batch;
  private final long seed;
  private final double smoothing;
  private final boolean gated;
  private final Engine engine = Engine.create();
  private final Weights weights = new Weights(engine.type());
  private final Optimizer optimizer = new Optimizer.Sgd(MOMENTUM);
  private final Map<Architecture, Path> paths =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Architecture, Path> eldest) {
          return size() > KEPT;
        }
      };

  /** One architecture, ready to run: its plan and, if wanted, the gate behind each choice. */
  private record Path(Plan plan, Map<Integer, String> gates) {}

  /**
   * What a backward pass through the gates gives.
   *
   * @param loss of the path
   * @param gates for each choice the derivative of the loss by a factor on its output, {@code
   *     <dL/dy, y>}; 0 for choices the path does not use
   */
  record GateGradients(double loss, double[] gates) {}

  /**
   * An untrained supernet.
   *
   * @param batch images per step
   * @param seed of the initial weights
   * @param smoothing of the labels, in [0, 1)
   * @param gated whether {@link #gateGradients} will be called; it costs every backward pass
   */
  Supernet(SearchSpace space, int batch, long seed, double smoothing, boolean gated) {
    this.space = space;
    this.reader = new SpaceReader(space);
    this.batch = batch;
    this.seed = seed;
    this.smoothing = smoothing;
    this.gated = gated;
  }

  /** What computes. */
  String kernels() {
    return engine.kernels();
  }

  /** Trains the weights of one path by one step and returns the loss before it. */
  double train(Architecture architecture, float[] nhwc, int[] labels, long step, double rate) {
    Plan plan = path(architecture).plan();
    plan.forward(nhwc, Pass.shared(step));
    Loss loss = plan.loss(labels, smoothing);
    if (Double.isFinite(loss.mean())) {
      plan.backward();
      Gradients.apply(plan.touched(), optimizer, rate, WEIGHT_DECAY, CLIP);
    }
    return loss.mean();
  }

  /** The loss of one path; changes nothing. */
  double loss(Architecture architecture, float[] nhwc, int[] labels, long step) {
    Plan plan = path(architecture).plan();
    plan.forward(nhwc, Pass.shared(step));
    return plan.loss(labels, smoothing).mean();
  }

  /** The loss of one path and its derivatives behind the choices; changes no weight. */
  GateGradients gateGradients(Architecture architecture, float[] nhwc, int[] labels, long step) {
    checkState(gated, "This supernet was made without gates.");
    Path path = path(architecture);
    path.plan().forward(nhwc, Pass.shared(step));
    double loss = path.plan().loss(labels, smoothing).mean();
    path.plan().backward();
    double[] gradients = new double[space.choices().size()];
    path.gates().forEach((l, node) -> gradients[l] = path.plan().gateGradient(node));
    return new GateGradients(loss, gradients);
  }

  /** Copies the tensors that one path has of the shared weights, by name. */
  Map<String, double[]> values(Architecture architecture) {
    path(architecture);
    return weights.values(reader.read(architecture));
  }

  private Path path(Architecture architecture) {
    Path path = paths.get(architecture);
    if (path == null) {
      LayerGraph graph = reader.read(architecture);
      weights.ensure(graph, seed);
      path = laidOut(graph);
      paths.put(architecture, path);
    }
    return path;
  }

  /** Takes no native memory and looks at no weight: a plan does so when it is first run. */
  private Path laidOut(LayerGraph graph) {
    Map<Integer, String> gates = gated ? gates(graph, space) : Map.of();
    return new Path(engine.training(graph, weights, batch, Set.copyOf(gates.values())), gates);
  }

  /** Bytes of activations and gradients of one path. */
  long activationBytes(Architecture architecture) {
    return laidOut(reader.read(architecture)).plan().activationBytes();
  }

  /**
   * What training all weights will take, found without training or allocating anything: from paths
   * that together hold all candidates, on the way to the largest path, choice by choice.
   */
  MemoryEstimate memoryNeeded() {
    Map<String, Parameter> tensors = new HashMap<>();
    ToLongFunction<Architecture> visit =
        architecture -> {
          reader.read(architecture).parameters().forEach(p -> tensors.put(p.name(), p));
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
    for (Parameter tensor : tensors.values()) {
      // Value, gradient and momentum.
      numbers += tensor.size() * (tensor.trained() ? 3 : 1);
    }
    return new MemoryEstimate(numbers * engine.type().width(), most);
  }

  /** What training has taken so far. */
  MemoryEstimate memoryTaken() {
    return new MemoryEstimate(weights.bytes(), engine.arenaBytes());
  }

  /**
   * For each choice the node that holds its result: the one vertex of the choice that the rest of
   * the network reads.
   *
   * @throws NasException if the rest reads several
   */
  static Map<Integer, String> gates(LayerGraph graph, SearchSpace space) {
    List<Choice> choices = space.choices();
    Map<String, Integer> positions = new HashMap<>();
    for (int l = 0; l < choices.size(); l++) {
      positions.put(choices.get(l).name(), l);
    }
    SortedMap<Integer, List<String>> results = new TreeMap<>();
    for (Node node : graph.nodes()) {
      String choice = prefix(node.name());
      Integer l = positions.get(choice);
      if (l != null
          && graph.readers(node.name()).stream().anyMatch(by -> !prefix(by).equals(choice))) {
        results.computeIfAbsent(l, none -> new ArrayList<>()).add(node.name());
      }
    }
    Map<Integer, String> gates = new LinkedHashMap<>();
    results.forEach(
        (l, names) -> {
          if (names.size() > 1) {
            throw new NasException(
                "Choice '"
                    + choices.get(l).name()
                    + "' of space '"
                    + space.name()
                    + "' has several results: "
                    + names
                    + ".\nMaybe join them in one vertex that the rest of the network reads.");
          }
          gates.put(l, names.get(0));
        });
    return gates;
  }

  /** What stands before the first slash: for vertices of a choice, its name. */
  private static String prefix(String vertex) {
    int slash = vertex.indexOf('/');
    return slash < 0 ? "" : vertex.substring(0, slash);
  }

  @Override
  public void close() {
    weights.close();
    engine.close();
  }
}
