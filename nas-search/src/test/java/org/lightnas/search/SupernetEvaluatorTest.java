package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.DivergedSearchException;
import org.lightnas.FeatureShape;
import org.lightnas.InterruptedRunException;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.data.Pixels;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.Op;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.ShuffleUnit;
import org.lightnas.space.op.ShuffleXception;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.activations.Activation;

class SupernetEvaluatorTest {

  private static final ImageData IMAGES = Tiny.images(240, 6);

  /** Two units that share weights between widths, a third that does not, a skip. */
  private static final LayeredSpace WIDTHS =
      LayeredSpace.named("widths", Tiny.INPUT, Tiny.CLASSES)
          .stem(new ConvBnAct(3, 8, 1, Activation.RELU))
          .choice("a", new ShuffleUnit(3, 0.5, 12, 2), new ShuffleUnit(3, 1, 12, 2))
          .choice(
              "b",
              new ShuffleXception(1, 12, 1),
              new ShuffleXception(0.5, 12, 1),
              new ShuffleUnit(3, 1, 12, 1),
              new SkipConnect(12, 1))
          .build();

  private static SupernetEvaluator.Builder evaluator(LayeredSpace space) {
    return SupernetEvaluator.builder(space.on(IMAGES))
        .batchSize(16)
        .learningRate(0.05)
        .augmentation(Augmentation.none())
        .validation(0.3)
        .batchNormReestimation(3)
        .seed(7);
  }

  private static List<Double> scores(SupernetEvaluator accuracy) {
    List<Double> scores = new ArrayList<>();
    for (int k = 0; k < 8; k++) {
      scores.add(accuracy.score(WIDTHS.architecture(k % 2, k / 2)));
    }
    return scores;
  }

  /** What is trained is what is scored: all paths that see the pattern learn it. */
  @Test
  void everyWidthLearnsFromStepsOfOtherWidths() {
    try (SupernetEvaluator accuracy = evaluator(WIDTHS).build()) {
      List<Double> before = scores(accuracy);
      accuracy.train(150);
      List<Double> after = scores(accuracy);
      assertThat(before).allSatisfy(score -> assertThat(score).isLessThan(70));
      assertThat(after).allSatisfy(score -> assertThat(score).isGreaterThan(75));
      assertThat(accuracy.step()).isEqualTo(150);
    }
  }

  @Test
  void scoresAreTheSameInAnyOrderAndFromAnyRun() {
    try (SupernetEvaluator one = evaluator(WIDTHS).build();
        SupernetEvaluator other = evaluator(WIDTHS).build()) {
      one.train(20);
      other.train(20);
      List<Double> scores = scores(one);
      assertThat(scores(one)).isEqualTo(scores);
      for (int k = 7; k >= 0; k--) {
        assertThat(other.score(WIDTHS.architecture(k % 2, k / 2))).isEqualTo(scores.get(k));
      }
      assertThat(scores.stream().distinct().count()).isGreaterThan(2);
      assertThat(one.name()).isEqualTo("supernet accuracy (%)");
      assertThat(one.kernels()).isNotBlank();
    }
  }

  @Test
  void goesOnWhereItStopped() {
    try (SupernetEvaluator whole = evaluator(WIDTHS).build();
        SupernetEvaluator first = evaluator(WIDTHS).build();
        SupernetEvaluator second = evaluator(WIDTHS).build()) {
      whole.train(24);
      first.train(WIDTHS::sample, 0, 24, 1, progress -> {});
      Map<String, double[]> end = first.state();
      try (SupernetEvaluator begun = evaluator(WIDTHS).build()) {
        // Half of the same training, stopped by an interruption.
        Thread searching = Thread.currentThread();
        int[] drawn = new int[1];
        assertThatExceptionOfType(InterruptedRunException.class)
            .isThrownBy(
                () ->
                    begun.train(
                        random -> {
                          if (++drawn[0] == 10) {
                            searching.interrupt();
                          }
                          return WIDTHS.sample(random);
                        },
                        0,
                        24,
                        1,
                        progress -> {}))
            .withMessage("The training of the supernet was interrupted at step 10 of 24.");
        assertThat(Thread.interrupted()).isTrue();
        second.restore(begun.step(), begun.state());
      }
      second.train(WIDTHS::sample, second.step(), 24, 1, progress -> {});
      second.state().forEach((name, values) -> assertThat(values).isEqualTo(end.get(name)));
      assertThat(scores(second)).isEqualTo(scores(whole));
    }
  }

