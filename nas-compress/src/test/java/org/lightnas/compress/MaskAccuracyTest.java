package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.PoorPredictorException;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Kendall;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.zoo.MobileNetV2;

class MaskAccuracyTest {

  private static final GraftingSpace SPACE = space();

  private static final List<Architecture> OTHERS = others();

  private static GraftingSpace space() {
    LayeredSpace mobile = MobileNetV2.of(0.25, new FeatureShape(3, 32, 32), 10);
    return GraftingSpace.of(LayerGraph.of(mobile, mobile.uniform(0)));
  }

  private static List<Architecture> others() {
    RandomGenerator random = Seeds.random(9, "held back", 0);
    return Stream.generate(() -> SPACE.sample(random)).limit(200).toList();
  }

  /** Accuracies of a task: what blocks cost, alone, beside each other, and noise. */
  private static final class Task {
    private final double[] cost = new double[SPACE.choices().size()];
    private final RandomGenerator random;
    private final double noise;

    /** Like {@code common}, but for {@code own} of each block's cost. */
    Task(double[] common, double own, double noise, long seed) {
      this.random = Seeds.random(seed, "task", 0);
      this.noise = noise;
      Arrays.setAll(cost, l -> common[l] + own * random.nextGaussian());
    }

    double accuracy(Architecture mask) {
      double accuracy = 80;
      for (int l = 0; l < cost.length; l++) {
        accuracy -= mask.pick(l) == 0 ? 0 : cost[l];
      }
      return accuracy;
    }

    List<LabelledMask> tried(int count) {
      List<LabelledMask> tried = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Architecture mask = SPACE.sample(random);
        tried.add(new LabelledMask(mask, accuracy(mask) + noise * random.nextGaussian()));
      }
      return tried;
    }

