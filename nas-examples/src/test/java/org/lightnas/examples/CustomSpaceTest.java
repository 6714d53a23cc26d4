package org.lightnas.examples;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchResult;
import org.lightnas.space.Architecture;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;
import org.lightnas.train.TrainingListener;

class CustomSpaceTest {

  @Test
  void theOwnOperationIsOneThatTheEngineLeavesToDl4j() {
    TwoScales space = new TwoScales(new FeatureShape(3, 16, 16), 4);
    LayerGraph graph = LayerGraph.of(space, space.architecture(0, 1, 0));
    assertThat(graph.nodes().stream().filter(Node.Opaque.class::isInstance).map(Node::name))
        .containsExactly("both/lrn3/lrn");
    assertThat(graph.node("merge").output()).isEqualTo(new FeatureShape(32, 8, 8));
    assertThat(space.size()).isEqualTo(8);
  }

  @Test
  @Tag("slow")
  void isSearchedAndTrained() {
    ImageData images = ImageData.generated(320, 100, 1);
    TwoScales space = new TwoScales(images.shape(), images.classes());
    Predictor macs = Predictor.of(space, Metric.MACS, a -> Cost.of(a).macs());
    // The largest networks do not fit, some with the own operation do.
    Constraint bound = Constraint.atMost(0.9 * Cost.of(space.uniform(0)).macs(), macs);
    SearchResult found =
        LightNas.builder().steps(12).batchSize(16).build().search(space.on(images), bound);
    assertThat(found.verdict().satisfied()).isTrue();
    assertThat(bound.admits(found.architecture())).isTrue();

    Architecture own = space.architecture(1, 1, 0);
    double[] losses = new double[2];
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onEpoch(Epoch epoch) {
            losses[epoch.number() == 1 ? 0 : 1] = epoch.loss();
          }
        };
    ComputationGraph network =
        Trainer.builder().epochs(4).batchSize(16).listener(listener).build().fit(own, images);
    assertThat(losses[1]).isLessThan(losses[0]);
    assertThat(Accuracy.of(network, images.test())).isGreaterThan(15);
    Networks.close(network);
  }
}
