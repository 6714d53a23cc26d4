package org.lightnas.graph;

import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.lightnas.FeatureShape;

/** Nodes with other numbers of channels. */
final class Resizing {

  private Resizing() {}

  /**
   * The node with as many channels.
   *
   * @param read of what it reads
   * @param made of its result
   */
  static Node of(Node node, int read, int made) {
    FeatureShape output = node.output().withChannels(made);
    if (node instanceof Node.Convolution conv) {
      return new Node.Convolution(
          conv.name(),
          conv.inputs(),
          conv.in().withChannels(read),
          output,
          conv.window(),
          conv.depthwise(),
          conv.hasBias(),
          conv.depthwise()
              ? conv.init()
              : init(
                  conv.init(),
                  (double) conv.window().kernelH() * conv.window().kernelW(),
                  conv.output().channels(),
                  made),
          conv.biasInit());
    } else if (node instanceof Node.Dense dense) {
      return new Node.Dense(
          dense.name(),
          dense.inputs(),
          read,
          output,
          dense.hasBias(),
          init(dense.init(), 1, dense.output().channels(), made),
          dense.biasInit());
    } else if (node instanceof Node.BatchNorm norm) {
      return norm.over(output);
    } else if (node instanceof Node.Activate activate) {
      return new Node.Activate(node.name(), node.inputs(), output, activate.function());
    } else if (node instanceof Node.Softmax) {
      return new Node.Softmax(node.name(), node.inputs(), output);
    } else if (node instanceof Node.Add) {
      return new Node.Add(node.name(), node.inputs(), output);
    } else if (node instanceof Node.Multiply) {
      return new Node.Multiply(node.name(), node.inputs(), output);
    } else if (node instanceof Node.Scale scale) {
      return new Node.Scale(node.name(), node.inputs(), output, scale.factor());
    } else if (node instanceof Node.Concat) {
      return new Node.Concat(node.name(), node.inputs(), output);
    } else if (node instanceof Node.Dropout dropout) {
      return new Node.Dropout(node.name(), node.inputs(), output, dropout.keep());
    } else if (node instanceof Node.Pool pool) {
      return new Node.Pool(
          pool.name(),
          pool.inputs(),
          pool.in().withChannels(read),
          output,
          pool.window(),
          pool.max(),
          pool.countPadding());
    } else if (node instanceof Node.GlobalPool pool) {
      return new Node.GlobalPool(
          pool.name(), pool.inputs(), pool.in().withChannels(read), output, pool.max());
    } else if (node instanceof Node.Flatten flatten && output.channels() == read) {
      return new Node.Flatten(
          flatten.name(), flatten.inputs(), flatten.in().withChannels(read), output);
    }
    // Inputs, shuffles, subsets, flattened maps and layers of DL4J's own keep theirs.
    return node;
  }

  /**
   * Networks say a standard deviation, not the rule that it follows: where it is {@code sqrt(2 / (k
   * k C_out))} of the old channels, it becomes that of the new ones, so that a network is
   * initialised as if it had been written with them.
   */
  private static IWeightInit init(IWeightInit init, double area, int before, int now) {
    return init.equals(fanOut(area * before)) ? fanOut(area * now) : init;
  }

  private static IWeightInit fanOut(double fan) {
    return new WeightInitDistribution(new NormalDistribution(0, Math.sqrt(2 / fan)));
  }
}
