package org.lightnas.examples.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.FeatureShape;
import org.lightnas.data.ImageData;
import org.lightnas.examples.bench.ShortTraining.Outcome;
import org.lightnas.graph.Networks;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.train.Accuracy;
import org.lightnas.train.Trainer;

class ShortTrainingTest {

  private static final ImageData DATA = ImageData.generated(200, 60, 1);
  private static final ExperimentImages IMAGES = ExperimentImages.of(DATA, 160);

  @TempDir private Path dir;

  private static LayeredSpace space(int stemKernel) {
    return LayeredSpace.named("tiny", DATA.shape(), DATA.classes())
        .stem(new ConvBnAct(stemKernel, 4, 2))
        .choice("a", new ConvBnAct(1, 8, 2), new ConvBnAct(3, 8, 2))
        .choice("b", new ConvBnAct(1, 8, 2), new ConvBnAct(3, 8, 2))
        .build();
  }

  private ShortTraining training(ExperimentImages images, SearchSpace space, int epochs)
      throws IOException {
    return new ShortTraining(images, space, epochs, new ResultsFolder(dir));
  }

  private ShortTraining training() throws IOException {
    return training(IMAGES, space(3), 1);
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(dir.resolve("trainings.jsonl"));
  }

  @Test
  void isTheTrainersDefaultsJudgedOnBothPartsItDidNotSee() throws IOException {
    Architecture architecture = space(3).architecture(0, 1);
    Outcome outcome = training().train(architecture, 5);
    ComputationGraph network =
        Trainer.builder().epochs(1).seed(5).build().fit(architecture, IMAGES.withoutTest());
    assertThat(outcome.validationAccuracy()).isEqualTo(Accuracy.of(network, IMAGES.validation()));
    assertThat(outcome.testAccuracy()).isEqualTo(Accuracy.of(network, IMAGES.test()));
    assertThat(outcome.loss()).isPositive();
    assertThat(outcome.seconds()).isPositive();
    Networks.close(network);
  }

  @Test
  void trainsNothingTwice() throws IOException {
    Architecture architecture = space(3).architecture(1, 1);
    assertThat(training().known(architecture, 1)).isEmpty();
    Outcome outcome = training().train(architecture, 1);
    List<String> lines = lines();
    assertThat(lines).hasSize(2);
    assertThat(training().known(architecture, 1)).contains(outcome);
    // A second training would take another time.
    assertThat(training().train(architecture, 1)).isEqualTo(outcome);
    assertThat(lines()).isEqualTo(lines);
  }

  @Test
  void whateverDecidesTheOutcomeIsInItsKey() throws IOException {
    Architecture architecture = space(3).architecture(1, 0);
    training().train(architecture, 1);
    assertThat(training().known(architecture, 1)).isPresent();
    assertThat(training().known(architecture, 2)).isEmpty();
    assertThat(training().known(space(3).architecture(0, 1), 1)).isEmpty();
    assertThat(training(IMAGES, space(3), 2).known(architecture, 1)).isEmpty();
    assertThat(training(ExperimentImages.of(DATA, 150), space(3), 1).known(architecture, 1))
        .isEmpty();
    assertThat(training(IMAGES, space(5), 1).known(space(5).architecture(1, 0), 1)).isEmpty();
    ExperimentImages others =
        new ExperimentImages("other", IMAGES.train(), IMAGES.validation(), IMAGES.test());
    assertThat(training(others, space(3), 1).known(architecture, 1)).isEmpty();
    assertThat(lines().get(1))
        .contains("\"architecture\":\"" + architecture.id() + "\"")
        .contains("epochs=1, batchSize=64, optimizer=Sgd[momentum=0.9], learningRate=0.1")
        .contains("\"seed\":1,")
        .doesNotContain("seed=");
  }

  @Test
  void aSpacesFingerprintIsThatOfItsOperationsAndOfNothingElse() throws IOException {
    String fingerprint = training(IMAGES, space(3), 1).spaceFingerprint();
    assertThat(fingerprint).matches("tiny [0-9a-f]{16}");
    assertThat(training(IMAGES, space(3), 2).spaceFingerprint()).isEqualTo(fingerprint);
    assertThat(training(IMAGES, space(5), 1).spaceFingerprint()).isNotEqualTo(fingerprint);
  }

