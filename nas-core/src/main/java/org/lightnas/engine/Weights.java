package org.lightnas.engine;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.jspecify.annotations.Nullable;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Node;
import org.lightnas.graph.Parameter;
import org.lightnas.internal.Backends;
import org.lightnas.internal.Seeds;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Named tensors: the weights of one network, or those that the networks of a space share. A network
 * that is narrower than the one for which a tensor was made has the leading part of it; statistics
 * of batch norms are its own. Owns their native memory until closed. Not thread-safe.
 */
public final class Weights implements AutoCloseable {

  private final DataType type;
  private final UnaryOperator<String> shared;
  private final Map<String, Weight> weights = new LinkedHashMap<>();

  /** Of networks that have less of a tensor. */
  private final Map<Parameter, Weight> narrow = new HashMap<>();

  /** An empty store of float32 or, for gradient checks, float64 tensors. */
  public Weights(DataType type) {
    this(type, UnaryOperator.identity());
  }

  /**
   * An empty store in which tensors of several names are one, or parts of one.
   *
   * @param shared the name that a tensor is kept by, for the name that a network has it by
   */
  public Weights(DataType type, UnaryOperator<String> shared) {
    Backends.require();
    this.type = type;
    this.shared = shared;
  }

  /** The element type of all tensors. */
  public DataType type() {
    return type;
  }

  /**
   * Makes the tensors of a network that do not exist yet, filled as their DL4J layer asks. The
   * values of a tensor depend on the seed and its name alone, not on what else there is or in which
   * order networks come; but of networks that share tensors in several sizes the largest must come
   * first.
   *
   * @throws IllegalArgumentException if a tensor of that name exists and is not as large along
   *     every axis
   */
  public void ensure(LayerGraph graph, long seed) {
    for (Node node : graph.nodes()) {
      for (Parameter needed : node.parameters()) {
        Parameter parameter = kept(needed);
        Weight present = weights.get(parameter.name());
        if (present == null) {
          weights.put(parameter.name(), new Weight(parameter, initial(node, parameter, seed)));
        } else if (!present.parameter().equals(parameter)) {
          narrow.computeIfAbsent(parameter, part -> narrowed(part, present, node, seed));
        }
      }
    }
  }

  /** What a tensor of a network is kept as. */
  public Parameter kept(Parameter parameter) {
    String name = shared.apply(parameter.name());
    return name.equals(parameter.name())
        ? parameter
        : new Parameter(name, parameter.role(), parameter.shape());
  }

  private Weight narrowed(Parameter parameter, Weight whole, Node node, long seed) {
    checkArgument(
        parameter.isPartOf(whole.parameter()),
        "Tensor '%s' is needed as %s, but another candidate made it %s.\n"
            + "Maybe give the two operations different weight keys.",
        parameter.name(),
        parameter.shape(),
        whole.parameter().shape());
    return parameter.trained()
        ? new Slice(parameter, whole)
        : new Weight(parameter, initial(node, parameter, seed));
  }

  /** The tensor that a network has as this one. */
  Weight of(Parameter parameter) {
    Parameter kept = kept(parameter);
    Weight part = narrow.get(kept);
    return part == null ? get(kept.name()) : part;
  }

  /** The tensor that is kept by this name, whole. */
  public Weight get(String name) {
    Weight weight = weights.get(name);
    if (weight == null) {
      throw new IllegalArgumentException("There is no tensor '" + name + "'.");
    }
    return weight;
  }

  /** Replaces values by name; tensors must exist. */
  public void load(Map<String, double[]> values) {
    values.forEach((name, data) -> get(name).assign(data));
  }

  /** Copies the values of a network's tensors. */
  public Map<String, double[]> values(LayerGraph graph) {
    Map<String, double[]> values = new HashMap<>();
    for (Parameter parameter : graph.parameters()) {
      Weight weight = of(parameter);
      weight.renew();
      values.put(parameter.name(), Host.read(weight.value()));
    }
    return values;
  }

