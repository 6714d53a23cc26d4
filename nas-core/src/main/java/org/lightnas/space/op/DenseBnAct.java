package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;

/**
 * A dense layer without bias, batch norm, ReLU6 and dropout, on vectors: the hidden layer that
 * mobile networks have between pooling and classifier.
 *
 * @param units output values
 * @param keep the probability of keeping a value in training, in (0, 1]; 1 for no dropout
 * @since 0.1.0
 */
public record DenseBnAct(int units, double keep) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the units are below 1 or the probability is out of range
   */
  public DenseBnAct {
    checkArgument(units >= 1, "The units of DenseBnAct must be positive, but are %s.", units);
    checkArgument(
        keep > 0 && keep <= 1,
        "DenseBnAct must keep values with a probability in (0, 1], not %s.",
        keep);
  }

  @Override
  public String id() {
    return "dense" + units;
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return Layers.denseShape("DenseBnAct", units, in);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    return Layers.dense(graph, name, input, in.channels(), units, keep, true);
  }
}