    double tau(MaskAccuracy model) {
      return new Kendall(
              OTHERS.stream().mapToDouble(model::predict).toArray(),
              OTHERS.stream().mapToDouble(this::accuracy).toArray())
          .tau();
    }
  }

  private static double[] common(long seed) {
    RandomGenerator random = Seeds.random(seed, "common", 0);
    return random.doubles(SPACE.choices().size(), 0, 3).toArray();
  }

  private static MaskAccuracy.Prior learned(double[] common) {
    List<List<LabelledMask>> tasks = new ArrayList<>();
    for (int t = 0; t < 5; t++) {
      tasks.add(new Task(common, 0.4, 0.5, 10 + t).tried(60));
    }
    return MaskAccuracy.Prior.learned(SPACE, tasks);
  }

  @Test
  @Tag("slow")
  void whatOtherTasksTaughtHelpsWhereLabelsAreFew() {
    double gain = 0;
    for (int seed = 0; seed < 5; seed++) {
      double[] common = common(seed);
      Task target = new Task(common, 0.4, 1.5, 100 + seed);
      List<LabelledMask> tried = target.tried(20);
      double taught = target.tau(MaskAccuracy.adapted(SPACE, learned(common), tried));
      double alone =
          target.tau(MaskAccuracy.adapted(SPACE, MaskAccuracy.Prior.untaught(SPACE), tried));
      assertThat(taught).isGreaterThan(0.7);
      gain += (taught - alone) / 5;
    }
    assertThat(gain).isGreaterThan(0.1);
  }

  @Test
  @Tag("slow")
  void aTaskUnlikeTheOthersIsLearnedAlone() {
    Task strange = new Task(common(77), 0, 0.1, 5);
    List<LabelledMask> tried = strange.tried(40);
    double[] opposite = Arrays.stream(common(77)).map(c -> 3 - c).toArray();
    double alone =
        strange.tau(MaskAccuracy.adapted(SPACE, MaskAccuracy.Prior.untaught(SPACE), tried));
    assertThat(strange.tau(MaskAccuracy.adapted(SPACE, learned(opposite), tried)))
        .isCloseTo(alone, within(0.05));
    assertThat(alone).isGreaterThan(0.7);
  }

  @Test
  @Tag("slow")
  void withManyLabelsAndLittleNoiseItPredictsAccuracies() {
    Task task = new Task(common(3), 0, 0.01, 5);
    MaskAccuracy model =
        MaskAccuracy.adapted(SPACE, MaskAccuracy.Prior.untaught(SPACE), task.tried(200));
    for (Architecture mask : OTHERS) {
      assertThat(model.predict(mask)).isCloseTo(task.accuracy(mask), within(0.3));
    }
  }

  @Test
  void tellsByItsOwnLabelsHowWellItRanks() {
    Task task = new Task(common(3), 0, 0.5, 5);
    MaskAccuracy model =
        MaskAccuracy.adapted(SPACE, MaskAccuracy.Prior.untaught(SPACE), task.tried(50));
    assertThat(model.tau()).isCloseTo(task.tau(model), within(0.15));
    assertThat(model.steers()).isTrue();
    assertThat(model.tried()).hasSize(50);
    assertThat(model.score(OTHERS.get(0))).isEqualTo(model.predict(OTHERS.get(0)));
    assertThat(model.name()).isEqualTo("predicted accuracy (%)");
    assertThat(model.toString())
        .matches("accuracy of 50 masks tried, Kendall tau 0\\.\\d\\d \\(95 %: 0.* to 0.*\\)");
  }

  @Test
  @Tag("slow")
  void refusesToSteerByNoise() {
    int refused = 0;
    for (int seed = 0; seed < 20; seed++) {
      Task noise = new Task(new double[SPACE.choices().size()], 0, 1, seed);
      MaskAccuracy model =
          MaskAccuracy.adapted(SPACE, MaskAccuracy.Prior.untaught(SPACE), noise.tried(20));
      refused += model.steers() ? 0 : 1;
      if (!model.steers()) {
        assertThatExceptionOfType(PoorPredictorException.class)
            .isThrownBy(() -> model.score(OTHERS.get(0)))
            .withMessageMatching(
                "The accuracy predictor ranks masks no better than chance: Kendall tau .* \\(95 %: .*"
                    + " to .*\\) on 20 masks, each predicted from the others\\.\n"
                    + "Maybe try more masks, judge them on more images, or choose by another"
                    + " rule\\.");
      }
    }
    assertThat(refused).isGreaterThanOrEqualTo(18);
  }

  @Test
  void aPriorAboutOtherMasksIsRefused() {
    List<LabelledMask> tried = new Task(common(3), 0, 0.5, 5).tried(8);
    LayeredSpace fewer =
        LayeredSpace.named("fewer", new FeatureShape(3, 32, 32), 10)
            .choice("one", new MbConv(3, 2, 8, 2))
            .choice("two", new MbConv(3, 2, 8, 1))
            .build();
    GraftingSpace shorter = GraftingSpace.of(LayerGraph.of(fewer, fewer.uniform(0)));
    MaskAccuracy.Prior few = MaskAccuracy.Prior.untaught(shorter);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskAccuracy.adapted(SPACE, few, tried))
        .withMessage(
            "The prior is of masks that choose from [] for block 3, but these choose from [none,"
                + " all].\n"
                + "Maybe learn it from tasks of this network, or take Prior.untaught(space).");
    MaskAccuracy.Prior more = MaskAccuracy.Prior.untaught(SPACE.joining(7));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskAccuracy.adapted(SPACE, more, tried))
        .withMessageMatching(
            "The prior is of masks that choose from \\[none, all, joined] for block \\d+, but these"
                + " choose from \\[none, all]\\.\n.*");
  }

  @Test
  void labelsThatDoNotDifferTeachNothing() {
    Architecture mask = SPACE.uniform(0);
    List<LabelledMask> same = Collections.nCopies(4, new LabelledMask(mask, 50));
    MaskAccuracy.Prior prior = MaskAccuracy.Prior.untaught(SPACE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskAccuracy.adapted(SPACE, prior, same))
        .withMessage(
            "Accuracies of 3 masks that do not differ teach nothing.\nMaybe try more masks, or"
                + " judge them on more images.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskAccuracy.adapted(SPACE, prior, same.subList(0, 3)))
        .withMessage("Accuracies of 3 masks are too few to learn from.\nMaybe try 20 or more.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskAccuracy.Prior.learned(SPACE, List.of(same)))
        .withMessage("What tasks have in common needs two tasks at least, but there is 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabelledMask(mask, Double.NaN))
        .withMessage(
            "The accuracy of mask %s must be from 0 to 100 percent, but is NaN.", mask.id());
  }
}
