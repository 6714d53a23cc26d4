package org.lightnas.engine;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
  private @Nullable BoundPlan bound;
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
    BoundPlan now = bind();
    now.renewSlices();
    engine.port().images(nhwc, now.area(input.block, input.shape));
    now.forward(pass);
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
    BoundPlan now = bind();
    now.lendGradients();
    for (int i = steps.size() - 1; i >= 0; i--) {
      Step step = steps.get(i);
      now.sumGradient(i);
      if (gates.contains(step.output.name)) {
        INDArray y = now.area(step.output.block, step.output.shape).array();
        INDArray dy = now.area(gradientOf(step.output), step.output.shape).array();
        passedGates.put(step.output.name, new Gate(dot(y, dy), dy.sumNumber().doubleValue()));
      }
      now.backward(i);
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

  private BoundPlan bind() {
    engine.reserve(elements);
    if (bound == null || bound.outdated()) {
      bound = new BoundPlan(engine, weights, batch, training, steps);
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
      log.info(
          "Layers {} run through DL4J itself and took {} % of the time",
          opaque, 100 * bound.opaqueNanos() / Math.max(1, nanos));
    }
  }
}
