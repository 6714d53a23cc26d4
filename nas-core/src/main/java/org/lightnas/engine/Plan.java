package org.lightnas.engine;

import static com.google.common.base.Preconditions.checkArgument;

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
import org.lightnas.data.Pixels;
import org.lightnas.engine.ArenaLayout.Block;
import org.lightnas.engine.PlanCompiler.Step;
import org.lightnas.engine.PlanCompiler.Value;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;

/**
 * A network laid out in an engine's arena for one batch size. A forward pass, then a loss, then a
 * backward pass; running another plan of the engine in between destroys what is in the arena. Holds
 * no native memory of its own.
 */
public final class Plan {

  /** Measured over a thousand plans of a small space: 0.8 KB. */
  private static final long HEAP_PER_STEP = 1024;

  private final Engine engine;
  private final Weights weights;
  private final int batch;
  private final List<Step> steps;
  private final Value input;
  private final Value logits;
  private final Set<String> gates;
  private final boolean training;
  private final long elements;
  private final Map<String, Gate> passedGates = new HashMap<>();
  private @Nullable Bound bound;
  private @Nullable List<Weight> touched;
  private long nanos;

  Plan(
      Engine engine,
      Weights weights,
      int batch,
      List<Step> steps,
      Value input,
      Value logits,
      Set<String> gates,
      boolean training,
      long elements) {
    this.engine = engine;
    this.weights = weights;
    this.batch = batch;
    this.steps = steps;
    this.input = input;
    this.logits = logits;
    this.gates = gates;
    this.training = training;
    this.elements = elements;
  }

  /** Images per pass. */
  public int batch() {
    return batch;
  }

  /** Classes. */
  public int classes() {
    return logits.shape.channels();
  }

  /** About how much heap the plan itself takes: the steps, and the kernels bound to them. */
  long bytes() {
    return steps.size() * HEAP_PER_STEP;
  }

  /** Bytes of activations and gradients: what this plan needs of the arena. */
  public long activationBytes() {
    return elements * engine.type().width();
  }

  /** The trained tensors that a backward pass touches, each once. */
  public List<Weight> touched() {
    if (touched == null) {
      touched = collectTouched();
    }
    return touched;
  }

  private List<Weight> collectTouched() {
    Set<Parameter> touched = new LinkedHashSet<>();
    steps.forEach(step -> touched.addAll(step.weightGradients.keySet()));
    return touched.stream().map(weights::of).toList();
  }

  /** {@link #forward(Pixels, Pass)} of values as they are. */
  public void forward(float[] nhwc, Pass pass) {
    forward(new Pixels.Floats(nhwc), pass);
  }

  /**
   * Runs forward.
   *
   * @param nhwc images, {@code [batch, H, W, C]}
   * @throws IllegalArgumentException if this plan was made for inference and the pass is none, or
   *     there are not as many values as the images of a batch have
   */
  public void forward(Pixels nhwc, Pass pass) {
    checkArgument(
        training || !pass.training(),
        "This plan was made for inference and cannot run a training pass.\nMaybe use"
            + " Engine.training.");
    checkArgument(
        nhwc.length() == batch * input.shape.size(),
        "A batch of %s images of %s has %s values, but got %s.\nMaybe make a plan for another batch"
            + " size.",
        batch,
        input.shape,
        batch * input.shape.size(),
        nhwc.length());
    long start = System.nanoTime();
    Bound now = bind();
    now.slices.forEach(Slice::renew);
    engine.port().images(nhwc, now.area(input.block, input.shape));
    for (Kernel kernel : now.kernels) {
      kernel.forward(pass);
    }
    nanos += System.nanoTime() - start;
  }

  /** The logits of the last forward pass, {@code [batch][classes]} flattened. */
  public double[] logits() {
    return Host.read(bind().area(logits.block, logits.shape).array());
  }

  /**
   * Cross-entropy with label smoothing of the last forward pass; prepares the backward pass.
   *
   * @param labels one class per image
   * @param smoothing in [0, 1): every class gets this share of the target, evenly
   */
  public Loss loss(int[] labels, double smoothing) {
    return loss(Objective.labels(smoothing), labels, null, null);
  }

  /**
   * An objective of the last forward pass; prepares the backward pass.
   *
   * @param labels one class per image; if there are fewer than the batch has, the other images do
   *     not count, neither in the loss nor in the gradient (but in the statistics of batch norms)
   * @param teacher the teacher's logits, {@code [batch][classes]} flattened; null if the objective
   *     gives it no weight
   * @param perImage receives the loss of each image; null if they are not wanted
   * @throws IllegalArgumentException if the arrays do not fit the batch
   */
  public Loss loss(
      Objective objective,
      int[] labels,
      double @Nullable [] teacher,
      double @Nullable [] perImage) {
    double[] z = logits();
    double[] gradient = training ? new double[z.length] : null;
    Loss loss =
        SoftmaxCrossEntropy.evaluate(z, batch, labels, objective, teacher, gradient, perImage);
    if (gradient != null) {
      Host.write(bind().area(logits.contributions.get(0), logits.shape).array(), gradient);
    }
    return loss;
  }

