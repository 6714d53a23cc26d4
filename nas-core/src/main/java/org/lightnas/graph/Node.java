package org.lightnas.graph;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.lightnas.FeatureShape;
import org.lightnas.graph.Parameter.Role;
import org.nd4j.linalg.activations.Activation;

/**
 * One step of a network. A vertex of the configuration is one node, or several where a DL4J layer
 * does several things (dropout, convolution, activation): then the one with the parameters has the
 * vertex's name and the others a suffix after a colon.
 *
 * <p>Shapes are per image; a vector is {@code [n, 1, 1]}.
 */
public sealed interface Node {

  /** Unique in the graph. */
  String name();

  /** The nodes read, in order. */
  List<String> inputs();

  /** The shape produced. */
  FeatureShape output();

  /** The tensors it owns. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /** Multiply-accumulate operations for one image. */
  default long macs() {
    return 0;
  }

  /** The same node reading other nodes. */
  Node withInputs(List<String> newInputs);

  /** The images. */
  record Input(String name, FeatureShape output) implements Node {
    @Override
    public List<String> inputs() {
      return List.of();
    }

    @Override
    public Node withInputs(List<String> newInputs) {
      return this;
    }
  }

  /**
   * Convolution, cross-correlation convention. A depthwise one of 1 x 1 at stride 1 with one kernel
   * per channel is a scale and, with a bias, a shift of each channel: {@code a_c x + b_c}, trained.
   *
   * @param depthwise every input channel has its own {@code output.channels / in.channels} kernels;
   *     otherwise every output sees all inputs
   * @param init how DL4J would fill the kernel
   * @param biasInit initial bias, if there is one
   */
  record Convolution(
      String name,
      List<String> inputs,
      FeatureShape in,
      FeatureShape output,
      Window window,
      boolean depthwise,
      boolean hasBias,
      IWeightInit init,
      double biasInit)
      implements Node {

    /** Output channels per input channel of a depthwise convolution. */
    public int multiplier() {
      return output.channels() / in.channels();
    }

    @Override
    public List<Parameter> parameters() {
      Parameter kernel =
          depthwise
              ? Parameter.of(
                  name,
                  "W",
                  Role.WEIGHT,
                  window.kernelH(),
                  window.kernelW(),
                  in.channels(),
                  multiplier())
              : Parameter.of(
                  name,
                  "W",
                  Role.WEIGHT,
                  window.kernelH(),
                  window.kernelW(),
                  in.channels(),
                  output.channels());
      return withBias(kernel, name, hasBias, output.channels());
    }

    @Override
    public long macs() {
      return output.size() * window.kernelH() * window.kernelW() * (depthwise ? 1 : in.channels());
    }

    /** The same kernel over a map of another size. */
    public Convolution over(FeatureShape newIn, Window newWindow) {
      return new Convolution(
          name,
          inputs,
          newIn,
          newWindow.over(newIn).withChannels(output.channels()),
          newWindow,
          depthwise,
          hasBias,
          init,
          biasInit);
    }

    @Override
    public Node withInputs(List<String> newInputs) {
      return new Convolution(
          name, newInputs, in, output, window, depthwise, hasBias, init, biasInit);
    }
  }

  /** Matrix product of vectors. */
  record Dense(
      String name,
      List<String> inputs,
      int in,
      FeatureShape output,
      boolean hasBias,
      IWeightInit init,
      double biasInit)
      implements Node {

    @Override
    public List<Parameter> parameters() {
      return withBias(
          Parameter.of(name, "W", Role.WEIGHT, in, output.channels()),
          name,
          hasBias,
          output.channels());
    }

    @Override
    public long macs() {
      return (long) in * output.channels();
    }

    @Override
    public Node withInputs(List<String> newInputs) {
      return new Dense(name, newInputs, in, output, hasBias, init, biasInit);
    }
  }

