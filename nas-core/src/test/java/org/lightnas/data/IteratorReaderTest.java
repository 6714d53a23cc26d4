package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.lightnas.NasException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

final class IteratorReaderTest {

  private static final INDArray ONE_HOT =
      Nd4j.createFromArray(new float[][] {{0, 1, 0}, {1, 0, 0}});

  /** Two images [2, 2, 3] counting up from a value. */
  private static INDArray images(double from) {
    return Nd4j.arange(from, from + 24).castTo(DataType.FLOAT).reshape('c', 2, 2, 2, 3);
  }

  private static ImageData read(DataSet... batches) {
    return ImageData.of("mine", new Batched(batches), new Batched(batches));
  }

  private static String refusal(DataSet... batches) {
    ImageFormatException refusal =
        assertThatExceptionOfType(ImageFormatException.class)
            .isThrownBy(() -> read(batches))
            .actual();
    assertThat(refusal.file()).isNull();
    assertThat(refusal.offset()).isEqualTo(-1);
    return refusal.getMessage();
  }

  @Test
  void keepsValuesAsTheyAre() {
    ImageData data =
        read(new DataSet(images(-100), ONE_HOT), new DataSet(images(1000), ONE_HOT.dup()));
    ImageSet train = data.train();
    assertThat(data.name()).isEqualTo("mine");
    assertThat(train.size()).isEqualTo(4);
    assertThat(train.shape()).isEqualTo(new FeatureShape(2, 2, 3));
    assertThat(train.classes()).isEqualTo(3);
    assertThat(List.of(train.label(0), train.label(1), train.label(2))).containsExactly(1, 0, 1);
    float[] pixels = new float[12];
    train.copyNhwc(2, pixels, 0);
    assertThat(pixels)
        .containsExactly(1000, 1006, 1001, 1007, 1002, 1008, 1003, 1009, 1004, 1010, 1005, 1011);
    assertThat(train.iterator(4).next().getFeatures().getFloat(0, 0, 0, 0)).isEqualTo(-100f);
  }

  @Test
  void readsViewsAndOtherTypesByTheirIndices() {
    INDArray channelsLast = images(0).permute(0, 2, 3, 1).dup('c').castTo(DataType.DOUBLE);
    ImageData data =
        read(new DataSet(channelsLast.permute(0, 3, 1, 2), ONE_HOT.castTo(DataType.INT32)));
    assertThat(data.train().fingerprint())
        .isEqualTo(read(new DataSet(images(0), ONE_HOT)).train().fingerprint());
  }

  @Test
  void readsAnIteratorFromItsStartAndLeavesItThere() {
    DataSetIterator used =
        new ListDataSetIterator<>(new ArrayList<>(new DataSet(images(0), ONE_HOT).asList()), 1);
    used.next();
    ImageData data = ImageData.of("mine", used, new Batched(new DataSet(images(0), ONE_HOT)));
    assertThat(data.train().size()).isEqualTo(2);
    assertThat(used.hasNext()).isTrue();
  }

