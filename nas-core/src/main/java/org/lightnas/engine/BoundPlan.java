package org.lightnas.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.engine.ArenaLayout.Block;
import org.lightnas.engine.PlanCompiler.Step;
import org.lightnas.engine.PlanCompiler.Value;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;

/**
 * The kernels of a {@link Plan} and their views for one generation of the engine's arena: when the
 * arena has grown, all of it is elsewhere, and a plan is bound anew.
 */
final class BoundPlan {

  private final Engine engine;
  private final Weights weights;
  private final int batch;
  private final boolean training;
  private final int generation;
  private final Map<Block, Area> areas = new HashMap<>();
  private final Map<Weight, Area> weightGradients = new LinkedHashMap<>();
  private final List<Kernel> kernels = new ArrayList<>();
  private final List<Runnable> sums = new ArrayList<>();

  /** Those of its weights that are parts of others. */
  private final Set<Slice> slices = new LinkedHashSet<>();

  BoundPlan(Engine engine, Weights weights, int batch, boolean training, List<Step> steps) {
    this.engine = engine;
    this.weights = weights;
    this.batch = batch;
    this.training = training;
    this.generation = engine.generation();
    for (Step step : steps) {
      step.weightGradients.forEach(
          (parameter, block) -> {
            Weight weight = weights.of(parameter);
            weightGradients.put(weight, engine.area(block.offset(), weight.value().shape()));
          });
    }
    // Some kernels look for their places once.
    lendGradients();
    for (Step step : steps) {
      kernels.add(kernel(step));
      sums.add(sum(step));
    }
  }

  /** Whether the arena has moved since. */
  boolean outdated() {
    return generation != engine.generation();
  }

  /** Before every pass: what they are parts of may have changed. */
  void renewSlices() {
    slices.forEach(Slice::renew);
  }

  void forward(Pass pass) {
    kernels.forEach(kernel -> kernel.forward(pass));
  }

  /** Adds up what the readers of a step's output contributed to its gradient. */
  void sumGradient(int step) {
    sums.get(step).run();
  }

  void backward(int step) {
    kernels.get(step).backward();
  }

  /** Spent in layers that run through DL4J itself. */
  long opaqueNanos() {
    long nanos = 0;
    for (Kernel kernel : kernels) {
      nanos += kernel instanceof OpaqueKernel layer ? layer.nanos() : 0;
    }
    return nanos;
  }

  /** Before a backward pass: other plans use the same weights. */
  void lendGradients() {
    weightGradients.forEach(Weight::lendGradient);
  }

  /** A block is always seen in one shape: what shares it, shares the shape. */
  Area area(Block block, FeatureShape shape) {
    return areas.computeIfAbsent(
        block,
        b -> engine.area(b.offset(), batch, shape.height(), shape.width(), shape.channels()));
  }

  private Slot slot(Value value, @Nullable Block gradient) {
    Area map = area(value.block, value.shape);
    return gradient == null
        ? Slot.constant(map)
        : new Slot(map, area(gradient, value.shape), value.ownContributions.contains(gradient));
  }

  private List<Slot> inputs(Step step) {
    List<Slot> slots = new ArrayList<>();
    for (int k = 0; k < step.inputs.size(); k++) {
      slots.add(slot(step.inputs.get(k), training ? step.inputGradients.get(k) : null));
    }
    return slots;
  }

  private Area kept(Step step) {
    return step.kept == null
        ? engine.area(0, 0)
        : engine.area(step.kept.offset(), step.kept.elements());
  }

  private Runnable sum(Step step) {
    List<Runnable> parts = new ArrayList<>();
    for (int k = 1; k < step.toSum.size(); k++) {
      Area target = area(step.toSum.get(0), step.output.shape);
      Area other = area(step.toSum.get(k), step.output.shape);
      parts.add(engine.port().accumulate(target, other, k == 1 && step.sumFromCopy));
    }
    return () -> parts.forEach(Runnable::run);
  }

  private Kernel kernel(Step step) {
    Kernels port = engine.port();
    List<Slot> xs = inputs(step);
    Slot x = xs.get(0);
    Slot y = slot(step.output, step.output.gradient);
    Node node = step.first();
    if (step.isAlias()) {
      // Its result is its input.
      return Kernel.of(() -> {}, () -> {});
    } else if (node instanceof Node.BatchNorm norm) {
      return port.batchNorm(norm(norm), step.function(), x, y, kept(step));
    } else if (node instanceof Node.Convolution conv && step.nodes.size() > 1) {
      return port.folded(conv, step.function(), x, y, folded(conv, step.nodes.get(1)));
    } else if (node instanceof Node.Convolution conv) {
      return port.convolution(conv, x, y, weight(node, "W"), optional(node, "b"));
    } else if (node instanceof Node.Dense) {
      return port.dense(x, y, weight(node, "W"), optional(node, "b"));
    } else if (node instanceof Node.Activate activate) {
      return port.activation(activate.function(), x, y);
    } else if (node instanceof Node.Add) {
      return port.add(xs, y);
    } else if (node instanceof Node.Multiply) {
      return port.multiply(xs, y);
    } else if (node instanceof Node.Scale scale) {
      return port.scale(scale.factor(), x, y);
    } else if (node instanceof Node.Concat) {
      return port.concat(xs, y);
    } else if (node instanceof Node.Subset subset) {
      return port.subset(subset.from(), x, y);
    } else if (node instanceof Node.Shuffle shuffle) {
      return port.shuffle(shuffle.groups(), x, y);
    } else if (node instanceof Node.Pool pool) {
      return port.pool(pool, x, y, kept(step));
    } else if (node instanceof Node.GlobalPool pool) {
      return port.globalPool(pool.max(), x, y, kept(step));
    } else if (node instanceof Node.Flatten) {
      return port.flatten(x, y);
    } else if (node instanceof Node.Dropout dropout) {
      return port.dropout(dropout.keep(), dropout.name(), x, y, kept(step));
    } else if (node instanceof Node.Opaque opaque) {
      return port.opaque(opaque, x, y, optional(node, "params"));
    }
    throw new IllegalStateException("no kernel for " + node);
  }

  private Norm norm(Node.BatchNorm node) {
    return new Norm(
        node,
        optional(node, "gamma"),
        optional(node, "beta"),
        weight(node, "mean"),
        weight(node, "var"));
  }

  private FoldedWeights folded(Node.Convolution convolution, Node next) {
    return FoldedWeights.of(
        convolution,
        weight(convolution, "W"),
        optional(convolution, "b"),
        next instanceof Node.BatchNorm node ? norm(node) : null);
  }

  private Weight weight(Node node, String key) {
    return Objects.requireNonNull(optional(node, key));
  }

  private @Nullable Weight optional(Node node, String key) {
    String name = node.name() + "/" + key;
    for (Parameter parameter : node.parameters()) {
      if (parameter.name().equals(name)) {
        Weight weight = weights.of(parameter);
        if (weight instanceof Slice slice) {
          slices.add(slice);
        }
        return weight;
      }
    }
    return null;
  }
}
