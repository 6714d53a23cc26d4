package org.lightnas.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.lightnas.FeatureShape;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

final class ImageSetIteratorTest {

  private static final ImageSet FIVE =
      new ImageSet(
          new FeatureShape(2, 1, 3),
          4,
          new byte[] {
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
            24, 25, 26, 27, 28, 29
          },
          new int[] {3, 0, 1, 2, 0});

  @Test
  void deliversChannelsFirstInOrderWithASmallLastBatch() {
    DataSetIterator iterator = FIVE.iterator(2);
    List<DataSet> batches = new ArrayList<>();
    iterator.forEachRemaining(batches::add);
    assertThat(batches).hasSize(3);
    DataSet middle = batches.get(1);
    assertThat(middle.getFeatures().shape()).containsExactly(2, 2, 1, 3);
    assertThat(middle.getFeatures().dataType()).isEqualTo(DataType.FLOAT);
    assertThat(middle.getFeatures().getFloat(1, 1, 0, 2)).isEqualTo(23 / 255f);
    assertThat(middle.getLabels().toFloatMatrix())
        .isDeepEqualTo(new float[][] {{0, 1, 0, 0}, {0, 0, 1, 0}});
    assertThat(batches.get(2).getFeatures().shape()).containsExactly(1, 2, 1, 3);
    assertThat(batches.get(2).getLabels().shape()).containsExactly(1, 4);
  }

  @Test
  void deliversBatchesOfAnotherSizeWhenAsked() {
    DataSetIterator iterator = FIVE.iterator(4);
    assertThat(iterator.next(1).getFeatures().getFloat(0, 0, 0, 0)).isEqualTo(0f);
    assertThat(iterator.next(2).getFeatures().getFloat(0, 0, 0, 0)).isEqualTo(6 / 255f);
    assertThat(iterator.next(9).getFeatures().shape()).containsExactly(2, 2, 1, 3);
    assertThat(iterator.hasNext()).isFalse();
  }

  @Test
  void describesItself() {
    DataSetIterator iterator = FIVE.iterator(2);
    assertThat(iterator.batch()).isEqualTo(2);
    assertThat(iterator.inputColumns()).isEqualTo(6);
    assertThat(iterator.totalOutcomes()).isEqualTo(4);
  }

  @Test
  void startsAgainAfterAReset() {
    DataSetIterator iterator = FIVE.iterator(5);
    DataSet first = iterator.next();
    assertThat(iterator.hasNext()).isFalse();
    assertThatExceptionOfType(NoSuchElementException.class)
        .isThrownBy(iterator::next)
        .withMessage("All 5 images have been read.");
    iterator.reset();
    assertThat(iterator.next().getFeatures()).isEqualTo(first.getFeatures());
  }

  @Test
  void appliesThePreProcessor() {
    DataSetIterator iterator = FIVE.iterator(5);
    iterator.setPreProcessor(batch -> batch.getFeatures().addi(1));
    assertThat(iterator.next().getFeatures().getFloat(0, 0, 0, 0)).isEqualTo(1f);
  }

  @Test
  void rejectsAnEmptyBatch() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FIVE.iterator(0))
        .withMessage("A batch needs at least one image, but 0 were asked.");
  }

  @Test
  void evaluatesANetwork() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(1)
                .list()
                .layer(new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(1, 3, 2))
                .build());
    network.init();
    network.params().assign(0);
    network.setParam("0_b", Nd4j.createFromArray(9f, 0f, 0f, 0f));
    assertThat(network.evaluate(FIVE.iterator(2)).accuracy()).isEqualTo(0.4);
  }
}
