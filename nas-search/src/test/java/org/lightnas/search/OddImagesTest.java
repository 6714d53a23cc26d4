package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.DivergedSearchException;
import org.lightnas.FeatureShape;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Evaluator;
import org.lightnas.search.proxy.BatchwiseTrainingEstimation;
import org.lightnas.search.proxy.Proxies;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.testing.OddImages;
import org.nd4j.linalg.activations.Activation;

/** Searching and scoring on data that nobody collects on purpose: right, or refused. */
class OddImagesTest {

  private static final FeatureShape SHAPE = new FeatureShape(3, 6, 6);

  private static TrainableSpace space(ImageData images) {
    return space(images, 4);
  }

  private static TrainableSpace space(ImageData images, int wide) {
    return LayeredSpace.named("odd", images.shape(), images.classes())
        .stem(new ConvBnAct(3, wide, 1, Activation.RELU))
        .choice("one", new ConvBnAct(3, wide, 2, Activation.RELU), new SkipConnect(wide, 2))
        .choice("two", new ConvBnAct(5, wide, 1, Activation.RELU), new SkipConnect(wide, 1))
        .build()
        .on(images);
  }

  private static SearchResult search(ImageData images, int batch) {
    return search(space(images), batch);
  }

  private static SearchResult search(TrainableSpace space, int batch) {
    SearchResult found =
        LightNas.builder()
            .steps(6)
            .batchSize(batch)
            .learningRate(0.05)
            .augmentation(Augmentation.cropAndFlip())
            .build()
            .search(space, Constraint.atMost(1e9, CostPredictor.macs(space.space())));
    assertThat(found.satisfied()).isTrue();
    for (double[] row : found.probabilities()) {
      assertThat(Arrays.stream(row).sum()).isBetween(0.999999, 1.000001);
    }
    assertThat(found.history()).allMatch(step -> Double.isFinite(step.loss()));
    return found;
  }

  /** By everything that scores without a search. */
  private static void score(ImageData images) {
    TrainableSpace space = space(images);
    Architecture architecture = space.space().uniform(0);
    for (Evaluator evaluator :
        List.of(
            Proxies.naswot(space, 4, 1),
            Proxies.gradientNorm(space, 4, 1),
            Proxies.synFlow(space.space(), 1),
            BatchwiseTrainingEstimation.builder(space).batches(2).batchSize(4).build())) {
      assertThat(evaluator.score(architecture)).as(evaluator.name()).isFinite();
    }
    try (SupernetEvaluator supernet =
        SupernetEvaluator.builder(space)
            .batchSize(4)
            .validation(0.25)
            .batchNormReestimation(1)
            .build()) {
      assertThat(supernet.score(architecture)).isBetween(0.0, 100.0);
    }
  }

  @Test
  void constantImagesOnePixelOneLabelAndAThousandClassesAreSearchedAndScored() {
    for (ImageData images :
        List.of(
            OddImages.of(SHAPE, 16, 2, 2, i -> 0),
            OddImages.of(SHAPE, 16, 2, 2, i -> 0.7),
            OddImages.of(new FeatureShape(3, 1, 1), 16, 2, 2, OddImages::noise),
            OddImages.of(SHAPE, 16, 2, 1, OddImages::noise),
            OddImages.of(SHAPE, 32, 1000, 1000, OddImages::noise))) {
      search(images, 4);
      score(images);
    }
  }

  @Test
  void oneImageCannotBeSplit() {
    ImageData one = OddImages.of(SHAPE, 1, 2, 1, OddImages::noise);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(one, 2))
        .withMessageContaining("splits 1 images into")
        .withMessageContaining("\nMaybe ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> score(one))
        .withMessageContaining(
            "A batch of 4 images cannot be filled from a set of 1 images.\nMaybe");
  }

  @Test
  void aBatchLargerThanTheDataIsRefusedBeforeAnythingIsTrained() {
    ImageData few = OddImages.of(SHAPE, 12, 2, 2, OddImages::noise);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search(few, 16))
        .withMessageContaining("A batch of 16 images cannot be filled from a set of ")
        .withMessageContaining("\nMaybe lower the batch size.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SupernetEvaluator.builder(space(few)).batchSize(16).build().close())
        .withMessageContaining("A batch of 16 images cannot be filled from a set of ")
        .withMessageContaining("\nMaybe lower the batch size.");
  }

  @Test
  @Tag("slow")
  void pixelsBeyondAllMeasureEndInADivergedSearch() {
    // Of the smaller ones the squares are infinite only, and so is a variance.
    for (double pixel : new double[] {3e38, 1e25}) {
      ImageData images = OddImages.of(SHAPE, 16, 2, 2, i -> i % 2 == 0 ? pixel : -pixel);
      // By several implementations of a batch norm, whose ReLU may make zeros of what is no number.
      for (int wide : new int[] {3, 4, 16}) {
        assertThatExceptionOfType(DivergedSearchException.class)
            .as(pixel + ", " + wide)
            .isThrownBy(() -> search(space(images, wide), 4))
            .withMessageContaining("or check the images.");
      }
    }
  }
}
