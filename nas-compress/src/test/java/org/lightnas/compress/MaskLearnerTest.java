package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageSet;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.graph.Window;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.zoo.MobileNetV2;
import org.lightnas.space.zoo.ResNet;
import org.lightnas.train.Trainer;

class MaskLearnerTest {

  private static final ImageSet IMAGES = ImageData.generated(900, 100, 1).train().shrunk(2);

  private static final LayeredSpace NETWORK =
      LayeredSpace.named("four", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 16, 1))
          .choice("down", new MbConv(3, 2, 16, 2))
          .choice("keep", new MbConv(3, 2, 16, 1))
          .choice("more", new MbConv(3, 2, 16, 1))
          .choice("last", new MbConv(3, 2, 16, 1))
          .build();

  @Test
  @Tag("slow")
  void learnsFromCheapTasksAndFromItsOwn() {
    ComputationGraph network =
        Trainer.builder()
            .epochs(3)
            .batchSize(32)
            .build()
            .fit(NETWORK.uniform(0), ImageData.of("small", IMAGES, IMAGES));
    MaskLearner.Builder settings =
        MaskLearner.builder().labels(8).steps(20).sources(1, 5, 6).seed(2);
    MaskAccuracy learned = settings.build().learn(network, IMAGES);
    assertThat(learned.tried()).hasSize(8);
    assertThat(learned.tried().stream().map(LabelledMask::mask).distinct()).hasSize(8);
    GraftingSpace space = GraftingSpace.of(network);
    // The prior may be taken over; the same seed says the same.
    MaskAccuracy again =
        settings
            .prior(
                MaskAccuracy.Prior.learned(space, settings.build().tryCheapTasks(network, IMAGES)))
            .build()
            .learn(network, IMAGES);
    for (int l = 0; l < 4; l++) {
      assertThat(again.predict(space.uniform(0).with(l, 1)))
          .isEqualTo(learned.predict(space.uniform(0).with(l, 1)));
    }
    Networks.close(network);
  }

  @Test
  void sourceTasksAreCheapAndHaveTheSameMasks() {
    List<SourceTask> tasks = SourceTask.of(new FeatureShape(3, 32, 32), 10);
    assertThat(tasks).hasSize(6);
    assertThat(tasks.get(0))
        .hasToString("classes [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], resolution 1/2, width 0.5");
    assertThat(tasks.get(3)).hasToString("classes [5, 6, 7, 8, 9], resolution 1/2, width 1.0");
    assertThat(tasks.get(5)).hasToString("classes [1, 3, 5, 7, 9], resolution 1/2, width 1.0");
    assertThat(SourceTask.of(new FeatureShape(3, 24, 31), 3)).hasSize(2);
    assertThat(SourceTask.of(new FeatureShape(3, 24, 31), 3).get(1))
        .hasToString("classes [0, 1, 2], resolution 1/1, width 1.0");
    for (LayeredSpace zoo :
        List.of(
            MobileNetV2.of(0.5, new FeatureShape(3, 32, 32), 10),
            ResNet.of(20, 1, new FeatureShape(3, 32, 32), 10),
            ResNet.of(50, 0.5, new FeatureShape(3, 32, 32), 10))) {
      LayerGraph graph = LayerGraph.of(zoo, zoo.uniform(0));
      LayerGraph small = Resized.of(graph, new FeatureShape(3, 16, 16), 4, 0.5);
      assertThat(LayerGraph.read(small.toConfiguration())).isEqualTo(small);
      assertThat(small.output().output().channels()).isEqualTo(4);
      assertThat(GraftingSpace.of(small).choices()).isEqualTo(GraftingSpace.of(graph).choices());
      assertThat(Resized.of(graph, graph.input(), 10, 1)).isEqualTo(graph);
    }
  }

  @Test
  void whatCannotBeMadeSmallerIsNamed() {
    FeatureShape map = new FeatureShape(4, 8, 8);
    LayerGraph shuffled =
        new LayerGraph(
            List.of(new Node.Input("in", map), new Node.Shuffle("mixed", List.of("in"), map, 2)),
            "mixed");
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> Resized.of(shuffled, map, 10, 1))
        .withMessage(
            "Layer 'mixed' is a Shuffle, which cannot be made for other images, so no cheap tasks"
                + " can be made of the network.\n"
                + "Maybe do without: MaskLearner.builder().prior(Prior.untaught(space)).");
  }

  /** Smaller images may leave a map on which an unpadded kernel has no place. */
  @Test
  void kernelsThatAreLargerThanWhatIsLeftAreNamed() {
    FeatureShape image = new FeatureShape(3, 9, 9);
    Window unpadded =
        Window.symmetric(new int[] {5, 3}, new int[] {2, 1}, new int[] {0, 1}, new int[] {2, 1});
    Node in = new Node.Input("in", image);
    FeatureShape map = unpadded.over(image).withChannels(8);
    WeightInitXavier init = new WeightInitXavier();
    Node wide =
        new Node.Convolution("wide", List.of("in"), image, map, unpadded, false, false, init, 0);
    LayerGraph network = new LayerGraph(List.of(in, wide), "wide");
    assertThat(Resized.of(network, image, 4, 1)).isEqualTo(network);
    FeatureShape small = new FeatureShape(3, 8, 8);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> Resized.of(network, small, 4, 1))
        .withMessage(
            "Layer 'wide' looks at 9 x 3 pixels, but would get maps of 8 x 10 with their padding,"
                + " so no cheap tasks can be made of the network.\n"
                + "Maybe do without: MaskLearner.builder().prior(Prior.untaught(space)).");
    Node pool =
        new Node.Pool("pool", List.of("in"), image, unpadded.over(image), unpadded, true, true);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> Resized.of(new LayerGraph(List.of(in, pool), "pool"), small, 4, 1))
        .withMessageStartingWith(
            "Layer 'pool' looks at 9 x 3 pixels, but would get maps of 8 x 10");
  }

  @Test
  void aPriorAboutOtherMasksIsRefusedBeforeAnythingIsTrained() {
    ComputationGraph network = NETWORK.network(NETWORK.uniform(0), 1);
    MaskAccuracy.Prior prior = MaskAccuracy.Prior.untaught(GraftingSpace.of(network).joining(5));
    // Images that do not fit would be found out next.
    ImageSet images = ImageData.generated(100, 10, 1).train();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskLearner.builder().prior(prior).build().learn(network, images))
        .withMessageStartingWith(
            "The prior is of masks that choose from [none, all, joined] for block ");
    Networks.close(network);
  }

  @Test
  void badSettingsAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskLearner.builder().labels(3))
        .withMessage("At least 4 masks must be tried, but 3 were asked.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskLearner.builder().steps(0))
        .withMessage("A supernet needs at least 1 step, but has 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MaskLearner.builder().sources(1, 0, 4))
        .withMessage(
            "A source task needs at least 1 epoch, 1 step and 4 masks, but has 1, 0 and 4.");
  }
}
