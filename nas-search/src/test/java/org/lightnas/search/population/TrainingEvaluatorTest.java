package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lightnas.data.ImageData;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.train.Trainer;
import org.lightnas.train.TrainingListener;

class TrainingEvaluatorTest {

  private static final ImageData IMAGES = ImageData.generated(200, 20, 1);
  private static final LayeredSpace SPACE = Widths.space(IMAGES.shape(), IMAGES.classes());

  @Test
  void trainsEveryNetworkOnceOnItsPartOfTheImages() {
    List<Double> losses = new ArrayList<>();
    Trainer trainer =
        Trainer.builder()
            .epochs(2)
            .batchSize(16)
            .learningRate(0.05)
            .batchNormReestimation(2)
            .listener(
                new TrainingListener() {
                  @Override
                  public void onEpoch(Epoch epoch) {
                    losses.add(epoch.loss());
                  }
                })
            .build();
    TrainingEvaluator evaluator = TrainingEvaluator.of(SPACE.on(IMAGES), trainer, 0.25);
    assertThat(evaluator.name()).isEqualTo("accuracy after 2 epochs (%)");
    Architecture one = SPACE.architecture(1, 3, 6);
    double score = evaluator.score(one);
    assertThat(losses).hasSize(2);
    assertThat(evaluator.score(one)).isEqualTo(score);
    assertThat(losses).hasSize(2);
    // A share of 50 images.
    assertThat(score * 50 / 100).isEqualTo(Math.rint(score * 50 / 100));
    assertThat(evaluator.score(SPACE.architecture(0, 3, 6))).isBetween(0.0, 100.0);
    assertThat(losses).hasSize(4);
    assertThat(TrainingEvaluator.of(SPACE.on(IMAGES), trainer, 0.25).score(one)).isEqualTo(score);
  }

  /** So that a search does not go on with scores of other trainings. */
  @Test
  void saysWhatDecidesItsScores() {
    Trainer.Builder trainer = Trainer.builder().epochs(2).batchSize(16);
    TrainableSpace space = SPACE.on(IMAGES);
    Map<String, String> settings = TrainingEvaluator.of(space, trainer.build(), 0.25).settings();
    assertThat(settings).containsEntry("epochs", "2").containsKeys("images", "images held out");
    assertThat(TrainingEvaluator.of(space, trainer.learningRate(0.05).build(), 0.25).settings())
        .isNotEqualTo(settings);
    assertThat(TrainingEvaluator.of(space, trainer.learningRate(0.1).build(), 0.3).settings())
        .isNotEqualTo(settings);
  }

  @Test
  void refusesNonsense() {
    Trainer trainer = Trainer.builder().epochs(1).build();
    for (double share : new double[] {0, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TrainingEvaluator.of(SPACE.on(IMAGES), trainer, share))
          .withMessage("The share held out must be between 0 and 1, but is %s.", share);
    }
    Trainer saving = Trainer.builder().checkpoints(Path.of("folder")).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingEvaluator.of(SPACE.on(IMAGES), saving, 0.5))
        .withMessage(
            "The trainer keeps checkpoints, in a folder that belongs to one network, but is to"
                + " train many.\nMaybe leave checkpoints(folder) away: searches keep scores in a"
                + " folder of their own.");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TrainingEvaluator.of(SPACE.on(IMAGES), trainer, 0.5).score(Toy.of(2, 2).uniform(0)))
        .withMessageContaining("belongs to space 'toy', not to 'two-widths'.");
  }
}
