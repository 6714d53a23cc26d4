package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Trainer;

class GraftTrainingTest {

  private static GraftTraining of(int epochs, UnaryOperator<Trainer.Builder> settings) {
    return new GraftTraining(epochs, 1, 1, settings, null);
  }

  @Test
  void activationsBendLessAndLessOverTheFirstFifthOfTheEpochs() {
    assertThat(GraftTraining.shares(1)).isEmpty();
    assertThat(GraftTraining.shares(2)).containsExactly(0.5);
    assertThat(GraftTraining.shares(5)).containsExactly(0.5);
    assertThat(GraftTraining.shares(20)).containsExactly(0.2, 0.4, 0.6, 0.8);
  }

  @Test
  void roundsShareTheEpochs() {
    GraftTraining training = new GraftTraining(11, 3, 1, t -> t, null);
    assertThat(training.epochs(1)).isEqualTo(3);
    assertThat(training.epochs(2)).isEqualTo(4);
    assertThat(training.epochs(3)).isEqualTo(4);
    assertThat(of(5, t -> t).epochs(1)).isEqualTo(5);
  }

  @Test
  @Tag("slow")
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
              .train(
                  space,
                  network,
                  network,
                  new GraftTraining.Round(1, "all", space.uniform(0), mask),
                  images);
      assertThat(LayerGraph.read(trained.getConfiguration())).isEqualTo(LayerGraph.of(space, mask));
      Networks.close(trained);
    }
    assertThat(network.params()).isEqualTo(before);
    Networks.close(network);
  }

  @Test
  void foldersOfDeepNetworksHaveNamesThatFileSystemsTake() {
    assertThat(GraftTraining.folderName("none-all")).isEqualTo("none-all");
    String deep = "none-".repeat(60);
    assertThat(GraftTraining.folderName(deep + "all"))
        .hasSizeLessThan(130)
        .startsWith("none-")
        .isNotEqualTo(GraftTraining.folderName(deep + "none"));
  }
}