  /**
   * Copies all that training has made, of whole tensors: values by "value/NAME", the optimiser's
   * tensors by "optimizer I/NAME" and its count of updates by "updates/NAME".
   */
  public Map<String, double[]> snapshot() {
    Map<String, double[]> all = new LinkedHashMap<>();
    weights.forEach(
        (name, weight) -> {
          all.put("value/" + name, Host.read(weight.value()));
          List<double[]> state = weight.optimizerState();
          for (int i = 0; i < state.size(); i++) {
            all.put("optimizer " + i + "/" + name, state.get(i));
          }
          all.put("updates/" + name, new double[] {weight.updates()});
        });
    return all;
  }

  /**
   * Puts every tensor where a {@link #snapshot} found it; those the snapshot does not hold stay.
   *
   * @param find gives what a snapshot held by a name, of so many values, and null if it held none
   * @throws IllegalArgumentException if it gives more or fewer
   */
  public void restore(BiFunction<String, Long, double @Nullable []> find) {
    weights.forEach(
        (name, weight) -> {
          long size = weight.value().length();
          double[] values = found(find, "value/" + name, size);
          if (values == null) {
            return;
          }
          List<double[]> state = new ArrayList<>();
          for (double[] tensor = found(find, "optimizer 0/" + name, size);
              tensor != null;
              tensor = found(find, "optimizer " + state.size() + "/" + name, size)) {
            state.add(tensor);
          }
          double[] updates = found(find, "updates/" + name, 1);
          long count = updates == null ? 0 : (long) updates[0];
          checkArgument(count >= 0, "Tensor '%s' cannot have had %s updates.", name, count);
          weight.assign(values);
          weight.restoreOptimizer(state, count);
        });
  }

  /** ND4J takes arrays that are too long. */
  private static double @Nullable [] found(
      BiFunction<String, Long, double @Nullable []> find, String name, long size) {
    double[] values = find.apply(name, size);
    checkArgument(
        values == null || values.length == size,
        "A snapshot must hold %s values of '%s', but holds %s.",
        size,
        name,
        values == null ? 0 : values.length);
    return values;
  }

  /** Bytes of values and optimiser state; gradients lie with activations. */
  public long bytes() {
    return Stream.of(weights, narrow)
        .flatMap(tensors -> tensors.values().stream())
        .mapToLong(Weight::bytes)
        .sum();
  }

  private INDArray initial(Node node, Parameter parameter, long seed) {
    INDArray value = Nd4j.create(type, parameter.dimensions());
    // DL4J's initialisers draw from ND4J's generator (one per thread): this is the one place that
    // seeds it.
    Nd4j.getRandom().setSeed(Seeds.derive(seed, parameter.name(), 0));
    if (parameter.role() == Parameter.Role.OPAQUE) {
      Node.Opaque opaque = (Node.Opaque) node;
      NeuralNetConfiguration configuration =
          new NeuralNetConfiguration.Builder().layer(opaque.layer().clone()).build();
      opaque.layer().initializer().init(configuration, value, true);
    } else if (node instanceof Node.BatchNorm norm) {
      String name = parameter.name();
      if (name.endsWith("/gamma")) {
        value.assign(norm.gamma());
      } else if (name.endsWith("/beta")) {
        value.assign(norm.beta());
      } else if (name.endsWith("/var")) {
        value.assign(1);
      }
    } else if (node instanceof Node.Dense dense) {
      if (parameter.role() == Parameter.Role.OFFSET) {
        value.assign(dense.biasInit());
      } else {
        fill(value, dense.init(), dense.in(), dense.output().channels());
      }
    } else if (node instanceof Node.Convolution convolution) {
      if (parameter.role() == Parameter.Role.OFFSET) {
        value.assign(convolution.biasInit());
      } else {
        // The fans as DL4J's parameter initialisers count them.
        double area = convolution.window().kernelH() * (double) convolution.window().kernelW();
        double strides = convolution.window().strideH() * (double) convolution.window().strideW();
        double out =
            convolution.depthwise() ? convolution.multiplier() : convolution.output().channels();
        fill(value, convolution.init(), convolution.in().channels() * area, out * area / strides);
      }
    }
    return value;
  }

  private static void fill(INDArray value, IWeightInit init, double fanIn, double fanOut) {
    try (INDArray view = Nd4j.create(value.dataType(), value.length())) {
      value.assign(init.init(fanIn, fanOut, value.shape(), 'c', view));
    }
  }

  @Override
  public void close() {
    weights.values().forEach(Weight::close);
    weights.clear();
    narrow.values().forEach(Weight::close);
    narrow.clear();
  }
}
