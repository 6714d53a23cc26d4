package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.Progress;
import org.lightnas.data.ImageData;
import org.lightnas.graph.Networks;
import org.lightnas.internal.NativeBytes;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.BasicBlock;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.TrainingListener;

class MaskScoresTest {

  private static ComputationGraph pair(ImageData images) {
    LayeredSpace pair =
        LayeredSpace.named("pair", images.shape(), images.classes())
            .stem(new ConvBnAct(3, 8, 2))
            .choice("one", new MbConv(3, 2, 8, 2))
            .choice("two", new MbConv(3, 2, 8, 1))
            .build();
    return pair.network(pair.uniform(0), 1);
  }

  /** Four labels cannot rank better than chance with any certainty. */
  @Test
  void slopesScoreWhereAccuraciesAreNotPredicted() {
    ImageData images = ImageData.generated(128, 8, 1);
    ComputationGraph network = pair(images);
    GraftingSpace space = GraftingSpace.of(network);
    Evaluator scores =
        new MaskScores(() -> MaskLearner.builder().labels(4).steps(1).sources(1, 1, 4), t -> t, 1)
            .of(space, network, network, images);
    assertThat(scores.name()).isEqualTo("slopes");
    assertThat(scores.score(space.uniform(0))).isZero();
    double one = scores.score(space.architecture(1, 0));
    double two = scores.score(space.architecture(0, 1));
    assertThat(one).isNegative();
    assertThat(two).isNegative().isNotEqualTo(one);
    assertThat(scores.score(space.uniform(1))).isEqualTo(one + two);
    Networks.close(network);
  }

  @Test
  void slopesAreTrainedAsTheCallerSays() {
    ImageData images = ImageData.generated(40, 8, 1);
    ComputationGraph network = pair(images);
    List<Long> steps = new ArrayList<>();
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress, double loss) {
            steps.add(progress.total());
          }
        };
    MaskScores scores =
        new MaskScores(
            () -> MaskLearner.builder().labels(4).steps(1),
            t -> t.batchSize(16).epochs(7).listener(counting),
            1);
    Evaluator own = scores.of(GraftingSpace.of(network), network, network, images);
    assertThat(own.name()).isEqualTo("slopes");
    assertThat(steps).containsExactly(2L, 2L);
    // By default a batch holds as many as there are, where these are few.
    Evaluator usual = Domino.slopes(1).apply(network, images);
    Architecture one = GraftingSpace.of(network).architecture(1, 0);
    assertThat(usual.score(one)).isNegative().isNotEqualTo(own.score(one));
    Networks.close(network);
  }

  /** The collector would free it too, some day. */
  @Test
  @Tag("slow")
  void trainingsThatFailGiveNativeMemoryBack() {
    assumeTrue(NativeBytes.live().isPresent(), "the C library does not tell what is allocated");
    ImageData images = ImageData.generated(16, 8, 1);
    LayeredSpace wide =
        LayeredSpace.named("wide", new FeatureShape(3, 8, 8), images.classes())
            .stem(new ConvBnAct(3, 256, 1))
            .choice("one", new BasicBlock(256, 1))
            .build();
    ComputationGraph network = wide.network(wide.uniform(0), 1);
    long before = 0;
    for (int i = 0; i <= 8; i++) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Domino.slopes(1).apply(network, images))
          .withMessageStartingWith("The network takes images of 3x8x8");
      before = i == 0 ? NativeBytes.live().orElseThrow() : before;
    }
    // Each time 4.7 MB of weights; what the collector has not come to yet is less.
    assertThat(NativeBytes.live().orElseThrow() - before).isLessThan(20L << 20);
    Networks.close(network);
  }
}
