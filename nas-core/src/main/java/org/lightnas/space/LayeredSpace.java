package org.lightnas.space;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.weights.WeightInit;
import org.lightnas.FeatureShape;
import org.lightnas.Reproducible;
import org.lightnas.internal.Foreign;
import org.lightnas.internal.JavaCode;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A stem, a row of choices, a head; then global average pooling and a softmax classifier.
 *
 * <pre>
 * LayeredSpace space =
 *     LayeredSpace.named("pocket", images.shape(), images.classes())
 *         .stem(new ConvBnAct(3, 16, 1))
 *         .choice("block1", new MbConv(3, 3, 24, 2), new MbConv(5, 6, 24, 2))
 *         .choice("block2", new MbConv(3, 3, 24, 1), new SkipConnect(24, 1))
 *         .head(new ConvBnAct(1, 96, 1))
 *         .build();
 * </pre>
 *
 * @param name a short name
 * @param input shape of one image
 * @param classes number of classes, at least 2
 * @param stem operations before the first choice
 * @param choices the decisions; all candidates are {@link Op}s, and those of one choice make the
 *     same shape
 * @param head operations after the last choice
 * @param tail operations on the vector that pooling over all pixels leaves, before the classifier
 * @param classifierBias whether the classifier has a bias
 * @since 0.1.0
 */
