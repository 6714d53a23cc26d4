package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.compress.GraftingSpace;
import org.lightnas.compress.LabelledMask;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.examples.bench.MetaBench.Ranks;
import org.lightnas.examples.bench.MetaBench.Settings;
import org.lightnas.examples.bench.MetaBench.Target;
import org.lightnas.examples.bench.MetaBench.Tried;
import org.lightnas.graph.Networks;
import org.lightnas.internal.Seeds;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.ResNet;

class MetaBenchTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 16, 16);

  private static GraftingSpace space(LayeredSpace zoo) {
    ComputationGraph network = zoo.network(zoo.uniform(0), 1);
    GraftingSpace space = GraftingSpace.of(network);
    Networks.close(network);
    return space;
  }

  /** Masks of a task in which each linear block costs about what it costs in all tasks. */
  private static List<LabelledMask> task(GraftingSpace space, int count, long seed) {
    RandomGenerator random = Seeds.random(seed, "task", 0);
    double[] cost = new double[space.choices().size()];
    Arrays.setAll(cost, l -> l * l % 7 + 0.3 * random.nextGaussian());
    Set<Architecture> masks = new LinkedHashSet<>();
    while (masks.size() < count) {
      masks.add(space.sample(random));
    }
    List<LabelledMask> tried = new ArrayList<>();
    for (Architecture mask : masks) {
      double accuracy = 90 + 1.5 * random.nextGaussian();
      for (int l = 0; l < cost.length; l++) {
        accuracy -= mask.pick(l) * cost[l] / 2;
      }
      tried.add(new LabelledMask(mask, Math.max(0, Math.min(100, accuracy))));
    }
    return tried;
  }

  @Test
  void estimatesEveryTargetOfItsDefault() {
    ImageSet images = ImageData.generated(100, 50, 1).train();
    Settings settings = Settings.ofProperties();
    assertThat(settings.targets()).extracting(Target::name).contains("cifar10", "animals", "small");
    for (Target target : settings.targets()) {
      assertThat(MetaBench.minutes(target, images, settings)).as(target.name()).isPositive();
      assertThat(target.images(images).classes()).isEqualTo(target.classes().length);
    }
  }

  @Test
  @Tag("slow")
  void tellsWhatWasLearnedFromLikeTasks() {
    GraftingSpace space = space(MobileNetV2.of(0.25, IMAGE, 10));
    Tried tried =
        new Tried(
            task(space, 100, 1),
            List.of(task(space, 60, 2), task(space, 60, 3), task(space, 60, 4)));
    List<Ranks> ranks = MetaBench.ranks(tried, 20, 5);
    assertThat(ranks).hasSize(5);
    Map<String, Object> summary = MetaBench.summary("like", 20, ranks);
    assertThat((double) summary.get("tau_meta")).isGreaterThan(0.55);
    assertThat((double) summary.get("tau_meta") - (double) summary.get("tau_untaught"))
        .isGreaterThan(0.1);
    assertThat((double) summary.get("tau_ridge")).isBetween(0.2, 0.6);
    assertThat(MetaBench.ranks(tried, 20, 5)).isEqualTo(ranks);
  }

  @Test
  @Tag("slow")
  void ridgeFindsALinearFunction() {
    GraftingSpace space = space(ResNet.of(50, 0.25, IMAGE, 10));
    RandomGenerator random = Seeds.random(1, "masks", 0);
    Architecture[] masks = new Architecture[300];
    Arrays.setAll(masks, i -> space.sample(random));
    double[] accuracies = Arrays.stream(masks).mapToDouble(MetaBenchTest::linear).toArray();
    BitRidge ridge = BitRidge.fit(masks, accuracies);
    for (int i = 0; i < 20; i++) {
      Architecture mask = space.sample(random);
      assertThat(ridge.predict(mask)).isCloseTo(linear(mask), within(0.02));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BitRidge.fit(new Architecture[1], new double[1]))
        .withMessage("A ridge needs two labels, but has 1.");
  }

  private static double linear(Architecture mask) {
    double sum = 50;
    for (int l = 0; l < mask.picks().length; l++) {
      sum += Math.sin(10 * l + mask.pick(l));
    }
    return sum;
  }

  @Test
  void labelsAreKeptInOrder(@TempDir Path folder) throws IOException {
    GraftingSpace space = space(MobileNetV2.of(0.25, IMAGE, 10));
    MaskLabels.Key key = new MaskLabels.Key("data 1", "task", "steps 3");
    List<LabelledMask> tried = task(space, 5, 1);
    Path file = folder.resolve("masks.jsonl");
    ResultsFile.open(file, new MaskLabels.Format()).add(MaskLabels.of(key, tried));
    MaskLabels read = ResultsFile.open(file, new MaskLabels.Format()).find(key).orElseThrow();
    assertThat(read.in(space)).isEqualTo(tried);
    Files.writeString(
        file,
        Files.readString(file).replaceFirst("\"labels\":\\{\"[^}]*\\}", "\"labels\":{\"1\":-3}"));
    assertThatExceptionOfType(ResultsFileException.class)
        .isThrownBy(() -> ResultsFile.open(file, new MaskLabels.Format()))
        .withMessageContaining("'labels' must hold percentages by picks, but has 1=-3.");
  }

  @Test
  void optionsAreChecked() {
    System.setProperty("sourceMasks", "3");
    assertThatIllegalArgumentException()
        .isThrownBy(MetaBench.Settings::ofProperties)
        .withMessage(
            "-DsourceMasks must be a whole number of at least 4, but is '3'.\nMaybe give"
                + " -DsourceMasks=60.");
    System.clearProperty("sourceMasks");
    System.setProperty("target", "dogs");
    assertThatIllegalArgumentException()
        .isThrownBy(MetaBench.Settings::ofProperties)
        .withMessage("There is no target 'dogs'.\nMaybe give -Dtarget=cifar10,animals,small.");
  }

  @AfterEach
  void forget() {
    System.clearProperty("sourceMasks");
    System.clearProperty("target");
  }
}