  /** Weights of the widest are the space's, whichever path comes first. */
  @Test
  void theOrderOfPathsDoesNotDecideOnInitialWeights() {
    int[] labels = new int[16];
    Pixels nhwc = new Pixels.Floats(Tiny.batch(IMAGES, 16, labels));
    Architecture narrow = WIDTHS.architecture(0, 1);
    try (Supernet one = new Supernet(WIDTHS, 16, 5, 0.1, Supernet.Abilities.plain(false), 1 << 20);
        Supernet other =
            new Supernet(WIDTHS, 16, 5, 0.1, Supernet.Abilities.plain(false), 1 << 20)) {
      other.loss(WIDTHS.architecture(1, 0), nhwc, labels, 0);
      assertThat(one.loss(narrow, nhwc, labels, 0)).isEqualTo(other.loss(narrow, nhwc, labels, 0));
      MemoryEstimate needed = one.memoryNeeded();
      for (Architecture path : PlainSpace.all(WIDTHS)) {
        one.train(path, nhwc, labels, 0, 0.01);
      }
      assertThat(needed.weightBytes()).isEqualTo(one.memoryTaken().weightBytes());
    }
  }

  @Test
  void aLossThatIsNoNumberStopsTheTraining() {
    try (SupernetEvaluator accuracy = evaluator(WIDTHS).learningRate(1e30).build()) {
      assertThatExceptionOfType(DivergedSearchException.class)
          .isThrownBy(() -> accuracy.train(50))
          .withMessageMatching(
              "(?s)The supernet's loss is NaN at step \\d+ of 50, of path shuffle3w\\S+\\.\n"
                  + "Maybe lower the learning rate \\(1\\.00e\\+30 at its peak\\) or check the"
                  + " images\\.");
    }
  }

