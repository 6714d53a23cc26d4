package org.lightnas.space.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.graph.Networks;
import org.lightnas.graph.Node;
import org.lightnas.metric.Cost;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.train.Trainer;

/** MobileNetV2 and the residual networks. */
class ClassicNetworksTest {

  private static final FeatureShape LARGE = new FeatureShape(3, 224, 224);
  private static final FeatureShape SMALL = new FeatureShape(3, 32, 32);

  /** The parameters are those that torchvision states for its networks of these names. */
  @ParameterizedTest
  @CsvSource({
    "18, 11689512",
    "34, 21797672",
    "50, 25557032",
    "101, 44549160",
    "152, 60192808",
  })
  void residualNetworksForImageNetHaveTheParametersOfTheirPublishedForms(
      int depth, long parameters) {
    LayeredSpace space = ResNet.of(depth, 1, LARGE, 1000);
    assertThat(Cost.of(space.uniform(0)).parameters()).isEqualTo(parameters);
    // As many layers with weights as the name says.
    assertThat(
            LayerGraph.of(space, space.uniform(0)).nodes().stream()
                .filter(node -> node.macs() > 0 && !node.name().endsWith("/shortcut"))
                .count())
        .isEqualTo(depth);
    assertThat(shapeBeforePooling(space))
        .isEqualTo(new FeatureShape(depth < 50 ? 512 : 2048, 7, 7));
  }

  /** What is known of these networks with projections instead of the paper's padded shortcuts. */
  @ParameterizedTest
  @CsvSource({"20, 272474", "32, 466906", "44, 661338", "56, 855770"})
  void residualNetworksForSmallImagesHaveTheParametersOfTheirPublishedForms(
      int depth, long parameters) {
    LayeredSpace space = ResNet.of(depth, 1, SMALL, 10);
    assertThat(Cost.of(space.uniform(0)).parameters()).isEqualTo(parameters);
    assertThat(space.choices()).hasSize((depth - 2) / 2);
    assertThat(shapeBeforePooling(space)).isEqualTo(new FeatureShape(64, 8, 8));
  }

  @Test
  void mobileNetV2HasTheParametersOfItsPublishedForm() {
    LayeredSpace space = MobileNetV2.of(1, LARGE, 1000);
    assertThat(Cost.of(space.uniform(0))).isEqualTo(new Cost(macs(224), 3_504_872));
    assertThat(space.choices().stream().map(Choice::name))
        .hasSize(17)
        .startsWith("block1", "block2")
        .endsWith("block17");
    assertThat(space).hasToString("mobilenetv2-1.0 (3x224x224, 1000 classes, 17 choices)");
    assertThat(shapeBeforePooling(space)).isEqualTo(new FeatureShape(1280, 7, 7));
  }

  /** Block by block, independently of the layers. */
  private static long macs(int pixels) {
    int[][] stages = {
      {1, 16, 1, 1},
      {6, 24, 2, 2},
      {6, 32, 3, 2},
      {6, 64, 4, 2},
      {6, 96, 3, 1},
      {6, 160, 3, 2},
      {6, 320, 1, 1},
    };
    long side = pixels / 2;
    long in = 32;
    long macs = side * side * 27 * in;
    for (int[] stage : stages) {
      for (int i = 0; i < stage[2]; i++) {
        long inner = in * stage[0];
        macs += inner == in ? 0 : side * side * in * inner;
        side /= i == 0 ? stage[3] : 1;
        macs += side * side * inner * (9 + stage[1]);
        in = stage[1];
      }
    }
    return macs + side * side * 320 * 1280 + 1280 * 1000;
  }

  @Test
  void smallImagesAreMadeSmallerLater() {
    assertThat(shapeBeforePooling(MobileNetV2.of(1, SMALL, 10)))
        .isEqualTo(new FeatureShape(1280, 4, 4));
    assertThat(strides(MobileNetV2.of(0.5, SMALL, 10)))
        .containsExactly(1, 1, 1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1);
    assertThat(shapeBeforePooling(ResNet.of(50, 1, SMALL, 10)))
        .isEqualTo(new FeatureShape(2048, 4, 4));
    // 64 pixels are small, 65 are not.
    assertThat(shapeBeforePooling(MobileNetV2.of(1, new FeatureShape(3, 64, 64), 10)).height())
        .isEqualTo(8);
    assertThat(shapeBeforePooling(MobileNetV2.of(1, new FeatureShape(3, 65, 65), 10)).height())
        .isEqualTo(3);
  }

