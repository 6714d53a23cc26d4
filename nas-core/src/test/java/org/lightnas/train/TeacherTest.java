package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.Progress;
import org.lightnas.data.Augmentation;
import org.lightnas.data.Batches;
import org.lightnas.data.ImageData;
import org.lightnas.internal.Seeds;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TeacherTest {

  private static final int BATCH = 32;
  private static final ImageData IMAGES = Stripes.images(256, 190);
  private static final LayeredSpace SPACE = Stripes.space();

  private static Trainer.Builder quick() {
    return Trainer.builder().epochs(4).batchSize(BATCH).augmentation(Augmentation.none()).seed(3);
  }

  private static float[] bits(ComputationGraph network) {
    return network.params().dup().data().asFloat();
  }

  /** Labels have no weight, so all that is learned comes from the teacher. */
  @Test
  void aStudentLearnsFromItsTeacherAloneAndChangesItNot() {
    ComputationGraph teacher = quick().build().fit(SPACE.architecture(0, 0), IMAGES);
    float[] before = bits(teacher);
    ComputationGraph student =
        quick().teacher(teacher, 2, 1).build().fit(SPACE.architecture(0, 1), IMAGES);
    assertThat(Accuracy.of(teacher, IMAGES.test())).isGreaterThan(85);
    assertThat(Accuracy.of(student, IMAGES.test())).isGreaterThan(80);
    assertThat(bits(teacher)).isEqualTo(before);
  }

  /** At temperature 1 all that is needed are probabilities, which DL4J computes too. */
  @Test
  void theLossIsThatOfTheDefinition() {
    ComputationGraph teacher = quick().epochs(1).build().fit(SPACE.architecture(0, 0), IMAGES);
    ComputationGraph student = SPACE.network(SPACE.architecture(0, 1), 5);
    List<Double> losses = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress, double loss) {
            losses.add(loss);
          }
        };
    quick()
        .epochs(1)
        .labelSmoothing(0)
        .teacher(teacher, 1, 0.25)
        .listener(listener)
        .build()
        .fit(student, IMAGES);
    Batches batches =
        new Batches(
            IMAGES.train(), BATCH, Augmentation.none(), Seeds.derive(3, "training batches", 0));
    Batches.Batch batch = batches.read(0);
    int[] labels = batch.labels();
    INDArray images = Nd4j.create(BATCH, 1, 8, 8);
    for (int i = 0; i < batch.nhwc().length(); i++) {
      images.putScalar(i, batch.nhwc().at(i)); // one channel: the order is the same
    }
    String output = student.getConfiguration().getNetworkOutputs().get(0);
    INDArray p = student.feedForward(images, true).get(output);
    INDArray q = teacher.outputSingle(images);
    double expected = 0;
    for (int n = 0; n < BATCH; n++) {
      expected -= 0.75 * Math.log(p.getDouble(n, labels[n])) / BATCH;
      for (int c = 0; c < Stripes.CLASSES; c++) {
        double teachers = q.getDouble(n, c);
        expected += 0.25 * teachers * Math.log(teachers / p.getDouble(n, c)) / BATCH;
      }
    }
    assertThat(losses.get(0)).isCloseTo(expected, within(1e-5));
  }

  @Test
  void aTeacherIsCopiedWhenItIsGiven() {
    ComputationGraph teacher = quick().epochs(1).build().fit(SPACE.architecture(0, 0), IMAGES);
    Trainer trainer = quick().epochs(1).teacher(teacher, 2, 0.5).build();
    String before = trainer.toString();
    float[] expected = bits(trainer.fit(SPACE.architecture(0, 1), IMAGES));
    teacher.params().assign(0);
    assertThat(bits(trainer.fit(SPACE.architecture(0, 1), IMAGES))).isEqualTo(expected);
    assertThat(trainer.toString()).isEqualTo(before);
    // Another teacher has another name, so that checkpoints can tell them apart.
    assertThat(quick().epochs(1).teacher(teacher, 2, 0.5).build().toString()).isNotEqualTo(before);
    assertThat(before)
        .matches(".*, teacher network [0-9a-f]{16} at temperature 2.0, weight 0.5, seed 3");
  }

  @Test
  void refusesATeacherOfOtherImagesOrClasses() {
    LayeredSpace other =
        LayeredSpace.named("other", IMAGES.shape(), 7)
            .stem(new ConvBnAct(3, 4, 1))
            .choice("a", new SkipConnect(4, 1))
            .build();
    ComputationGraph teacher = other.network(other.architecture(0), 1);
    Trainer trainer = quick().teacher(teacher, 2, 0.5).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer.fit(SPACE.architecture(0, 0), IMAGES))
        .withMessage(
            "The teacher takes images of 1x8x8 in 7 classes, but 'stripes' holds 1x8x8 in 4.");
  }
}