  @Test
  void refusesNonsense() {
    SupernetEvaluator.Builder builder = SupernetEvaluator.builder(WIDTHS.on(IMAGES));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.batchSize(1))
        .withMessage(
            "A batch must hold at least 2 images for batch norm to have statistics, but holds 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.learningRate(Double.NaN))
        .withMessage("The learning rate must be a positive number, but is NaN.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.validation(1))
        .withMessage("The share held out must be between 0 and 1, but is 1.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.batchNormReestimation(0))
        .withMessage("Batch norms need at least 1 batch, but are given 0.");
    try (SupernetEvaluator accuracy = evaluator(WIDTHS).build()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> accuracy.train(0))
          .withMessage("There must be steps to train, but from 0 to 0.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> accuracy.train(WIDTHS::sample, 0, 1, 0, progress -> {}))
          .withMessage("The share of the learning rate must be a positive number, but is 0.0.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> accuracy.restore(-1, Map.of()))
          .withMessage("Steps are counted from 0, but this one is -1.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> accuracy.restore(1, Map.of()))
          .withMessageMatching(
              "The state holds no '\\S+' of space 'widths'\\.\nMaybe it is of another space\\.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> accuracy.score(Tiny.SPACE.uniform(0)))
          .withMessageEndingWith("belongs to space 'tiny', not to 'widths'.");
    }
  }

  /** Two operations that only claim to share their weights. */
  @Test
  void refusesWeightsThatDoNotFitBeforeAnythingIsTrained() {
    record Claimed(int kernel, int channels) implements Op {
      @Override
      public String id() {
        return "claimed" + kernel;
      }

      @Override
      public String weightKey() {
        return "claimed";
      }

      @Override
      public FeatureShape outputShape(FeatureShape in) {
        return in.withChannels(channels);
      }

      @Override
      public String addTo(GraphBuilder graph, String name, String input, FeatureShape in) {
        String last = new ConvBnAct(kernel, 4, 1).addTo(graph, name + "/1", input, in);
        return new ConvBnAct(4 - kernel, channels, 1)
            .addTo(graph, name + "/2", last, in.withChannels(4));
      }
    }
    LayeredSpace space =
        LayeredSpace.named("claims", Tiny.INPUT, Tiny.CLASSES)
            .choice("a", new Claimed(1, 8), new Claimed(3, 8))
            .build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluator(space).build())
        .withMessageContaining("is needed as")
        .withMessageContaining("Maybe give the two operations different weight keys.");
  }

  @TempDir private Path folder;

  /** The checkpoint of a search on one level. */
  private Path surged(int steps) {
    SurgeNas.builder()
        .steps(steps)
        .identityMapping(true)
        .batchSize(16)
        .learningRate(0.05)
        .augmentation(Augmentation.none())
        .checkpoints(folder)
        .build()
        .search(Tiny.SPACE.on(IMAGES), Constraint.atMost(6.5, Tiny.TABLE));
    return folder.resolve("last.ckpt");
  }

  /** All that a search has learned, but for its identity mappings. */
  private static Map<String, double[]> learned(Path file) {
    Map<String, double[]> tensors =
        new LinkedHashMap<>(StateFile.read(file, SearchState.Position.class).tensors());
    tensors.keySet().removeIf(name -> name.contains("/mapped/"));
    return tensors;
  }

  /** The weights of a search, judged on images that it never saw. */
  @Test
  @Tag("slow")
  void takesOverWhatASearchLearned() {
    Path file = surged(60);
    try (SupernetEvaluator fresh = judged(Tiny.SPACE, false);
        SupernetEvaluator taught = judged(Tiny.SPACE, false)) {
      taught.load(file);
      assertThat(taught.step()).isEqualTo(60);
      Map<String, double[]> taken = taught.state();
      assertThat(taken)
          .containsOnlyKeys(learned(file).keySet())
          .containsKeys("value/one/k3e2/expand/W", "value/one/k5e2/expand/W");
      learned(file)
          .forEach((name, values) -> assertThat(taken.get(name)).as(name).isEqualTo(values));
      double before = 0;
      double after = 0;
      for (Architecture architecture : PlainSpace.all(Tiny.SPACE)) {
        before += fresh.score(architecture) / 18;
        after += taught.score(architecture) / 18;
      }
      assertThat(after).isGreaterThan(before + 15);
    }
    try (SupernetEvaluator other = judged(Tiny.BLIND, true)) {
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> other.load(file))
          .withMessageMatching(
              "Checkpoint '.*' holds no weights '.*/W' of space 'blind'\\.\nMaybe make the evaluator"
                  + " for the space whose networks shared the weights\\.");
    }
  }

  /** Else smaller operations would be scored with parts of larger ones, and not with their own. */
  @Test
  void refusesWeightsOfOperationsThatItHasAsPartsOfOthers() {
    Path file = surged(2);
    try (SupernetEvaluator sharing = judged(Tiny.SPACE, true)) {
      Map<String, double[]> before = sharing.state();
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> sharing.load(file))
          .withMessageMatching(
              "Checkpoint '.*' holds weights '(one|two)/k3e2/expand/W', which are none of this"
                  + " evaluator of space 'tiny'\\.\nMaybe make the evaluator for the space whose"
                  + " networks shared the weights, or with sharedKernels\\(false\\)\\.");
      Map<String, double[]> after = sharing.state();
      before.forEach((name, values) -> assertThat(after.get(name)).as(name).isEqualTo(values));
      assertThat(sharing.step()).isZero();
    }
  }

  @Test
  void takesOverSharedKernelsOnlyWhereItSharesThemToo() {
    Tiny.search()
        .steps(2)
        .checkpoints(folder)
        .build()
        .search(Tiny.SPACE.on(IMAGES), Constraint.atMost(6.5, Tiny.TABLE));
    Path file = folder.resolve("last.ckpt");
    try (SupernetEvaluator sharing = judged(Tiny.SPACE, true);
        SupernetEvaluator single = judged(Tiny.SPACE, false)) {
      sharing.load(file);
      Map<String, double[]> taken = sharing.state();
      assertThat(taken).containsOnlyKeys(learned(file).keySet());
      learned(file)
          .forEach((name, values) -> assertThat(taken.get(name)).as(name).isEqualTo(values));
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> single.load(file))
          .withMessage(
              "Checkpoint '"
                  + file
                  + "' holds no weights 'one/k3e2/expand/W' of space 'tiny'.\nMaybe make the"
                  + " evaluator for the space whose networks shared the weights, or with"
                  + " sharedKernels(true).");
    }
  }

  private static SupernetEvaluator judged(SearchSpace space, boolean shared) {
    return SupernetEvaluator.builder(space.on(IMAGES))
        .batchSize(16)
        .sharedKernels(shared)
        .judgedOn(Tiny.images(60, 60).test())
        .build();
  }

  @Test
  void refusesToJudgeOnOtherImages() {
    ImageData other = ImageData.generated(40, 10, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SupernetEvaluator.builder(Tiny.SPACE.on(IMAGES)).judgedOn(other.train()))
        .withMessage(
            "Images to judge on are of 3x24x24 in 10 classes, but those to train on of 3x12x12 in"
                + " 3.");
  }

  /** So that a search does not go on with scores of another supernet. */
  @Test
  void saysWhatDecidesItsScores() {
    try (SupernetEvaluator one = evaluator(WIDTHS).build();
        SupernetEvaluator other = evaluator(WIDTHS).seed(5).build()) {
      Map<String, String> before = one.settings();
      assertThat(before)
          .containsEntry("supernet steps", "0")
          .containsKeys("supernet images", "supernet images held out");
      assertThat(other.settings()).isNotEqualTo(before);
      one.train(1);
      assertThat(one.settings()).isNotEqualTo(before).containsEntry("supernet steps", "1");
    }
  }
}
