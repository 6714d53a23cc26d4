package org.lightnas.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.engine.ArenaLayout.Block;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.nd4j.linalg.activations.Activation;

/**
 * Turns nodes into steps with places in the arena. Time runs over the forward steps {@code 0 …
 * n-1}, the loss at {@code n}, and the backward steps {@code 2n-i}; every block is touched when it
 * is written or read, and shares memory with what lives at other times. Gradients of weights live
 * on at the end, when hardly any activation does: they take next to no memory of their own. Used
 * once.
 */
final class PlanCompiler {

  private final LayerGraph graph;
  private final Weights weights;
  private final int batch;
  private final Set<String> gates;
  private final boolean training;
  private final ArenaLayout layout = new ArenaLayout();
  private final Map<String, Value> values = new HashMap<>();
  private final List<Step> steps = new ArrayList<>();

  /** What a node produces. */
  static final class Value {
    final String name;
    final FeatureShape shape;
    final Block block;

    /** Where its gradient is when its producer runs backward; null in plans for inference. */
    @Nullable Block gradient;

    /** What its readers contribute to the gradient, each in its own block or in one of theirs. */
    final List<Block> contributions = new ArrayList<>();

    final List<Block> ownContributions = new ArrayList<>();

    Value(String name, FeatureShape shape, Block block) {
      this.name = name;
      this.shape = shape;
      this.block = block;
    }
  }

  /**
   * One node, or several that one kernel does: a batch norm and the activation after it; for
   * inference also a convolution before them.
   */
  static final class Step {
    final List<Node> nodes;
    final List<Value> inputs;
    final Value output;

    /**
     * Parallel to the inputs: where this step leaves its contribution to their gradients; null
     * where none is wanted.
     */
    final List<@Nullable Block> inputGradients = new ArrayList<>();

    /** Where the gradients of its trained weights go; empty in plans for inference. */
    final Map<Parameter, Block> weightGradients = new LinkedHashMap<>();

    /** What the kernel keeps from its forward to its backward pass; null if nothing. */
    @Nullable Block kept;

    /** Contributions of several readers, to be added into the first before the backward pass. */
    List<Block> toSum = List.of();

    /** Whether the sum must start from a copy, because every contribution belongs to others. */
    boolean sumFromCopy;

    Step(List<Node> nodes, List<Value> inputs, Value output) {
      this.nodes = nodes;
      this.inputs = inputs;
      this.output = output;
    }

    Node first() {
      return nodes.get(0);
    }

    /** The activation at the end, if it ends in one. */
    Activation function() {
      return nodes.get(nodes.size() - 1) instanceof Node.Activate activate
          ? activate.function()
          : Activation.IDENTITY;
    }

    /** The output is the input itself, under another name. */
    boolean isAlias() {
      return first() instanceof Node.Activate && function() == Activation.IDENTITY;
    }

    /** The gradient goes on to every input unchanged. */
    boolean passesGradient() {
      return isAlias() || first() instanceof Node.Add;
    }

    /** The gradient of the input may take the place of that of the output. */
    boolean worksInPlace() {
      return first() instanceof Node.BatchNorm;
    }

    boolean readsInputsBackward() {
      return !passesGradient()
          && !(first() instanceof Node.Scale)
          && !(first() instanceof Node.Concat)
          && !(first() instanceof Node.Subset)
          && !(first() instanceof Node.Shuffle)
          && !(first() instanceof Node.Flatten)
          && !(first() instanceof Node.Dropout);
    }

    /** Some kernels take a rectifier's gradient from its result. */
    boolean readsOutputBackward() {
      return first() instanceof Node.BatchNorm || (first() instanceof Node.Activate && !isAlias());
    }
  }

  PlanCompiler(LayerGraph graph, Weights weights, int batch, Set<String> gates, boolean training) {
    this.graph = graph;
    this.weights = weights;
    this.batch = batch;
    this.gates = gates;
    this.training = training;
  }

  Plan compile(Engine engine) {
    if (!(graph.output() instanceof Node.Softmax softmax)) {
      throw new NasException(
          "The network ends in '"
              + graph.outputName()
              + "', but only softmax classification can be run here.\n"
              + "Maybe end it in an OutputLayer with Activation.SOFTMAX and LossFunction.MCXENT.");
    }
    collectSteps();
    liveForward(engine.port());
    Value logits = value(softmax.inputs().get(0));
    logits.block.touch(steps.size());
    if (training) {
      liveBackward(logits, engine.port().differentiatesImages());
    }
    long elements = layout.place();
    Value input = value(graph.nodes().get(0).name());
    return new Plan(engine, weights, batch, steps, input, logits, gates, training, elements);
  }

