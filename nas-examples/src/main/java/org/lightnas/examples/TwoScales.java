package org.lightnas.examples;

import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.lightnas.FeatureShape;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.Op;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.activations.Activation;

/**
 * A space of one's own that is no chain: after a stem, one choice looks at fine detail and another
 * at coarse, side by side; a third works on both together.
 */
public record TwoScales(FeatureShape input, int classes) implements SearchSpace {

  @Override
  public String name() {
    return "two-scales";
  }

  @Override
  public List<Choice> choices() {
    return List.of(
        new Choice("fine", List.of(new MbConv(3, 3, 16, 2), new SkipConnect(16, 2))),
        new Choice("coarse", List.of(new MbConv(7, 3, 16, 2), new SkipConnect(16, 2))),
        new Choice("both", List.of(new NormalisedConv(3, 32), new MbConv(5, 3, 32, 1))));
  }

  @Override
  public List<Link> links() {
    return List.of(new Link(0, 2), new Link(1, 2));
  }

  @Override
  public ComputationGraphConfiguration toConfiguration(Architecture a) {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .graphBuilder()
            .addInputs("in")
            .setInputTypes(
                InputType.convolutional(input.height(), input.width(), input.channels()));
    Op stemOp = new ConvBnAct(3, 16, 1);
    String stem = stemOp.addTo(graph, "stem", "in", input);
    FeatureShape shape = stemOp.outputShape(input);
    String fine = add(a, 0, graph, stem, shape);
    String coarse = add(a, 1, graph, stem, shape);
    graph.addVertex("merge", new MergeVertex(), fine, coarse);
    String both = add(a, 2, graph, "merge", shape.strided(2).withChannels(32));
    return graph
        .addLayer("pool", new GlobalPoolingLayer.Builder(PoolingType.AVG).build(), both)
        .addLayer(
            "out",
            new OutputLayer.Builder().nIn(32).nOut(classes).activation(Activation.SOFTMAX).build(),
            "pool")
        .setOutputs("out")
        .build();
  }

  private String add(Architecture a, int choice, GraphBuilder graph, String from, FeatureShape in) {
    Op op = (Op) a.candidate(choice);
    return op.addTo(graph, choices().get(choice).name() + "/" + op.weightKey(), from, in);
  }
}
