package org.lightnas.examples.bench;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.lightnas.FeatureShape;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;

/**
 * An operation that looks worse than it is: all goes through a few channels, and there is no
 * shortcut. Before it is trained it loses most of what it is given; then it sees neighbourhoods,
 * which a skip connection never does.
 *
 * @param kernel of the convolution into the few channels
 * @param through how many these are
 * @param channels in and out
 */
record RiggedOp(int kernel, int through, int channels) implements Op {

  @Override
  public String id() {
    return "narrow" + kernel;
  }

  @Override
  public FeatureShape outputShape(FeatureShape in) {
    return in.withChannels(channels);
  }

  @Override
  public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
    ConvBnAct into = new ConvBnAct(kernel, through, 1);
    String few = into.addTo(graph, name + "/into", input, in);
    return new ConvBnAct(1, channels, 1).addTo(graph, name + "/out", few, into.outputShape(in));
  }
}
