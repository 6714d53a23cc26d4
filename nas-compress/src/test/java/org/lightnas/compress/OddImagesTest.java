package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.DivergedSearchException;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;
import org.lightnas.testing.OddImages;

/** Compressing with data that nobody collects on purpose: right, or refused with a remedy. */
class OddImagesTest {

  private static final FeatureShape SHAPE = new FeatureShape(3, 6, 6);

  private static void compress(ImageData images, int batch) {
    LayeredSpace space =
        LayeredSpace.named("odd", images.shape(), images.classes())
            .choice("one", new MbConv(3, 2, 8, 1))
            .choice("two", new MbConv(3, 3, 8, 1))
            .build();
    ComputationGraph network = space.network(space.uniform(0), 1);
    try {
      Compressed made =
          Domino.builder(ExactDevice.BY_MACS, images)
              .samples(10)
              .epochs(2)
              .training(t -> t.batchSize(batch).batchNormReestimation(1))
              .evaluator((n, i) -> Evaluator.of("none", mask -> 0))
              .build()
              .compress(network);
      for (float value : made.network().params().dup().data().asFloat()) {
        assertThat(value).isFinite();
      }
      assertThat(made.after().accuracy()).isBetween(0.0, 100.0);
      Networks.close(made.network());
    } finally {
      Networks.close(network);
    }
  }

  @Test
  @Tag("slow")
  void constantImagesOnePixelOneLabelAndAThousandClassesAreOrdinary() {
    for (ImageData images :
        List.of(
            OddImages.of(SHAPE, 16, 2, 2, i -> 0),
            OddImages.of(SHAPE, 16, 2, 1, OddImages::noise),
            OddImages.of(new FeatureShape(3, 1, 1), 16, 2, 2, OddImages::noise),
            OddImages.of(SHAPE, 16, 1000, 1000, OddImages::noise))) {
      compress(images, 8);
    }
  }

  @Test
  void fewerImagesThanABatchAreRefused() {
    for (int count : new int[] {1, 7}) {
      ImageData few = OddImages.of(SHAPE, count, 2, count == 1 ? 1 : 2, OddImages::noise);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> compress(few, 8))
          .withMessage(
              "A batch of 8 images cannot be filled from a set of %s images.\n"
                  + "Maybe lower the batch size: training(t -> t.batchSize(…)).",
              count);
    }
  }

  @Test
  void pixelsBeyondAllMeasureEndInADivergedTraining() {
    ImageData images = OddImages.of(SHAPE, 16, 2, 2, i -> i % 2 == 0 ? 3e38 : -3e38);
    assertThatExceptionOfType(DivergedSearchException.class)
        .isThrownBy(() -> compress(images, 8))
        .withMessageContaining("or check the images.");
  }
}
