package org.lightnas.space.op;

import static com.google.common.base.Preconditions.checkArgument;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;

/**
 * {@link DenseBnAct} without its batch norm: the hidden layer of the supernet that LightNAS
 * publishes.
 *
 * @param units output values
 * @param keep the probability of keeping a value in training, in (0, 1]; 1 for no dropout
 * @since 0.1.0
 */
public record DenseAct(int units, double keep) implements Op {

  /**
   * Checks the ranges.
   *
   * @throws IllegalArgumentException if the units are below 1 or the probability is out of range
   */
  public DenseAct {
    checkArgument(units >= 1, "The units of DenseAct must be positive, but are %s.", units);
    checkArgument(
        keep > 0 && keep <= 1,
        "DenseAct must keep values with a probability in (0, 1], not %s.",
        keep);
  }

  @Override
  public String id() {
    return "dense" + units + "_plain";
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return Layers.denseShape("DenseAct", units, in);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    return Layers.dense(graph, name, input, in.channels(), units, keep, false);
  }
}
