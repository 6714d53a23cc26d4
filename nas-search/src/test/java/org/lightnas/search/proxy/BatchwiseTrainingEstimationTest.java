package org.lightnas.search.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.DivergedSearchException;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.data.Augmentation;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.train.Schedule;

class BatchwiseTrainingEstimationTest {

  private static final Architecture A = Few.SPACE.architecture(0, 0, 0);
  private static final Architecture B = Few.SPACE.architecture(2, 1, 1);

  /** Sums of the same numbers in another order. */
  private static final double SAME = 1e-12;

  @Test
  void scoresTheMeanLossAfterTheBurnIn() {
    BatchwiseTrainingEstimation bte = Few.estimate().burnIn(0.25).build();
    double[] losses = bte.losses(A);
    assertThat(losses).hasSize(8).doesNotHaveDuplicates();
    double mean = Arrays.stream(losses, 2, 8).sum() / 6;
    assertThat(bte.score(A)).isCloseTo(-mean, within(SAME));
    assertThat(bte.score(B)).isNotEqualTo(bte.score(A));
    assertThat(bte.name()).isEqualTo("BTE of 8 batches (nats)");
  }

  @Test
  void learns() {
    double[] losses =
        Few.estimate()
            .batches(40)
            .learningRate(0.1)
            .augmentation(Augmentation.none())
            .build()
            .losses(A);
    double first = Arrays.stream(losses, 0, 8).average().orElseThrow();
    double last = Arrays.stream(losses, 32, 40).average().orElseThrow();
    // Guessing costs log 10 = 2.3.
    assertThat(last).isLessThan(first - 0.2);
  }

