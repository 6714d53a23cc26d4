package org.lightnas.space.widths;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.random.RandomGenerator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.internal.Seeds;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.CostPredictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.Candidate;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.zoo.LightNasSpace;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.NasBench201Space;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class ChannelSpaceTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 24, 24);
  private static final LayeredSpace SMALL = LightNasSpace.small(IMAGE, 10);

  /** Expansions 3 and 6, a skip that is an identity. */
  private static final Architecture FOUND = SMALL.architecture(0, 1, 6, 3, 0, 1);

  private static final ChannelSpace WIDTHS = ChannelSpace.of(FOUND);

  private static List<String> ids(ChannelSpace space, String choice) {
    return space.choices().stream()
        .filter(c -> c.name().equals(choice))
        .flatMap(c -> c.candidates().stream())
        .map(Candidate::id)
        .toList();
  }

  @Test
  void everyLayerHasAChoiceOfWidthsOnMultiplesOfEightWithoutDuplicates() {
    assertThat(WIDTHS.choices().stream().map(Choice::name))
        .containsExactly(
            "stem.0.conv",
            "block1.k3e3.expand",
            "block2.k3e6.expand",
            "block2.k3e6.project",
            "block4.k5e6.expand",
            "block4.k5e6.project",
            "block5.k3e3.expand",
            "block6.k3e6.expand",
            "head.0.conv");
    assertThat(ids(WIDTHS, "stem.0.conv")).containsExactly("c8", "c16", "c24");
    assertThat(ids(WIDTHS, "block1.k3e3.expand"))
        .containsExactly("c24", "c32", "c40", "c48", "c56", "c64", "c72");
    assertThat(ids(WIDTHS, "head.0.conv"))
        .containsExactly("c64", "c80", "c96", "c112", "c128", "c144", "c160", "c176", "c192");
    assertThat(WIDTHS.choices().get(0).candidates()).allMatch(StageWidth.class::isInstance);
    assertThat(WIDTHS.choices().get(1).candidates()).allMatch(MidWidth.class::isInstance);
  }

  @Test
  void factorOneEverywhereIsTheFoundNetwork() {
    Architecture start = WIDTHS.start();
    assertThat(LayerGraph.of(WIDTHS, start)).isEqualTo(LayerGraph.of(SMALL, FOUND));
    assertThat(LayerGraph.read(WIDTHS.toConfiguration(start), IMAGE).parameters())
        .isEqualTo(LayerGraph.of(SMALL, FOUND).parameters());
    assertThat(Cost.of(start)).isEqualTo(Cost.of(FOUND));
    assertThat(WIDTHS.scaled(1)).isEqualTo(start);
    // By the seed, too: the same initial weights.
    ComputationGraph own = WIDTHS.network(start, 3);
    ComputationGraph found = SMALL.network(FOUND, 3);
    assertThat(own.params()).isEqualTo(found.params());
  }

  @Test
  void otherNetworksOfTheZooAndOfUsersHaveWidthsTheSameWay() {
    for (Architecture network :
        List.of(
            MobileNetV2.of(1, IMAGE, 10).uniform(0),
            LightNasSpace.imagenet().uniform(3),
            new NasBench201Space().uniform(3))) {
      ChannelSpace widths = ChannelSpace.of(network);
      assertThat(Cost.of(widths.start())).isEqualTo(Cost.of(network));
      Cost wide = Cost.of(widths.uniform(100));
      Cost narrow = Cost.of(widths.uniform(0));
      // Twice as wide or half as wide on both sides of nearly every layer: about 1.5^2 and 0.5^2.
      assertThat((double) wide.macs() / Cost.of(network).macs()).isBetween(1.8, 2.4);
      assertThat((double) narrow.macs() / Cost.of(network).macs()).isBetween(0.2, 0.5);
    }
  }

  @Test
  @Tag("slow")
  void candidatesAreNetworksThatRunAndThatConfigurationsSayTheSameOf() {
    RandomGenerator random = Seeds.random(5, "widths", 0);
    for (int i = 0; i < 6; i++) {
      Architecture drawn = WIDTHS.sample(random);
      assertThat(LayerGraph.read(WIDTHS.toConfiguration(drawn))).isEqualTo(WIDTHS.graph(drawn));
      ComputationGraph network = WIDTHS.network(drawn, i);
      INDArray answer = network.outputSingle(Nd4j.rand(2, 3, 24, 24));
      assertThat(answer.shape()).containsExactly(2, 10);
      assertThat(answer.sumNumber().doubleValue()).isCloseTo(2, within(1e-4));
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double value) {
    return org.assertj.core.api.Assertions.within(value);
  }

  @Test
  void isAnOrdinarySpace() {
    Architecture drawn = WIDTHS.sample(Seeds.random(1, "widths", 0));
    assertThat(WIDTHS.read(drawn.toJson())).isEqualTo(drawn);
    CostPredictor macs = CostPredictor.macs(WIDTHS);
    assertThat(macs.predict(drawn)).isEqualTo((double) Cost.of(drawn).macs());
    assertThat(Constraint.atMost((double) Cost.of(FOUND).macs(), macs).admits(WIDTHS.start()))
        .isTrue();
    assertThat(WIDTHS).isEqualTo(ChannelSpace.of(FOUND)).hasSameHashCodeAs(ChannelSpace.of(FOUND));
    assertThat(WIDTHS).isNotEqualTo(ChannelSpace.of(FOUND.with(0, 1)));
    assertThat(WIDTHS).isNotEqualTo(ChannelSpace.builder(FOUND).factors(0.5).build());
    assertThat(WIDTHS.name()).matches("lightnas-small-widths-[0-9a-f]{8}");
    assertThat(WIDTHS.name()).isNotEqualTo(ChannelSpace.of(FOUND.with(0, 1)).name());
    assertThat(WIDTHS.found()).isEqualTo(FOUND);
    assertThat(WIDTHS.classes()).isEqualTo(10);
    assertThat(WIDTHS).hasToString("widths of " + FOUND.id() + " (" + SMALL + ")");
  }

  @Test
  void scaledTakesTheNearestWidths() {
    Architecture wide = WIDTHS.scaled(1.3);
    // 20.8, 62.4 and 166.4.
    assertThat(wide.candidate(0).id()).isEqualTo("c24");
    assertThat(wide.candidate(1).id()).isEqualTo("c64");
    assertThat(wide.candidate(8).id()).isEqualTo("c160");
    assertThatThrownBy(() -> WIDTHS.scaled(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A factor of widths must be a positive number, but is 0.0.");
  }

  @Test
  void aWidthOffTheGridIsKept() {
    LayeredSpace odd =
        LayeredSpace.named("odd", IMAGE, 10)
            .stem(new ConvBnAct(3, 12, 1))
            .choice("a", new ConvBnAct(3, 20, 1))
            .build();
    ChannelSpace widths = ChannelSpace.of(odd.uniform(0));
    assertThat(ids(widths, "stem.0.conv")).containsExactly("c8", "c12", "c16");
    assertThat(Cost.of(widths.start())).isEqualTo(Cost.of(odd.uniform(0)));
    ChannelSpace every = ChannelSpace.builder(odd.uniform(0)).everyWidth(1, 2).build();
    assertThat(ids(every, "a.conv3.conv")).containsExactly("c20", "c24", "c32", "c40");
    assertThat(every.start().candidate(1).id()).isEqualTo("c20");
  }

  @Test
  void blocksAloneLeaveStagesAsTheyAre() {
    ChannelSpace inner = ChannelSpace.builder(FOUND).stages(false).build();
    assertThat(inner.choices()).hasSize(5).allMatch(c -> c.name().endsWith("expand"));
    LayerGraph wide = inner.graph(inner.uniform(100));
    assertThat(wide.node("stem/0/conv").output().channels()).isEqualTo(16);
    assertThat(wide.node("block1/k3e3/expand").output().channels()).isEqualTo(72);
  }

  @Test
  void resolutionIsAChoiceOfTheImagesThatNetworksTake() {
    ChannelSpace space = ChannelSpace.builder(FOUND).resolutions(32, 16).build();
    assertThat(ids(space, "resolution")).containsExactly("r16", "r24", "r32");
    assertThat(space.input()).isEqualTo(IMAGE);
    Architecture start = space.start();
    assertThat(space.input(start)).isEqualTo(IMAGE);
    assertThat(Cost.of(start)).isEqualTo(Cost.of(FOUND));
    Architecture small = start.with("resolution", "r16");
    assertThat(space.input(small)).isEqualTo(new FeatureShape(3, 16, 16));
    assertThat(Cost.of(small))
        .isEqualTo(
            Cost.of(
                LightNasSpace.small(new FeatureShape(3, 16, 16), 10).architecture(FOUND.picks())));
    ComputationGraph network = space.network(small, 1);
    assertThat(LayerGraph.read(network.getConfiguration()).input())
        .isEqualTo(new FeatureShape(3, 16, 16));

    assertThat(space.scaled(1.5).candidate(9).id()).isEqualTo("r24");
  }

  @Test
  void aTrainerResizesImagesToTheResolution() {
    FeatureShape twelve = new FeatureShape(3, 12, 12);
    ImageData images = ImageData.generated(64, 16, 1);
    SearchSpace large = LightNasSpace.small(images.shape(), images.classes());
    SearchSpace small = LightNasSpace.small(twelve, images.classes());
    ChannelSpace space = ChannelSpace.builder(large.uniform(6)).resolutions(12).build();
    Architecture start = space.start().with("resolution", "r12");
    Trainer trainer = Trainer.builder().epochs(1).batchSize(16).build();
    ComputationGraph network = trainer.fit(start, images);
    ComputationGraph same = trainer.fit(small.uniform(6), images.resized(twelve));
    assertThat(network.params()).isEqualTo(same.params());
    assertThat(Accuracy.of(network, images.test().resized(space.input(start))))
        .isEqualTo(Accuracy.of(same, images.test().resized(twelve)));
  }

  @Test
  void refusesWhatHasNoWidths() {
    ChoiceSpace bare =
        new ChoiceSpace() {
          @Override
          public String name() {
            return "bare";
          }

          @Override
          public List<Choice> choices() {
            return List.of(new Choice("a", List.of(() -> "x")));
          }
        };
    assertThatThrownBy(() -> ChannelSpace.of(bare.uniform(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Space 'bare' describes choices only, so its architectures have no widths.");
    LayeredSpace flat =
        LayeredSpace.named("flat", IMAGE, 10).choice("a", new ConvBnAct(3, 16, 1)).build();
    assertThatThrownBy(() -> ChannelSpace.builder(flat.uniform(0)).stages(false).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "No width of architecture conv3 of space 'flat' can be changed.\n"
                + "Maybe its layers are known to DL4J only, or stages are to be searched too.");
  }

  @Test
  void settersCheckWhatTheyAreGiven() {
    ChannelSpace.Builder builder = ChannelSpace.builder(FOUND);
    assertThatThrownBy(() -> builder.factors())
        .hasMessage("A width needs a factor to be multiplied by.");
    assertThatThrownBy(() -> builder.factors(1, Double.NaN))
        .hasMessage("A factor of widths must be above 0 and at most 64, but is NaN.");
    assertThatThrownBy(() -> builder.everyWidth(0.5, 65))
        .hasMessage("A factor of widths must be above 0 and at most 64, but is 65.0.");
    assertThatThrownBy(() -> builder.everyWidth(2, 1))
        .hasMessage("Widths cannot be from 2.0 to 1.0 of those found.");
    assertThatThrownBy(() -> builder.resolutions(0))
        .hasMessage("An image cannot have edges of 0 pixels.");
    LayeredSpace wide = LightNasSpace.small(new FeatureShape(3, 24, 32), 10);
    assertThatThrownBy(() -> ChannelSpace.builder(wide.uniform(0)).resolutions(24))
        .hasMessage("Resolutions are of square images, but space 'lightnas-small' takes 3x24x32.");
    assertThatThrownBy(() -> new StageWidth(0)).hasMessage("A stage cannot have 0 channels.");
    assertThatThrownBy(() -> new MidWidth(0)).hasMessage("A block cannot have 0 channels within.");
  }
}