  /** Of the stem and of the depthwise convolution of every block. */
  private static List<Integer> strides(LayeredSpace space) {
    return LayerGraph.of(space, space.uniform(0)).nodes().stream()
        .filter(Node.Convolution.class::isInstance)
        .map(node -> ((Node.Convolution) node).window())
        .filter(window -> window.kernelH() == 3)
        .map(window -> window.strideH())
        .toList();
  }

  private static FeatureShape shapeBeforePooling(LayeredSpace space) {
    return LayerGraph.of(space, space.uniform(0)).nodes().stream()
        .filter(Node.GlobalPool.class::isInstance)
        .map(node -> ((Node.GlobalPool) node).in())
        .findFirst()
        .orElseThrow();
  }

  /** By hand, after the rule; 0.35 of 24 is 8.4 and of 32 is 11.2, where 8 would take too much. */
  @Test
  void widthsAreMultiplesOfEightAndNeverMuchLess() {
    List<Integer> published = List.of(16, 24, 32, 64, 96, 160, 320, 1280);
    assertThat(published.stream().map(new Widths("a", 0.35)::of))
        .containsExactly(8, 8, 16, 24, 32, 56, 112, 448);
    assertThat(published.stream().map(new Widths("a", 0.5)::of))
        .containsExactly(8, 16, 16, 32, 48, 80, 160, 640);
    assertThat(published.stream().map(new Widths("a", 1.4)::of))
        .containsExactly(24, 32, 48, 88, 136, 224, 448, 1792);
    assertThat(published.stream().map(new Widths("a", 1)::of)).isEqualTo(published);
  }

  @Test
  void theLastConvolutionOfMobileNetV2IsNeverNarrow() {
    assertThat(shapeBeforePooling(MobileNetV2.of(0.35, LARGE, 10)).channels()).isEqualTo(1280);
    assertThat(shapeBeforePooling(MobileNetV2.of(1.4, LARGE, 10)).channels()).isEqualTo(1792);
    assertThat(shapeBeforePooling(ResNet.of(50, 0.5, LARGE, 10)).channels()).isEqualTo(1024);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 8.1, Double.NaN})
  void widthsOutOfRangeAreRefused(double width) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MobileNetV2.of(width, SMALL, 10))
        .withMessage(
            "The width of MobileNetV2 must be above 0 and at most 8, but is %s.\n"
                + "Maybe give 1 for the published network.",
            width);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResNet.of(20, width, SMALL, 10))
        .withMessageStartingWith("The width of ResNet must be");
  }

  @Test
  void unknownDepthsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ResNet.of(19, 1, SMALL, 10))
        .withMessage(
            "There is no ResNet of depth 19, only of [18, 20, 32, 34, 44, 50, 56, 101, 152].\n"
                + "Maybe take 20 for small images, 50 for large ones.");
  }

  @Test
  @Tag("slow")
  void theTrainerTakesThem() {
    ImageData images = ImageData.generated(32, 8, 1);
    Trainer trainer = Trainer.builder().epochs(1).batchSize(16).batchNormReestimation(1).build();
    for (LayeredSpace space :
        List.of(
            MobileNetV2.of(0.25, images.shape(), images.classes()),
            ResNet.of(20, 0.5, images.shape(), images.classes()),
            ResNet.of(50, 0.125, images.shape(), images.classes()))) {
      ComputationGraph untrained = space.network(space.uniform(0), 42);
      ComputationGraph network = trainer.fit(space.uniform(0), images);
      assertThat(Cost.of(network.getConfiguration())).isEqualTo(Cost.of(space.uniform(0)));
      assertThat(network.params()).isNotEqualTo(untrained.params());
      assertThat(network.params().sumNumber().doubleValue()).isFinite();
      Networks.close(network);
      Networks.close(untrained);
    }
  }
}
