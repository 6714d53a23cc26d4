package org.lightnas.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.InterruptedRunException;
import org.lightnas.Progress;
import org.lightnas.data.ImageData;
import org.lightnas.internal.NativeBytes;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;

class ResumeTest {

  private static final ImageData IMAGES = Stripes.images(96, 16);
  private static final LayeredSpace SPACE = Stripes.space();
  private static final Architecture ARCHITECTURE = SPACE.architecture(0, 0);

  /** 72 images are left to train on: 4 steps in each of 3 epochs. */
  private static final int PER_EPOCH = 4;

  private static final int TOTAL = 12;

  @TempDir Path folder;

  private static Trainer.Builder everything() {
    return Trainer.builder()
        .epochs(3)
        .batchSize(16)
        .averaging(0.9)
        .validation(0.25)
        .earlyStop(2)
        .batchNormReestimation(2)
        .seed(3);
  }

  private static float[] bits(ComputationGraph network) {
    return network.params().dup().data().asFloat();
  }

  private static TrainingListener interrupting(long atStep) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress, double loss) {
        if (progress.done() == atStep) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  /** The last checkpoints' bytes hold weights, momentum or Adam's means, average, best, counts. */
  private void requireSameAfterStops(Trainer.Builder settings, Path whole, Path parts, int... at)
      throws IOException {
    float[] expected = bits(settings.checkpoints(whole).build().fit(ARCHITECTURE, IMAGES));
    settings.checkpoints(parts);
    for (int stop : at) {
      // A stop leaves the builder with one more listener, whose step has passed.
      Trainer stopped = settings.listener(interrupting(stop)).build();
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(() -> stopped.fit(ARCHITECTURE, IMAGES))
          .withMessage(
              "Training was interrupted at step %s of 12; '%s' holds it.\n"
                  + "Maybe call fit again to go on, with the same settings.",
              stop, parts.resolve("last.ckpt"));
      assertThat(Thread.interrupted()).as("the status is still set").isTrue();
    }
    ComputationGraph resumed = settings.build().fit(ARCHITECTURE, IMAGES);
    assertThat(bits(resumed)).isEqualTo(expected);
    assertThat(parts.resolve("last.ckpt")).hasSameBinaryContentAs(whole.resolve("last.ckpt"));
  }

  @Test
  @Tag("slow")
  void aStoppedTrainingGoesOnBitForBitWithMomentum() throws IOException {
    requireSameAfterStops(
        everything(), folder.resolve("whole"), folder.resolve("parts"), 1, PER_EPOCH, 6, 11);
  }

  @Test
  void aStoppedTrainingGoesOnBitForBitWithAdam() throws IOException {
    requireSameAfterStops(
        everything().adam(0.9, 0.999).learningRate(0.01),
        folder.resolve("whole"),
        folder.resolve("parts"),
        2 * PER_EPOCH,
        10);
  }

  @Test
  void aStoppedTrainingGoesOnBitForBitWithoutExtras() throws IOException {
    requireSameAfterStops(
        Trainer.builder().epochs(2).batchSize(16).batchNormReestimation(0),
        folder.resolve("whole"),
        folder.resolve("parts"),
        7);
  }

  @Test
  void checkpointsDoNotChangeTheResult() {
    float[] without = bits(everything().build().fit(ARCHITECTURE, IMAGES));
    assertThat(bits(everything().checkpoints(folder).build().fit(ARCHITECTURE, IMAGES)))
        .isEqualTo(without);
  }

  /** As if the power had failed in the second epoch. */
  @Test
  void goesOnFromTheLastWholeEpochAfterACrash() throws IOException {
    Path last = folder.resolve("last.ckpt");
    Path aside = folder.resolve("aside");
    TrainingListener copying =
        new TrainingListener() {
          @Override
          public void onEpoch(Epoch epoch) {
            if (epoch.number() == 1) {
              try {
                Files.copy(last, aside);
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            }
          }
        };
    float[] expected =
        bits(everything().checkpoints(folder).listener(copying).build().fit(ARCHITECTURE, IMAGES));
    Files.delete(last);
    Files.move(aside, last);
    List<Progress> heard = new ArrayList<>();
    float[] resumed =
        bits(
            everything()
                .checkpoints(folder)
                .listener(steps(heard))
                .build()
                .fit(ARCHITECTURE, IMAGES));
    assertThat(resumed).isEqualTo(expected);
    assertThat(heard).first().extracting(Progress::done).isEqualTo(PER_EPOCH + 1L);
    // So that the time left is estimated from the steps of this run.
    assertThat(heard).hasSize(TOTAL - PER_EPOCH).allMatch(p -> p.before() == PER_EPOCH);
  }

  private static TrainingListener steps(List<Progress> heard) {
    return new TrainingListener() {
      @Override
      public void onStep(Progress progress, double loss) {
        heard.add(progress);
      }
    };
  }

  @Test
  @Tag("slow")
  void aFinishedTrainingIsNotRepeated() {
    Trainer.Builder settings = everything().checkpoints(folder);
    float[] first = bits(settings.build().fit(ARCHITECTURE, IMAGES));
    List<Progress> heard = new ArrayList<>();
    float[] again = bits(settings.listener(steps(heard)).build().fit(ARCHITECTURE, IMAGES));
    assertThat(again).isEqualTo(first);
    assertThat(heard).isEmpty();
  }

  @Test
  void theBestNetworkIsThereForDl4j() throws IOException {
    ComputationGraph network = everything().checkpoints(folder).build().fit(ARCHITECTURE, IMAGES);
    ComputationGraph best = ComputationGraph.load(folder.resolve("best.zip").toFile(), false);
    assertThat(bits(best)).isEqualTo(bits(network));
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void withoutAFolderAnInterruptionSaysWhatIsLost() {
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> everything().listener(interrupting(5)).build().fit(ARCHITECTURE, IMAGES))
        .withMessage(
            "Training was interrupted at step 5 of 12 and is lost.\n"
                + "Maybe give the trainer a folder for checkpoints.");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aTrainingOfAnotherKindIsRefusedWithTheDifferences() {
    everything().epochs(1).checkpoints(folder).build().fit(ARCHITECTURE, IMAGES);
    String start = "Checkpoint '" + folder.resolve("last.ckpt") + "' is of another training: ";
    String end = ".\nMaybe choose another folder, or ask for the same as then.";
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () ->
                everything()
                    .epochs(2)
                    .weightDecay(0.5)
                    .checkpoints(folder)
                    .build()
                    .fit(ARCHITECTURE, IMAGES))
        .withMessage(start + "epochs was 1 and is 2, weightDecay was 3.0E-5 and is 0.5" + end);
    Trainer same = everything().epochs(1).checkpoints(folder).build();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> same.fit(SPACE.architecture(0, 1), IMAGES))
        .withMessageMatching("(?s).*: network was [0-9a-f]{16} and is [0-9a-f]{16}\\.\nMaybe.*");
    // Of the same shape, with other weights.
    ComputationGraph other = SPACE.network(ARCHITECTURE, 4);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> same.fit(other, IMAGES))
        .withMessageContaining(": network was ");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> same.fit(ARCHITECTURE, Stripes.images(100, 16)))
        .withMessageContaining(": images was ");
  }

  @Test
  void aFolderThatCannotBeWrittenToIsNoticedBeforeTheFirstStep() throws IOException {
    Path taken = Files.writeString(folder.resolve("taken"), "a file");
    List<Progress> heard = new ArrayList<>();
    Trainer trainer = everything().checkpoints(taken).listener(steps(heard)).build();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> trainer.fit(ARCHITECTURE, IMAGES))
        .withMessageStartingWith(
            "Checkpoint '" + taken.resolve("last.ckpt") + "' cannot be written: ")
        .withMessageEndingWith("\nMaybe choose another folder, or make room on the disk.");
    assertThat(heard).isEmpty();
  }

  /** As often as it is interrupted. */
  @Test
  @Tag("slow")
  void anInterruptedTrainingGivesItsNativeMemoryBack() {
    OptionalLong known = NativeBytes.live();
    assumeTrue(known.isPresent(), "the C library does not tell what is allocated");
    LayeredSpace wide =
        LayeredSpace.named("wide", SPACE.input(), SPACE.classes())
            .stem(new ConvBnAct(1, 1024, 4))
            .choice("one", new ConvBnAct(1, 1024, 1))
            .build();
    AtomicLong most = new AtomicLong();
    TrainingListener looking =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress, double loss) {
            most.accumulateAndGet(NativeBytes.live().orElseThrow(), Math::max);
          }
        };
    long before = 0;
    for (int round = 0; round < 5; round++) {
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(
              () ->
                  everything()
                      .listener(looking)
                      .listener(interrupting(2))
                      .build()
                      .fit(wide.uniform(0), IMAGES));
      assertThat(Thread.interrupted()).isTrue();
      before = round == 0 ? NativeBytes.live().orElseThrow() : before;
    }
    assertThat(NativeBytes.live().orElseThrow() - before).as("bytes kept").isLessThan(8L << 20);
    assertThat(most.get() - before).as("bytes of a training").isGreaterThan(16L << 20);
  }

  /** The folder goes away under a training, which ends all the same. */
  @Test
  void aCheckpointThatFailsOnTheWayDoesNotCostTheTraining() throws IOException {
    Path doomed = folder.resolve("doomed");
    TrainingListener replacing =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress, double loss) {
            if (progress.done() == 1) {
              try {
                Files.delete(doomed.resolve("last.ckpt"));
                Files.delete(doomed);
                Files.writeString(doomed, "in the way");
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            }
          }
        };
    float[] without = bits(everything().build().fit(ARCHITECTURE, IMAGES));
    float[] with =
        bits(
            everything().checkpoints(doomed).listener(replacing).build().fit(ARCHITECTURE, IMAGES));
    assertThat(doomed).hasContent("in the way");
    assertThat(with).isEqualTo(without);
  }

  @Test
  void positionsThatNoTrainingIsAtAreRefused() {
    for (double loss : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new Checkpoints.Position(1, loss, 0, 0, 0))
          .withMessage(
              "it is at step 1 with a loss of "
                  + loss
                  + ", 0 correct, the best epoch 0 with an accuracy of 0.0");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Checkpoints.Position(1, 0, 0, 1, 101))
        .withMessageContaining("the best epoch 1 with an accuracy of 101.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Checkpoints.Position(-1, 0, 0, 0, 0))
        .withMessageContaining("at step -1");
  }
}
