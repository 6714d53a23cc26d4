package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;

class MaskScoresTest {

  /** Four labels cannot rank better than chance with any certainty. */
  @Test
  void slopesScoreWhereAccuraciesAreNotPredicted() {
    ImageData images = ImageData.generated(128, 8, 1);
    LayeredSpace pair =
        LayeredSpace.named("pair", images.shape(), images.classes())
            .stem(new ConvBnAct(3, 8, 2))
            .choice("one", new MbConv(3, 2, 8, 2))
            .choice("two", new MbConv(3, 2, 8, 1))
            .build();
    ComputationGraph network = pair.network(pair.uniform(0), 1);
    GraftingSpace space = GraftingSpace.of(network);
    Evaluator scores =
        new MaskScores(() -> MaskLearner.builder().labels(4).steps(1).sources(1, 1, 4), 1)
            .of(space, network, network, images);
    assertThat(scores.name()).isEqualTo("slopes");
    assertThat(scores.score(space.uniform(0))).isZero();
    double one = scores.score(space.architecture(1, 0));
    double two = scores.score(space.architecture(0, 1));
    assertThat(one).isNegative();
    assertThat(two).isNegative().isNotEqualTo(one);
    assertThat(scores.score(space.uniform(1))).isEqualTo(one + two);
    network.close();
  }
}