public record LayeredSpace(
    String name,
    FeatureShape input,
    int classes,
    List<Op> stem,
    List<Choice> choices,
    List<Op> head,
    List<Op> tail,
    boolean classifierBias)
    implements SearchSpace, Reproducible {

  /**
   * Checks that the choices fit together.
   *
   * @throws IllegalArgumentException if there is no choice, a name occurs twice or is taken by the
   *     fixed part, or the candidates of a choice make different shapes
   */
  public LayeredSpace {
    checkArgument(!name.isBlank(), "A space needs a name.");
    checkArgument(classes >= 2, "Space '%s' needs at least 2 classes, but has %s.", name, classes);
    stem = List.copyOf(stem);
    choices = List.copyOf(choices);
    head = List.copyOf(head);
    tail = List.copyOf(tail);
    checkArgument(!choices.isEmpty(), "Space '%s' has no choice.", name);
    Set<String> names =
        new HashSet<>(Set.of("input", "stem", "head", "pool", "tail", "classifier"));
    FeatureShape shape = input;
    for (Op op : stem) {
      shape = made(op, "stem", shape, name);
    }
    for (Choice choice : choices) {
      checkArgument(
          names.add(choice.name()),
          "Choice name '%s' of space '%s' is taken already.\nMaybe number the choices.",
          choice.name(),
          name);
      shape = commonOutput(choice, shape, name);
    }
    for (Op op : head) {
      shape = made(op, "head", shape, name);
    }
    shape = FeatureShape.vector(shape.channels());
    for (Op op : tail) {
      shape = made(op, "tail", shape, name);
    }
  }

  private static FeatureShape commonOutput(Choice choice, FeatureShape in, String space) {
    FeatureShape first = made(op(choice, 0), choice.name(), in, space);
    for (int k = 1; k < choice.size(); k++) {
      FeatureShape other = made(op(choice, k), choice.name(), in, space);
      checkArgument(
          other.equals(first),
          "Candidates of choice '%s' of space '%s' make different shapes of %s: '%s' %s, '%s' %s.\n"
              + "Maybe give them the same channels and stride.",
          choice.name(),
          space,
          in,
          op(choice, 0).id(),
          first,
          op(choice, k).id(),
          other);
    }
    return first;
  }

  /** What an operation makes of a shape. */
  private static FeatureShape made(Op op, String place, FeatureShape in, String space) {
    try {
      return op.outputShape(in);
    } catch (RuntimeException e) {
      throw failure(op, place, in, space, e);
    }
  }

  private static RuntimeException failure(
      Op op, String place, FeatureShape in, String space, RuntimeException thrown) {
    return Foreign.failure(
        String.format(
            "Operation '%s' (%s) of '%s' in space '%s' failed on %s",
            op.id(), op.getClass().getName(), place, space, in),
        thrown);
  }

  private static Op op(Choice choice, int k) {
    Candidate candidate = choice.candidates().get(k);
    checkArgument(
        candidate instanceof Op,
        "Candidate '%s' of choice '%s' is no Op, and a LayeredSpace can interpret Ops only.\n"
            + "Maybe implement SearchSpace.",
        candidate.id(),
        choice.name());
    return (Op) candidate;
  }

  /** Starts a space; see the class for an example. */
  public static Builder named(String name, FeatureShape input, int classes) {
    return new Builder(name, input, classes);
  }

  @Override
  public ComputationGraphConfiguration toConfiguration(Architecture architecture) {
    architecture.requireSpace(this);
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("input")
            .setInputTypes(
                InputType.convolutional(input.height(), input.width(), input.channels()));
    Chain chain = new Chain(graph, name, input);
    for (int i = 0; i < stem.size(); i++) {
      chain.add(stem.get(i), "stem", "stem/" + i);
    }
    for (int l = 0; l < choices.size(); l++) {
      Op op = op(choices.get(l), architecture.pick(l));
      chain.add(op, choices.get(l).name(), choices.get(l).name() + "/" + op.weightKey());
    }
    for (int i = 0; i < head.size(); i++) {
      chain.add(head.get(i), "head", "head/" + i);
    }
    graph.addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), chain.last);
    chain.last = "pool";
    chain.shape = FeatureShape.vector(chain.shape.channels());
    for (int i = 0; i < tail.size(); i++) {
      chain.add(tail.get(i), "tail", "tail/" + i);
    }
    return graph
        .addLayer(
            "classifier",
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(chain.shape.channels())
                .nOut(classes)
                .hasBias(classifierBias)
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.SOFTMAX)
                .build(),
            chain.last)
        .setOutputs("classifier")
        .build();
  }

  /** The calls of the builder; empty if an operation is no record of a public class. */
  @Override
  public Optional<String> code() {
    List<Optional<String>> calls = new ArrayList<>();
    calls.add(
        JavaCode.all(List.of(name, input, classes))
            .map(named -> LayeredSpace.class.getName() + ".named(" + named + ")"));
    calls.add(call("stem", stem));
    for (Choice choice : choices) {
      calls.add(
          JavaCode.all(choice.candidates())
              .map(ops -> call("choice", JavaCode.text(choice.name()) + ", " + ops)));
    }
    calls.add(call("head", head));
    calls.add(call("tail", tail));
    calls.add(Optional.of(classifierBias ? "" : call("classifierBias", "false")));
    calls.add(Optional.of(call("build", "")));
    return JavaCode.joined(calls, "");
  }

  private static Optional<String> call(String setter, List<Op> ops) {
    return JavaCode.all(ops).map(all -> all.isEmpty() ? "" : call(setter, all));
  }

  private static String call(String method, String arguments) {
    return "\n    ." + method + "(" + arguments + ")";
  }

  /** Operations one after the other. */
  private static final class Chain {

    private final GraphBuilder graph;
    private final String space;
    private String last = "input";
    private FeatureShape shape;

    Chain(GraphBuilder graph, String space, FeatureShape input) {
      this.graph = graph;
      this.space = space;
      this.shape = input;
    }

    void add(Op op, String place, String name) {
      try {
        last = op.addTo(graph, name, last, shape);
      } catch (RuntimeException e) {
        throw failure(op, place, shape, space, e);
      }
      shape = made(op, place, shape, space);
    }
  }

  /** {@code lightnas-small (3x32x32, 10 classes, 6 choices)}. */
  @Override
  public String toString() {
    return name + " (" + input + ", " + classes + " classes, " + choices.size() + " choices)";
  }

  /**
   * Collects the parts of a {@link LayeredSpace}.
   *
   * @since 0.1.0
   */
  public static final class Builder {

    private final String name;
    private final FeatureShape input;
    private final int classes;
    private final List<Op> stem = new ArrayList<>();
    private final List<Choice> choices = new ArrayList<>();
    private final List<Op> head = new ArrayList<>();
    private final List<Op> tail = new ArrayList<>();
    private boolean classifierBias = true;

    private Builder(String name, FeatureShape input, int classes) {
      this.name = name;
      this.input = input;
      this.classes = classes;
    }

    /** Adds fixed operations before the first choice. */
    @CanIgnoreReturnValue
    public Builder stem(Op... ops) {
      stem.addAll(List.of(ops));
      return this;
    }

    /**
     * Adds a choice after those added before.
     *
     * @throws IllegalArgumentException as {@link Choice}
     */
    @CanIgnoreReturnValue
    public Builder choice(String choiceName, Op... candidates) {
      choices.add(new Choice(choiceName, List.of(candidates)));
      return this;
    }

    /** Adds fixed operations after the last choice. */
    @CanIgnoreReturnValue
    public Builder head(Op... ops) {
      head.addAll(List.of(ops));
      return this;
    }

    /** Adds operations on the vector between pooling and classifier. */
    @CanIgnoreReturnValue
    public Builder tail(Op... ops) {
      tail.addAll(List.of(ops));
      return this;
    }

    /** Whether the classifier has a bias. Default true. */
    @CanIgnoreReturnValue
    public Builder classifierBias(boolean value) {
      classifierBias = value;
      return this;
    }

    /**
     * Makes the space.
     *
     * @throws IllegalArgumentException as {@link LayeredSpace#LayeredSpace}
     */
    public LayeredSpace build() {
      return new LayeredSpace(name, input, classes, stem, choices, head, tail, classifierBias);
    }
  }
}