  @Test
  void aShortEstimateIsTheBeginningOfALongOne() {
    Schedule constant = Schedule.constant();
    BatchwiseTrainingEstimation eight = Few.estimate().schedule(constant).build();
    BatchwiseTrainingEstimation four = Few.estimate().schedule(constant).batches(4).build();
    assertThat(eight.score(A, 4)).isEqualTo(four.score(A));
    assertThat(eight.score(A, 8)).isEqualTo(eight.score(A));
    for (int batches : new int[] {0, 9}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> eight.score(A, batches))
          .withMessage(
              "An estimate of 8 batches holds those of 1 to 8, but %s were asked for.", batches);
    }
  }

  @Test
  void theRateFallsWithinTheBatches() {
    double[] falling = Few.estimate().build().losses(A);
    double[] constant = Few.estimate().schedule(Schedule.constant()).build().losses(A);
    // Both rise alike over two batches; the third step is the peak, the fourth is not.
    assertThat(Arrays.copyOf(falling, 4)).isEqualTo(Arrays.copyOf(constant, 4));
    assertThat(falling[4]).isNotEqualTo(constant[4]);
    double mean = Arrays.stream(falling, 4, 8).sum() / 4;
    assertThat(Few.estimate().build().score(A)).isCloseTo(-mean, within(SAME));
  }

  /** What is asked for as a warm-up may be longer than the training. */
  @Test
  void trainsForLessThanItsRise() {
    assertThat(Few.estimate().batches(1).build().score(A)).isLessThan(0);
    assertThat(Few.estimate().batches(2).warmup(10).build().losses(A)).hasSize(2);
  }

  @Test
  void isTheSameWhereverItIsAskedFor() throws Exception {
    BatchwiseTrainingEstimation bte = Few.estimate().seeds(2).build();
    List<Architecture> all = List.of(A, B, A.with(0, 1), B.with(1, 0), A, B);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<Double>> scores =
          all.stream().map(a -> threads.submit(() -> bte.score(a))).toList();
      BatchwiseTrainingEstimation alone = Few.estimate().seeds(2).build();
      for (int i = all.size() - 1; i >= 0; i--) {
        assertThat(scores.get(i).get()).isEqualTo(alone.score(all.get(i)));
      }
    } finally {
      threads.shutdown();
    }
    assertThat(Few.estimate().seeds(2).seed(6).build().score(A)).isNotEqualTo(bte.score(A));
  }

  /** A network that does not look at its images, only at how often classes come. */
  private static ComputationGraph blind(Architecture architecture) {
    ComputationGraph network = Few.SPACE.network(architecture, 1);
    network.getLayer("classifier").getParam("W").assign(0);
    for (int c = 0; c < Few.IMAGES.classes(); c++) {
      network.getLayer("classifier").getParam("b").putScalar(c, 0.3 * c * c);
    }
    return network;
  }

  @Test
  void showsAllNetworksTheSameBatchesInTheSameOrder() {
    BatchwiseTrainingEstimation.Builder still =
        Few.estimate().learningRate(1e-30).initialWeights(BatchwiseTrainingEstimationTest::blind);
    double[] losses = still.build().losses(A);
    assertThat(losses).doesNotHaveDuplicates();
    assertThat(still.build().losses(B)).isEqualTo(losses);
    assertThat(still.seed(9).build().losses(B)).isNotEqualTo(losses);
  }

  @Test
  void refusesWeightsOfAnotherNetwork() {
    BatchwiseTrainingEstimation bte =
        Few.estimate().initialWeights(a -> Few.SPACE.network(A, 1)).build();
    bte.score(A);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> bte.score(B))
        .withMessage(
            "The network that initial weights are taken from has other tensors than %s.\n"
                + "Maybe it was made for another architecture.",
            B.id());
  }

  @Test
  void aFunctionForWeightsThatFailsIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().initialWeights(a -> nothing()).build().score(A))
        .withMessage("The function for the initial weights of %s returned null.", A.id());
    BatchwiseTrainingEstimation failing =
        Few.estimate()
            .initialWeights(
                a -> {
                  throw new IllegalStateException("no file");
                })
            .build();
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> failing.score(A))
        .withMessageStartingWith(
            "The function for the initial weights of "
                + A.id()
                + " failed: java.lang.IllegalStateException: no file");
  }

  @SuppressWarnings("NullAway")
  private static ComputationGraph nothing() {
    return null;
  }

  /** So that a search does not go on with scores of other estimates. */
  @Test
  void saysWhatDecidesItsScores() {
    Map<String, String> settings = Few.estimate().build().settings();
    assertThat(settings)
        .containsEntry("images", Few.IMAGES.train().fingerprint())
        .containsEntry("reference", "none")
        .containsEntry("initial weights", "fresh");
    assertThat(Few.estimate().learningRate(0.06).build().settings()).isNotEqualTo(settings);
    assertThat(Few.estimate().schedule(Schedule.constant()).build().settings())
        .isNotEqualTo(settings);
    assertThat(Few.estimate().reference(A).build().settings()).containsEntry("reference", A.id());
    assertThat(Few.estimate().initialWeights(a -> blind(a)).build().settings())
        .containsEntry("initial weights", "by a function of the caller's");
  }

  @Test
  void aMovingAverageForgets() {
    BatchwiseTrainingEstimation bte = Few.estimate().movingAverage(0.5).burnIn(0.25).build();
    double[] losses = bte.losses(A);
    double average = losses[2];
    for (int t = 3; t < 8; t++) {
      average = (average + losses[t]) / 2;
    }
    assertThat(bte.score(A)).isCloseTo(-average, within(SAME));
    assertThat(Few.estimate().movingAverage(0.5).burnIn(0.25).build().score(A, 3))
        .isCloseTo(-(0.25 * losses[0] + 0.25 * losses[1] + 0.5 * losses[2]), within(SAME));
  }

  @Test
  void severalSeedsAreAveraged() {
    BatchwiseTrainingEstimation two = Few.estimate().seeds(2).build();
    double one = Few.estimate().build().score(A);
    assertThat(two.score(A)).isNotEqualTo(one);
    double[] first = Few.estimate().build().losses(A);
    double[] both = two.losses(A);
    double other = IntStream.range(4, 8).mapToDouble(t -> 2 * both[t] - first[t]).sum() / 4;
    assertThat(two.score(A)).isCloseTo((one - other) / 2, within(SAME));
  }

  @Test
  void isRelativeToAReference() {
    BatchwiseTrainingEstimation relative = Few.estimate().reference(B).build();
    BatchwiseTrainingEstimation plain = Few.estimate().build();
    assertThat(relative.score(B)).isEqualTo(-1);
    assertThat(relative.score(B, 3)).isEqualTo(-1);
    assertThat(relative.score(A)).isEqualTo(plain.score(A) / -plain.score(B));
    assertThat(relative.name()).isEqualTo("BTE of 8 batches (relative)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().reference(other().uniform(0)).build())
        .withMessageContaining("belongs to space 'other', not to 'few'.");
  }

  private static LayeredSpace other() {
    return LayeredSpace.named("other", Few.IMAGES.shape(), Few.IMAGES.classes())
        .stem(new ConvBnAct(3, 8, 4))
        .choice("only", new SkipConnect(8, 1))
        .build();
  }

  @Test
  void whatDivergesIsWorstOfAll() {
    BatchwiseTrainingEstimation wild = Few.estimate().learningRate(1e30).build();
    assertThat(wild.score(A)).isEqualTo(-1000);
    assertThat(wild.losses(A)[0]).isLessThan(10);
    assertThat(wild.losses(A)[7]).isEqualTo(1000);
    // Before it diverged it was a network like others.
    assertThat(wild.score(A, 1)).isGreaterThan(-10);
    Architecture reference = B;
    assertThatExceptionOfType(DivergedSearchException.class)
        .isThrownBy(() -> Few.estimate().learningRate(1e30).reference(reference).build().score(A))
        .withMessage(
            "The training of the reference network %s diverged, so nothing can be compared with it"
                + " (learning rate 1.0E30).\n"
                + "Maybe lower the learning rate, or take another reference.",
            reference.id());
  }

  @Test
  void stopsWhenInterrupted() {
    BatchwiseTrainingEstimation bte = Few.estimate().build();
    Thread.currentThread().interrupt();
    try {
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(() -> bte.score(A))
          .withMessage("The estimate of %s was interrupted at batch 0 of 8 and is lost.", A.id());
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(() -> bte.halve(List.of(A, B), 1));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(bte.score(A)).isEqualTo(Few.estimate().build().score(A));
  }

  @Test
  void refusesNonsense() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().batches(0))
        .withMessage("An estimate needs at least 1 batch, but has 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().batchSize(1))
        .withMessage(
            "A batch must hold at least 2 images for batch norm to have statistics, but holds 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().learningRate(0))
        .withMessage("The learning rate must be positive, but is 0.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().warmup(-1))
        .withMessage("The rate cannot rise over -1 batches.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().burnIn(1))
        .withMessage("The burn-in must be in [0, 1), but is 1.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().movingAverage(Double.NaN))
        .withMessage("A moving average must keep a share in [0, 1), but keeps NaN.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().seeds(0))
        .withMessage("There must be at least 1 seed, but there are 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().batchSize(161).build())
        .withMessage(
            "A batch of 161 images cannot be filled from the 160 training images of '%s'.\n"
                + "Maybe lower the batch size.",
            Few.IMAGES.name());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().build().score(other().uniform(0)))
        .withMessageContaining("belongs to space 'other', not to 'few'.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Few.estimate().build().losses(other().uniform(0)))
        .withMessageContaining("belongs to space 'other', not to 'few'.");
  }
}