  @Test
  void namesTheIteratorThatFailsAndTheBatch() {
    DataSetIterator tired =
        new ListDataSetIterator<>(new ArrayList<>(new DataSet(images(0), ONE_HOT).asList()), 1) {
          private int left = 1;

          @Override
          public synchronized DataSet next() {
            if (left-- == 0) {
              throw new UncheckedIOException(new IOException("connection reset"));
            }
            return super.next();
          }
        };
    DataSetIterator fine = new Batched(new DataSet(images(0), ONE_HOT));
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> ImageData.of("mine", tired, fine))
        .withMessageMatching(
            "(?s).*, batch 1: the iterator \\("
                + Pattern.quote(tired.getClass().getName())
                + "\\) failed: java\\.io\\.UncheckedIOException: .*connection reset\nMaybe .*")
        .withCauseInstanceOf(UncheckedIOException.class);
  }

  @Test
  void growsBatchByBatchWithoutLosingImages() {
    DataSet[] batches = new DataSet[9];
    Arrays.setAll(batches, i -> new DataSet(images(100 * i), ONE_HOT));
    ImageSet train = read(batches).train();
    assertThat(train.size()).isEqualTo(18);
    float[] pixels = new float[12];
    for (int i = 0; i < 18; i++) {
      train.copyNhwc(i, pixels, 0);
      assertThat(pixels[0]).isEqualTo(100 * (i / 2) + 12 * (i % 2));
    }
  }

  @Test
  void rejectsValuesThatAreNotFiniteAndNamesTheImage() {
    INDArray broken = images(0);
    broken.putScalar(1, 0, 1, 1, Float.NaN);
    assertThat(refusal(new DataSet(images(0), ONE_HOT), new DataSet(broken, ONE_HOT)))
        .isEqualTo(
            "Training images of 'mine', batch 1, image 1 of it: expected finite values, but found"
                + " NaN.\nMaybe a normalizer divided by a deviation of zero.");
    broken.putScalar(1, 0, 1, 1, Float.NEGATIVE_INFINITY);
    assertThat(refusal(new DataSet(broken, ONE_HOT))).contains("image 1", "found -Infinity.");
  }

  @Test
  void rejectsFlatImages() {
    assertThat(refusal(new DataSet(images(0).reshape(2, 12), ONE_HOT)))
        .isEqualTo(
            "Training images of 'mine', batch 0: expected features [N, C, H, W], but found [2, 12]."
                + "\nMaybe the iterator flattens its images.");
  }

  @Test
  void rejectsLabelsOfAnotherRankOrNumber() {
    assertThat(refusal(new DataSet(images(0), ONE_HOT.reshape(2, 3, 1))))
        .contains("batch 0: expected one-hot labels [2, classes], but found [2, 3, 1].");
    assertThat(refusal(new DataSet(images(0), Nd4j.eye(3).castTo(DataType.FLOAT))))
        .contains("batch 0: expected one-hot labels [2, classes], but found [3, 3].");
  }

  @Test
  void rejectsChangingShapesAndClasses() {
    DataSet first = new DataSet(images(0), ONE_HOT);
    assertThat(refusal(first, new DataSet(images(0).reshape(2, 2, 3, 2), ONE_HOT)))
        .contains(
            "batch 1: expected images of 2x2x3 in 3 classes as in batch 0, but found 2x3x2 in 3.");
    assertThat(refusal(first, new DataSet(images(0), Nd4j.eye(2).castTo(DataType.FLOAT))))
        .contains("but found 2x2x3 in 2.");
  }

  @Test
  void rejectsLabelsThatAreNotOneHot() {
    for (float[] row :
        new float[][] {{0, 0, 0}, {1, 1, 0}, {0, 0.9f, 0.1f}, {0, 2, 0}, {0, 1, Float.NaN}}) {
      INDArray labels = Nd4j.createFromArray(new float[][] {{0, 1, 0}, row});
      assertThat(refusal(new DataSet(images(0), labels)))
          .isEqualTo(
              "Training images of 'mine', batch 0, image 1 of it: expected a one-hot label (one 1,"
                  + " otherwise 0), but found "
                  + Arrays.toString(row)
                  + ".\nMaybe the labels are smoothed, or values to regress on.");
    }
  }

  @Test
  void rejectsMissingLabelsAndEmptyIterators() {
    assertThat(refusal(new DataSet(images(0), null)))
        .contains("batch 0: expected features and labels, but one of them is missing.");
    assertThat(refusal())
        .isEqualTo(
            "Training images of 'mine': expected images, but the iterator holds none.\nMaybe it"
                + " needs a reset.");
  }

  @Test
  void rejectsPartsThatDoNotGoTogether() {
    DataSetIterator two = new Batched(new DataSet(images(0), Nd4j.eye(2).castTo(DataType.FLOAT)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageData.of("mine", new Batched(new DataSet(images(0), ONE_HOT)), two))
        .withMessage(
            "The training part of 'mine' holds 2x2x3 images of 3 classes, the test part 2x2x3 of"
                + " 2.");
  }

  /** Delivers the given batches as they are, and cannot be reset. */
  private static final class Batched extends ListDataSetIterator<DataSet> {

    private static final long serialVersionUID = 1L;

    private final DataSet[] batches;
    private int next;

    Batched(DataSet... batches) {
      super(List.of(new DataSet(images(0), ONE_HOT)));
      this.batches = batches;
    }

    @Override
    public synchronized boolean hasNext() {
      return next < batches.length;
    }

    @Override
    public synchronized DataSet next() {
      return batches[next++];
    }

    @Override
    public boolean resetSupported() {
      return false;
    }

    @Override
    public synchronized void reset() {
      throw new UnsupportedOperationException();
    }
  }
}
