package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import java.util.function.Consumer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.lightnas.data.Augmentation;

class TrainerBuilderTest {

  private static void rejects(Consumer<Trainer.Builder> setting, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> setting.accept(Trainer.builder()))
        .withMessage(message);
  }

  @Test
  void settingsNameEverythingThatDecidesAndNothingElse() {
    Map<String, String> settings = Trainer.builder().epochs(3).sgd(0.5).seed(7).build().settings();
    assertThat(settings)
        .containsEntry("epochs", "3")
        .containsEntry("optimizer", "Sgd[momentum=0.5]")
        .containsEntry("schedule", "Cosine[]")
        .containsEntry("clip", "5.0")
        .containsEntry("normBatches", "20")
        .containsEntry("seed", "7")
        .hasSize(Recipe.class.getRecordComponents().length);
    assertThat(
            Trainer.builder()
                .epochs(3)
                .sgd(0.5)
                .seed(7)
                .listener(new TrainingListener() {})
                .build()
                .settings())
        .isEqualTo(settings);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> settings.put("epochs", "4"));
  }

  @Test
  void rejectsCountsBelowTheLeast() {
    rejects(b -> b.epochs(0), "Epochs must be at least 1, but are 0.");
    rejects(
        b -> b.batchSize(1),
        "A batch must hold at least 2 images for batch norm to have statistics, but holds 1.");
    rejects(
        b -> b.batchNormReestimation(-1),
        "Batches for batch norm must not be negative, but are -1.");
  }

  @Test
  void rejectsOptimisersOutOfRange() {
    for (double bad : new double[] {-0.1, 1, Double.NaN}) {
      rejects(b -> b.sgd(bad), "Momentum must be in [0, 1), but is " + bad + ".");
      rejects(
          b -> b.adam(bad, 0.9), "Adam's decays must be in [0, 1), but are " + bad + " and 0.9.");
      rejects(
          b -> b.adam(0.9, bad), "Adam's decays must be in [0, 1), but are 0.9 and " + bad + ".");
      rejects(b -> b.labelSmoothing(bad), "Label smoothing must be in [0, 1), but is " + bad + ".");
    }
  }

  @Test
  void rejectsRatesAndBoundsOutOfRange() {
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      rejects(b -> b.learningRate(bad), "The learning rate must be positive, but is " + bad + ".");
    }
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      rejects(b -> b.weightDecay(bad), "Weight decay must not be negative, but is " + bad + ".");
    }
    for (double bad : new double[] {0, -1, Double.NaN}) {
      rejects(b -> b.clip(bad), "The clipping norm must be positive, but is " + bad + ".");
    }
  }

  @Test
  void rejectsAveragingValidationAndStopsOutOfRange() {
    for (double bad : new double[] {-0.1, 1, Double.NaN}) {
      rejects(
          b -> b.averaging(bad), "The decay of averaging must be in [0, 1), but is " + bad + ".");
      rejects(b -> b.validation(bad), "The share held out must be in [0, 1), but is " + bad + ".");
      rejects(b -> b.warmup(bad), "The warm-up must be in [0, 1), but is " + bad + ".");
    }
    rejects(b -> b.earlyStop(0), "An early stop needs at least 1 epoch, but has 0.");
    rejects(
        b -> b.earlyStop(2).build(),
        "An early stop needs images to be held out.\nMaybe call validation(0.1).");
  }

  /** Checked before the network is looked at. */
  @Test
  void rejectsTeachersOutOfRange() {
    ComputationGraph network = Stripes.space().network(Stripes.space().uniform(0), 1);
    for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      rejects(
          b -> b.teacher(network, bad, 0.5),
          "The teacher's temperature must be positive, but is " + bad + ".");
    }
    for (double bad : new double[] {0, 1.1, Double.NaN}) {
      rejects(
          b -> b.teacher(network, 2, bad),
          "The teacher's weight must be in (0, 1], but is " + bad + ".");
    }
  }

  @Test
  void theTextNamesWhatIsNotByDefault() {
    assertThat(
            Trainer.builder()
                .schedule(Schedule.milestones(0.1, 8, 16))
                .averaging(0.999)
                .validation(0.1)
                .earlyStop(3)
                .build())
        .hasToString(
            "20 epochs, batch 64, Sgd[momentum=0.9], rate 0.100,"
                + " Milestones[factor=0.1, epochs=[8, 16]], weight decay 3.00e-05, smoothing 0.10,"
                + " Augmentation[padding=4, flip=true], averaging 0.999, validation 0.1,"
                + " early stop 3, seed 42");
  }

  @Test
  void theDefaultsAreThoseThatTheSettersName() {
    assertThat(Trainer.builder().build())
        .hasToString(
            Trainer.builder()
                .epochs(20)
                .batchSize(64)
                .sgd(0.9)
                .learningRate(0.1)
                .schedule(Schedule.cosine())
                .warmup(0.05)
                .averaging(0)
                .validation(0)
                .weightDecay(3e-5)
                .labelSmoothing(0.1)
                .clip(5)
                .augmentation(Augmentation.cropAndFlip())
                .batchNormReestimation(20)
                .seed(42)
                .build()
                .toString())
        .hasToString(
            "20 epochs, batch 64, Sgd[momentum=0.9], rate 0.100, Cosine[], weight decay 3.00e-05,"
                + " smoothing 0.10, Augmentation[padding=4, flip=true], seed 42");
  }

  @Test
  void aTrainerDoesNotChangeWithItsBuilder() {
    Trainer.Builder builder = Trainer.builder().epochs(3);
    Trainer trainer = builder.build();
    builder.epochs(7);
    assertThat(trainer.toString()).startsWith("3 epochs");
    assertThat(builder.build().toString()).startsWith("7 epochs");
  }
}
