package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Trainer;

class GraftTrainingTest {

  private static GraftTraining of(int epochs, UnaryOperator<Trainer.Builder> settings) {
    return new GraftTraining(epochs, 1, settings, null);
  }

  @Test
  void activationsBendLessAndLessOverTheFirstFifthOfTheEpochs() {
    assertThat(of(1, t -> t).shares()).isEmpty();
    assertThat(of(2, t -> t).shares()).containsExactly(0.5);
    assertThat(of(5, t -> t).shares()).containsExactly(0.5);
    assertThat(of(20, t -> t).shares()).containsExactly(0.2, 0.4, 0.6, 0.8);
  }

  @Test
  void theResultIsLinearWhereTheMaskSaysAndTheOriginalIsUntouched() {
    ImageData images = ImageData.generated(32, 8, 1);
    LayeredSpace pair =
        LayeredSpace.named("pair", images.shape(), images.classes())
            .choice("one", new MbConv(3, 2, 8, 2))
            .choice("two", new MbConv(3, 2, 8, 1))
            .build();
    ComputationGraph network = pair.network(pair.uniform(0), 1);
    var before = network.params().dup();
    GraftingSpace space = GraftingSpace.of(network);
    Architecture mask = space.architecture(0, 1);
    for (int epochs : List.of(1, 3)) {
      ComputationGraph trained =
          of(epochs, t -> t.batchSize(16).batchNormReestimation(1))
              .train(space, network, mask, images);
      assertThat(LayerGraph.read(trained.getConfiguration())).isEqualTo(LayerGraph.of(space, mask));
      trained.close();
    }
    assertThat(network.params()).isEqualTo(before);
    network.close();
  }
}