  /**
   * {@code gamma (x - mean) / sqrt(var + eps) + beta} per channel; batch statistics (biased
   * variance) in training, running ones otherwise.
   *
   * @param decay share of the running statistics that is kept at each training step
   * @param affine whether gamma and beta are trained; otherwise they stay {@code gamma}, {@code
   *     beta}
   * @param gamma initial or fixed scale
   * @param beta initial or fixed shift
   */
  record BatchNorm(
      String name,
      List<String> inputs,
      FeatureShape output,
      double eps,
      double decay,
      boolean affine,
      double gamma,
      double beta,
      boolean logStd)
      implements Node {

    @Override
    public List<Parameter> parameters() {
      List<Parameter> all = new ArrayList<>();
      int c = output.channels();
      if (affine) {
        all.add(Parameter.of(name, "gamma", Role.OFFSET, c));
        all.add(Parameter.of(name, "beta", Role.OFFSET, c));
      }
      all.add(Parameter.of(name, "mean", Role.STATISTIC, c));
      all.add(Parameter.of(name, "var", Role.STATISTIC, c));
      return all;
    }

    @Override
    public Node withInputs(List<String> newInputs) {
      return new BatchNorm(name, newInputs, output, eps, decay, affine, gamma, beta, logStd);
    }

    /** The same for maps of another size. */
    public BatchNorm over(FeatureShape map) {
      return new BatchNorm(name, inputs, map, eps, decay, affine, gamma, beta, logStd);
    }

    /** The same without trained scale and shift. */
    BatchNorm plain() {
      return new BatchNorm(name, inputs, output, eps, decay, false, 1, 0, logStd);
    }
  }

  /** A function of each value by itself, with DL4J's default settings. */
  record Activate(String name, List<String> inputs, FeatureShape output, Activation function)
      implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Activate(name, newInputs, output, function);
    }
  }

  /** Softmax over a vector: class probabilities. */
  record Softmax(String name, List<String> inputs, FeatureShape output) implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Softmax(name, newInputs, output);
    }
  }

  /** Sum of maps of one shape. */
  record Add(String name, List<String> inputs, FeatureShape output) implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Add(name, newInputs, output);
    }
  }

  /** Product, value by value, of maps of one shape. */
  record Multiply(String name, List<String> inputs, FeatureShape output) implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Multiply(name, newInputs, output);
    }
  }

  /** Multiplication by a constant. */
  record Scale(String name, List<String> inputs, FeatureShape output, double factor)
      implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Scale(name, newInputs, output, factor);
    }
  }

  /** Maps side by side, along the channels. */
  record Concat(String name, List<String> inputs, FeatureShape output) implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Concat(name, newInputs, output);
    }
  }

  /** Some of the channels, from {@code from} on. */
  record Subset(String name, List<String> inputs, FeatureShape output, int from) implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Subset(name, newInputs, output, from);
    }
  }

  /**
   * The channels in another order: seen as {@code groups} rows of {@code n} channels, they are
   * taken column by column, so that channel {@code i n + j} becomes channel {@code j groups + i}
   * (ShuffleNet, Zhang et al. 2018).
   */
  record Shuffle(String name, List<String> inputs, FeatureShape output, int groups)
      implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Shuffle(name, newInputs, output, groups);
    }
  }

  /**
   * Maximum or average under a window.
   *
   * @param countPadding whether an average divides by the window's area also where it sticks out
   */
  record Pool(
      String name,
      List<String> inputs,
      FeatureShape in,
      FeatureShape output,
      Window window,
      boolean max,
      boolean countPadding)
      implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Pool(name, newInputs, in, output, window, max, countPadding);
    }
  }

  /** Maximum or average over the whole map. */
  record GlobalPool(
      String name, List<String> inputs, FeatureShape in, FeatureShape output, boolean max)
      implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new GlobalPool(name, newInputs, in, output, max);
    }
  }

  /** A map as a vector, channel after channel. */
  record Flatten(String name, List<String> inputs, FeatureShape in, FeatureShape output)
      implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Flatten(name, newInputs, in, output);
    }
  }

  /**
   * In training, keeps each value with probability {@code keep} and scales it by {@code 1/keep}.
   */
  record Dropout(String name, List<String> inputs, FeatureShape output, double keep)
      implements Node {
    @Override
    public Node withInputs(List<String> newInputs) {
      return new Dropout(name, newInputs, output, keep);
    }
  }

  /** A layer only DL4J understands; it runs through DL4J and is a barrier for every rewrite. */
  record Opaque(
      String name,
      List<String> inputs,
      FeatureShape in,
      FeatureShape output,
      Layer layer,
      long size)
      implements Node {

    @Override
    public List<Parameter> parameters() {
      return size == 0 ? List.of() : List.of(Parameter.of(name, "params", Role.OPAQUE, size));
    }

    @Override
    public Node withInputs(List<String> newInputs) {
      return new Opaque(name, newInputs, in, output, layer, size);
    }
  }

  private static List<Parameter> withBias(
      Parameter kernel, String name, boolean hasBias, int channels) {
    return hasBias
        ? List.of(kernel, Parameter.of(name, "b", Role.OFFSET, channels))
        : List.of(kernel);
  }
}
