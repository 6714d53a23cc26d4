package org.lightnas.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

class ValidationTest {

  private static final ImageData IMAGES = Stripes.images(300, 10);
  private static final LayeredSpace SPACE = Stripes.space();
  private static final Architecture ARCHITECTURE = SPACE.architecture(0, 0);
  private static final long SEED = 3;

  /** 100 images: one full batch of 64 and a smaller one. */
  private static final double SHARE = 1 / 3.0;

  private static final ImageSet HELD_OUT =
      IMAGES.train().split(1 - SHARE, Seeds.derive(SEED, "validation", 0)).get(1);

  private final List<TrainingListener.Epoch> epochs = new ArrayList<>();

  private Trainer.Builder quick() {
    return Trainer.builder()
        .batchSize(32)
        .augmentation(Augmentation.none())
        .batchNormReestimation(3)
        .validation(SHARE)
        .seed(SEED)
        .listener(
            new TrainingListener() {
              @Override
              public void onEpoch(Epoch epoch) {
                epochs.add(epoch);
              }
            });
  }

  private static TrainingListener.Validation of(TrainingListener.Epoch epoch) {
    return requireNonNull(epoch.validation());
  }

  private static float[] bits(ComputationGraph network) {
    return network.params().dup().data().asFloat();
  }

  @Test
  void handsOutTheBestEpochsNetworkJudgedAsItIsHandedOut() {
    for (double averaging : new double[] {0, 0.9}) {
      epochs.clear();
      // So fast that it goes up and down.
      ComputationGraph network =
          quick()
              .epochs(6)
              .averaging(averaging)
              .learningRate(0.6)
              .schedule(Schedule.constant())
              .build()
              .fit(ARCHITECTURE, IMAGES);
      assertThat(epochs).hasSize(6);
      TrainingListener.Validation best =
          epochs.stream()
              .map(ValidationTest::of)
              .max(Comparator.comparing(TrainingListener.Validation::accuracy))
              .orElseThrow();
      assertThat(Accuracy.of(network, HELD_OUT)).isEqualTo(best.accuracy()).isGreaterThan(50);
    }
  }

  @Test
  void lossAndAccuracyCountEveryImageOnce() {
    ComputationGraph network = quick().epochs(1).build().fit(ARCHITECTURE, IMAGES);
    assertThat(HELD_OUT.size()).isEqualTo(100);
    DataSet all = HELD_OUT.iterator(100).next();
    INDArray p = network.outputSingle(all.getFeatures());
    double loss = 0;
    int correct = 0;
    int[] best = p.argMax(1).toIntVector();
    for (int i = 0; i < 100; i++) {
      loss -= Math.log(p.getDouble(i, HELD_OUT.label(i))) / 100;
      correct += best[i] == HELD_OUT.label(i) ? 1 : 0;
    }
    assertThat(of(epochs.get(0)).loss()).isCloseTo(loss, within(1e-5));
    assertThat(of(epochs.get(0)).accuracy()).isEqualTo(correct);
  }

  /** With so small a rate nothing gets better than it was after the first epoch. */
  @Test
  void stopsEarlyWithTheFirstOfEquals() {
    ComputationGraph start = quick().epochs(4).build().fit(ARCHITECTURE, IMAGES);
    Trainer.Builder slow =
        quick().schedule(Schedule.constant()).warmup(0).learningRate(1e-9).averaging(0);
    epochs.clear();
    ComputationGraph stopped = slow.epochs(9).earlyStop(2).build().fit(start, IMAGES);
    assertThat(epochs).extracting(TrainingListener.Epoch::number).containsExactly(1, 2, 3);
    assertThat(epochs).allMatch(e -> of(e).accuracy() == of(epochs.get(0)).accuracy());
    ComputationGraph first = slow.epochs(1).build().fit(start, IMAGES);
    assertThat(bits(stopped)).isEqualTo(bits(first));
  }

  @Test
  void withoutValidationThereIsNoJudgementAndTheLastNetworkIsHandedOut() {
    quick().validation(0).epochs(1).build().fit(ARCHITECTURE, IMAGES);
    assertThat(epochs.get(0).validation()).isNull();
  }

  /** Judging must leave no trace in what goes on to be trained. */
  @Test
  void trainsTheSameWeightsWhetherItJudgesOrNot() {
    ImageData rest =
        ImageData.of(
            "rest",
            IMAGES.train().split(1 - SHARE, Seeds.derive(SEED, "validation", 0)).get(0),
            IMAGES.test());
    for (int estimation : new int[] {0, 3}) {
      epochs.clear();
      quick().epochs(3).batchNormReestimation(estimation).build().fit(ARCHITECTURE, IMAGES);
      List<TrainingListener.Epoch> judged = List.copyOf(epochs);
      epochs.clear();
      quick()
          .validation(0)
          .epochs(3)
          .batchNormReestimation(estimation)
          .build()
          .fit(ARCHITECTURE, rest);
      for (int i = 0; i < 3; i++) {
        assertThat(judged.get(i).loss()).isEqualTo(epochs.get(i).loss());
      }
    }
  }

  @Test
  void saysHowLongItReadImages() {
    quick().epochs(2).build().fit(ARCHITECTURE, IMAGES);
    for (TrainingListener.Epoch epoch : epochs) {
      assertThat(epoch.reading()).isPositive().isLessThan(epoch.progress().elapsed());
    }
  }
}
