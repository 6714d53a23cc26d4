package org.example;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.op.ConvBnAct;
import org.nd4j.linalg.activations.Activation;

/** Uses the library as someone outside of it would: its artifacts, an operation of our own. */
public final class Main {

  /** A plain convolution with bias and tanh. */
  private record TanhConv(int kernel, int channels) implements Op {

    @Override
    public String id() {
      return "tanh" + kernel;
    }

    @Override
    public FeatureShape outputShape(FeatureShape in) {
      return in.withChannels(channels);
    }

    @Override
    public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
      graph.addLayer(
          name,
          new ConvolutionLayer.Builder(kernel, kernel)
              .nIn(in.channels())
              .nOut(channels)
              .padding(kernel / 2, kernel / 2)
              .activation(Activation.TANH)
              .build(),
          input);
      return name;
    }
  }

  private Main() {}

  public static void main(String... args) {
    ImageData images = ImageData.generated(600, 200, 1);
    LayeredSpace space =
        LayeredSpace.named("consumer", images.shape(), images.classes())
            .stem(new ConvBnAct(3, 8, 4))
            .choice("first", new TanhConv(1, 8), new TanhConv(5, 8))
            .choice("second", new TanhConv(3, 16), new ConvBnAct(3, 16, 1))
            .build();
    LatencyTable latency = LatencyTable.of(space, 0.2, new double[][] {{0.1, 0.5}, {0.3, 0.4}});
    Constraint bound = Constraint.latency(latency.range().at(0.5), latency);

    SearchResult found = LightNas.searchOnce(space.on(images), bound);

    if (!found.verdict().satisfied() || !space.read(found.toJson()).equals(found.architecture())) {
      throw new AssertionError(found);
    }
    System.out.println("RESULT {\"found\": \"" + found + "\"}");
  }
}
