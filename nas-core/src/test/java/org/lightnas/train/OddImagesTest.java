package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lightnas.DivergedSearchException;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.data.ImageFormatException;
import org.lightnas.graph.Networks;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.testing.OddImages;

/** Training on data that nobody collects on purpose: right, or refused with a remedy. */
class OddImagesTest {

  private static final FeatureShape SHAPE = new FeatureShape(3, 6, 6);

  private static LayeredSpace space(FeatureShape shape, int classes) {
    return LayeredSpace.named("odd", shape, classes)
        .stem(new ConvBnAct(3, 4, 2))
        .choice("one", new MbConv(5, 2, 4, 2))
        .build();
  }

  private static Trainer.Builder trainer(int batch) {
    return Trainer.builder().epochs(2).batchSize(batch).batchNormReestimation(1).seed(1);
  }

  /** Trains; all weights are numbers, the accuracy is one. */
  private static double fit(ImageData images, int batch) {
    ComputationGraph network =
        trainer(batch).build().fit(space(images.shape(), images.classes()).uniform(0), images);
    for (float value : network.params().dup().data().asFloat()) {
      assertThat(value).isFinite();
    }
    double accuracy = Accuracy.of(network, images.test());
    Networks.close(network);
    assertThat(accuracy).isBetween(0.0, 100.0);
    return accuracy;
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void pixelsThatAreNoNumbersAreRefusedWithTheirImage(double pixel) {
    int image = (int) SHAPE.size();
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> OddImages.of(SHAPE, 8, 2, 2, i -> i == 3 * image + 1 ? pixel : 0))
        .withMessage(
            "Training images of 'odd', batch 0, image 3 of it: expected finite values, but found "
                + (float) pixel
                + ".\nMaybe a normalizer divided by a deviation of zero.");
  }

  @Test
  void pixelsBeyondAllMeasureEndInADivergedTraining() {
    ImageData images = OddImages.of(SHAPE, 16, 2, 2, i -> i % 2 == 0 ? 3e38 : -3e38);
    assertThatExceptionOfType(DivergedSearchException.class)
        .isThrownBy(() -> fit(images, 8))
        .withMessageStartingWith("The training loss is NaN at step 1 of 4 (learning rate 0.")
        .withMessageEndingWith(
            "\nMaybe lower the learning rate (now 0.100 at its peak) or check the images.");
    // After the only step there is no loss that could say so.
    Architecture architecture = space(images.shape(), images.classes()).uniform(0);
    Trainer once = trainer(16).epochs(1).build();
    assertThatExceptionOfType(DivergedSearchException.class)
        .isThrownBy(() -> once.fit(architecture, images))
        .withMessageContaining(
            " hold NaN.\nMaybe lower the learning rate (now 0.100 at its peak) or")
        .withMessageEndingWith(" check the images.");
  }

  @Test
  void imagesOfOneClassAreLearnedAndASpaceOfOneIsRefused() {
    assertThat(fit(OddImages.of(SHAPE, 64, 2, 1, OddImages::noise), 4)).isEqualTo(100);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> space(SHAPE, 1))
        .withMessage("Space 'odd' needs at least 2 classes, but has 1.");
  }

  @Test
  void oneImageIsNoBatchAndCannotBeSplit() {
    ImageData one = OddImages.of(SHAPE, 1, 2, 1, OddImages::noise);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fit(one, 2))
        .withMessage(
            "A batch of 2 images cannot be filled from a set of 1 images.\n"
                + "Maybe lower the batch size.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer(2).validation(0.5).build().fit(space(SHAPE, 2).uniform(0), one))
        .withMessage(
            "A share of 0.5 splits 1 images into 1 and 0, but both parts need one.\n"
                + "Maybe split a larger set.");
  }

  @Test
  void aBatchLargerThanTheDataIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fit(OddImages.of(SHAPE, 7, 2, 2, OddImages::noise), 8))
        .withMessage(
            "A batch of 8 images cannot be filled from a set of 7 images.\n"
                + "Maybe lower the batch size.");
  }

  /** Batch norms divide by a deviation of zero, but for their epsilon. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 0.3})
  void constantImagesTeachNothingButDoNoHarm(double pixel) {
    assertThat(fit(OddImages.of(SHAPE, 16, 2, 2, i -> pixel), 8)).isEqualTo(50);
  }

  @Test
  void labelsOutOfRangeAreRefusedWithTheirImage() {
    assertThatExceptionOfType(ImageFormatException.class)
        .isThrownBy(() -> OddImages.unlabelled(SHAPE, 8, 2, 5))
        .withMessage(
            "Training images of 'odd', batch 0, image 5 of it: expected a one-hot label (one 1,"
                + " otherwise 0), but found [0.0, 0.0].\n"
                + "Maybe the labels are smoothed, or values to regress on.");
  }

  @Test
  void imagesOfOnePixelAndAThousandClassesAreOrdinary() {
    fit(OddImages.of(new FeatureShape(3, 1, 1), 16, 2, 2, OddImages::noise), 8);
    fit(OddImages.of(SHAPE, 32, 1000, 1000, OddImages::noise), 8);
  }
}