  private void collectSteps() {
    // Nodes that wait to be done together with the one that reads them.
    Map<String, List<Node>> waiting = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (node instanceof Node.Input) {
        values.put(node.name(), fresh(node));
        continue;
      }
      if (node instanceof Node.Softmax) {
        continue;
      }
      List<Node> nodes = new ArrayList<>(waiting.getOrDefault(node.inputs().get(0), List.of()));
      nodes.add(node);
      if (joinsItsReader(node)) {
        waiting.put(node.name(), nodes);
        continue;
      }
      List<Value> inputs = nodes.get(0).inputs().stream().map(this::value).toList();
      Step step = new Step(nodes, inputs, fresh(node));
      if (step.isAlias()) {
        step = new Step(nodes, inputs, alias(node, inputs.get(0)));
      }
      values.put(node.name(), step.output);
      steps.add(step);
    }
  }

  /**
   * Whether one kernel does a node and the only one that reads it: a batch norm and an activation;
   * without a backward pass also a convolution and either.
   */
  private boolean joinsItsReader(Node node) {
    List<String> readers = graph.readers(node.name());
    if (readers.size() != 1 || gates.contains(node.name())) {
      return false;
    }
    Node reader = graph.node(readers.get(0));
    boolean convolution = !training && node instanceof Node.Convolution;
    return (convolution && reader instanceof Node.BatchNorm)
        || ((convolution || node instanceof Node.BatchNorm)
            && reader instanceof Node.Activate activate
            && (activate.function() == Activation.RELU || activate.function() == Activation.RELU6));
  }

  private Value value(String name) {
    Value value = values.get(name);
    if (value == null) {
      // All that a graph may hold and no step computes.
      throw new NasException(
          "The class probabilities '"
              + name
              + "' are read inside the network.\n"
              + "Maybe use a layer with Activation.SOFTMAX there, which runs through DL4J itself.");
    }
    return value;
  }

  private Value fresh(Node node) {
    return new Value(node.name(), node.output(), layout.block(batch * node.output().size()));
  }

  private static Value alias(Node node, Value of) {
    return new Value(node.name(), node.output(), of.block);
  }

  private void liveForward(Kernels port) {
    value(graph.nodes().get(0).name()).block.touch(-1);
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      step.output.block.touch(i);
      for (Value input : step.inputs) {
        input.block.touch(i);
      }
      long kept = port.kept(step.first(), step.function(), batch);
      if (kept > 0) {
        step.kept = layout.block(kept);
        step.kept.touch(i);
        step.kept.touch(training ? backwardTime(i) : i);
      }
    }
  }

  private int backwardTime(int step) {
    return 2 * steps.size() - step;
  }

  private void liveBackward(Value logits, boolean differentiateImages) {
    int n = steps.size();
    Map<Parameter, Block> weightGradients = new HashMap<>();
    Block lossGradient = layout.block(batch * logits.shape.size());
    lossGradient.touch(n);
    logits.contributions.add(lossGradient);
    logits.ownContributions.add(lossGradient);
    for (int i = n - 1; i >= 0; i--) {
      Step step = steps.get(i);
      int time = backwardTime(i);
      Block gradient = gather(step, time);
      step.output.gradient = gradient;
      gradient.touch(time);
      for (Node node : step.nodes) {
        for (Parameter parameter : node.parameters()) {
          if (parameter.trained()) {
            Block place = weightGradients.computeIfAbsent(parameter, p -> layout.block(p.size()));
            place.touch(time);
            place.touch(backwardTime(-1));
            step.weightGradients.put(parameter, place);
          }
        }
      }
      if (step.readsOutputBackward() || gates.contains(step.output.name)) {
        step.output.block.touch(time);
      }
      for (Value input : step.inputs) {
        if (step.readsInputsBackward()) {
          input.block.touch(time);
        }
        if (!differentiateImages && isImages(input)) {
          step.inputGradients.add(null);
          continue;
        }
        Block contribution = gradient;
        if (!step.passesGradient()) {
          if (!step.worksInPlace() || !step.output.ownContributions.contains(gradient)) {
            contribution = layout.block(batch * input.shape.size());
            contribution.touch(time);
          }
          input.ownContributions.add(contribution);
        }
        step.inputGradients.add(contribution);
        input.contributions.add(contribution);
      }
    }
  }

  private boolean isImages(Value value) {
    return value.block == value(graph.nodes().get(0).name()).block;
  }

  /** The block in which a step finds its output's whole gradient. */
  private Block gather(Step step, int time) {
    Value output = step.output;
    if (output.contributions.isEmpty()) {
      throw new NasException(
          "Nothing reads the result of '"
              + output.name
              + "', so it cannot be trained.\nMaybe leave the vertex out.");
    }
    if (output.contributions.size() == 1) {
      return output.contributions.get(0);
    }
    output.contributions.forEach(block -> block.touch(time));
    List<Block> ordered = new ArrayList<>(output.contributions);
    if (output.ownContributions.isEmpty()) {
      Block fresh = layout.block(batch * output.shape.size());
      fresh.touch(time);
      ordered.add(0, fresh);
      step.sumFromCopy = true;
    } else {
      Block own = output.ownContributions.get(0);
      ordered.remove(own);
      ordered.add(0, own);
    }
    step.toSum = ordered;
    return ordered.get(0);
  }
}