  /**
   * Prepares a backward pass of something else than a loss.
   *
   * @param byLogits its derivatives by the logits, {@code [batch][classes]} flattened
   * @throws IllegalArgumentException if this plan was made for inference, or there are not as many
   *     as logits
   */
  public void differentiate(double[] byLogits) {
    checkArgument(
        training,
        "This plan was made for inference and cannot run backward.\nMaybe use Engine.training.");
    checkArgument(
        byLogits.length == batch * classes(),
        "A batch of %s images has %s logits, but %s derivatives were given.",
        batch,
        batch * classes(),
        byLogits.length);
    Host.write(bind().area(logits.contributions.get(0), logits.shape).array(), byLogits);
  }

  /** Runs backward from the last loss: leaves the gradients of all touched weights. */
  public void backward() {
    checkArgument(
        training,
        "This plan was made for inference and cannot run backward.\nMaybe use Engine.training.");
    long start = System.nanoTime();
    Bound now = bind();
    now.lendGradients();
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      now.sums.get(i).run();
      if (gates.contains(step.output.name)) {
        INDArray y = now.area(step.output.block, step.output.shape).array();
        INDArray dy = now.area(gradientOf(step.output), step.output.shape).array();
        passedGates.put(step.output.name, new Gate(dot(y, dy), dy.sumNumber().doubleValue()));
      }
      now.kernels.get(i).backward();
    }
    nanos += System.nanoTime() - start;
  }

  /** The nodes whose gate gradients a backward pass gives. */
  public Set<String> gates() {
    return gates;
  }

  /**
   * What the last forward pass left at a gate, {@code [batch, H, W, C]} flattened; to be asked for
   * before the backward pass.
   *
   * @throws IllegalArgumentException if the node is no gate of this plan
   */
  public double[] gated(String node) {
    checkArgument(gates.contains(node), "'%s' is no gate of this plan: %s.", node, gates);
    for (Step step : steps) {
      if (step.output.name.equals(node)) {
        return Host.read(bind().area(step.output.block, step.output.shape).array());
      }
    }
    throw new IllegalStateException("no step makes '" + node + "'");
  }

  /**
   * What a backward pass leaves at a gate, over the whole batch.
   *
   * @param factor {@code <dL/dy, y>}: the derivative of the mean loss by a factor on the node's
   *     output
   * @param constant {@code sum dL/dy}: the derivative by a constant added to the output
   */
  public record Gate(double factor, double constant) {}

  /**
   * The derivatives at a gate, after {@link #backward}.
   *
   * @throws IllegalArgumentException if the node is no gate of this plan
   */
  public Gate gate(String node) {
    Gate passed = passedGates.get(node);
    checkArgument(passed != null, "'%s' is no gate of this plan: %s.", node, gates);
    return passed;
  }

  private static double dot(INDArray a, INDArray b) {
    long n = a.length();
    return a.reshape('c', 1, n).mmul(b.reshape('c', n, 1)).getDouble(0);
  }

  private static Block gradientOf(Value value) {
    if (value.gradient == null) {
      throw new IllegalStateException("'" + value.name + "' has no gradient");
    }
    return value.gradient;
  }

  private Bound bind() {
    engine.reserve(elements);
    if (bound == null || bound.generation != engine.generation()) {
      bound = new Bound();
    }
    return bound;
  }

  /**
   * Logs which layers run through DL4J itself and what share of this plan's time they took; nothing
   * if there are none.
   */
  public void logOpaqueShare(Logger log) {
    List<String> opaque =
        steps.stream()
            .map(Step::first)
            .filter(Node.Opaque.class::isInstance)
            .map(Node::name)
            .toList();
    if (!opaque.isEmpty() && bound != null) {
      long slow = 0;
      for (Kernel kernel : bound.kernels) {
        slow += kernel instanceof OpaqueKernel layer ? layer.nanos() : 0;
      }
      log.info(
          "Layers {} run through DL4J itself and took {} % of the time",
          opaque, 100 * slow / Math.max(1, nanos));
    }
  }

  /** Kernels and views for one generation of the arena. */
  private final class Bound {
    private final int generation = engine.generation();
    private final Map<Block, Area> areas = new HashMap<>();
    private final Map<Weight, Area> weightGradients = new LinkedHashMap<>();
    private final List<Kernel> kernels = new ArrayList<>();
    private final List<Runnable> sums = new ArrayList<>();

    /** Those of its weights that are parts of others. */
    private final Set<Slice> slices = new LinkedHashSet<>();

    Bound() {
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

    /** Other plans use the same weights. */
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

    /** Adds up what the readers of a step's output contributed to its gradient. */
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
        return Nothing.INSTANCE;
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

  /** Of a node whose result is its input. */
  private enum Nothing implements Kernel {
    INSTANCE;

    @Override
    public void forward(Pass pass) {}

    @Override
    public void backward() {}
  }
}