  /** Picks in another order are the same network. */
  private record Unordered(LayeredSpace inner) implements SearchSpace {

    @Override
    public String name() {
      return inner.name();
    }

    @Override
    public List<Choice> choices() {
      return inner.choices();
    }

    @Override
    public FeatureShape input() {
      return inner.input();
    }

    @Override
    public int classes() {
      return inner.classes();
    }

    @Override
    public Architecture canonical(Architecture architecture) {
      int[] picks = architecture.picks();
      Arrays.sort(picks);
      return architecture(picks);
    }

    @Override
    public ComputationGraphConfiguration toConfiguration(Architecture architecture) {
      return inner.toConfiguration(inner.architecture(architecture.picks()));
    }
  }

  @Test
  void ofArchitecturesThatAreTheSameNetworkOneIsTrained() throws IOException {
    Unordered space = new Unordered(space(3));
    Outcome outcome = training(IMAGES, space, 1).train(space.architecture(1, 0), 1);
    assertThat(training(IMAGES, space, 1).known(space.architecture(0, 1), 1)).contains(outcome);
    Outcome canonical = training().train(space(3).architecture(0, 1), 1);
    assertThat(outcome.loss()).isEqualTo(canonical.loss());
  }

  @Test
  void refusesArchitecturesOfAnotherSpace() throws IOException {
    ShortTraining training = training();
    Architecture other = space(5).architecture(0, 0);
    assertThatThrownBy(() -> training.train(other, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Architecture %s belongs to space 'tiny', but networks of space 'tiny' are compared.\n"
                    .formatted(other.id())
                + "Maybe the two were built with other operations.");
  }

  @Test
  void refusesImagesThatDoNotFit() {
    LayeredSpace space =
        LayeredSpace.named("grey", new FeatureShape(1, 28, 28), 10)
            .choice("a", new ConvBnAct(1, 8, 2))
            .build();
    assertThatThrownBy(() -> training(IMAGES, space, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Space 'grey' takes images of 1x28x28, but 'generated' holds");
  }

  @Test
  void refusesDamagedResultsWithTheLine() throws IOException {
    training().train(space(3).architecture(0, 0), 1);
    Path file = dir.resolve("trainings.jsonl");
    String whole = Files.readString(file);
    Files.writeString(file, whole.replaceFirst("\"test_acc\":[0-9.]+", "\"test_acc\":1000"));
    assertThatThrownBy(this::training)
        .isInstanceOf(ResultsFileException.class)
        .hasMessage(
            "File '"
                + file
                + "', line 2: 'test_acc' must be a number from 0.0 to 100.0, but is 1000.\n"
                + "Maybe the file was damaged or edited: delete the line, and what it said is"
                + " computed again.");
    for (String bad : new String[] {"-1.5", "\"NaN\"", "1e999"}) {
      Files.writeString(
          file, whole.replaceFirst("\"train_loss\":[0-9.]+", "\"train_loss\":" + bad));
      assertThatThrownBy(this::training)
          .isInstanceOf(ResultsFileException.class)
          .hasMessageContaining("line 2: 'train_loss' must be a number of at least 0, but is ");
    }
    Files.writeString(file, whole.replaceFirst("\"format\":1", "\"format\":7"));
    assertThatThrownBy(this::training)
        .hasMessageContaining("line 1: the file is of format 7, but this program reads format 1.");
  }

  @Test
  void anEstimateIsWhatTrainingsOfThisRecipeTookBefore() throws IOException {
    ShortTraining training = training(IMAGES, space(3), 6);
    // Half the epochs and 160 of 12,000 images of a training that takes a minute.
    assertThat(training.expectedSeconds()).isCloseTo(200 * 0.5 * 160 / 12_000, within(1e-9));
    training().train(space(3).architecture(0, 0), 1);
    assertThat(training(IMAGES, space(3), 6).expectedSeconds())
        .isEqualTo(training.expectedSeconds());
    Outcome outcome = training.train(space(3).architecture(0, 0), 1);
    assertThat(training.expectedSeconds()).isEqualTo(outcome.seconds());
  }
}
