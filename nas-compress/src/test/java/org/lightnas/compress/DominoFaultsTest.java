package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.InterruptedRunException;
import org.lightnas.NasException;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Evaluator;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.train.Trainer;

/** What users' code throws while a network is compressed is told with its name. */
class DominoFaultsTest {

  private static final ImageData IMAGES = ImageData.generated(96, 48, 1);
  private static final String MAYBE =
      "\\nMaybe try it by itself; its own error is the cause of this one\\.";

  private static final LayeredSpace NETWORK =
      LayeredSpace.named("tiny", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 8, 2))
          .choice("one", new MbConv(3, 6, 8, 1))
          .choice("two", new MbConv(3, 6, 16, 2))
          .build();

  private static ComputationGraph network;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    network =
        Trainer.builder()
            .epochs(1)
            .batchSize(16)
            .batchNormReestimation(2)
            .build()
            .fit(NETWORK.uniform(0), IMAGES);
  }

  @AfterAll
  static void close() {
    Networks.close(network);
  }

  private static Domino.Builder domino(Device device, Evaluator evaluator) {
    return Domino.builder(device, IMAGES)
        .samples(10)
        .epochs(1)
        .training(t -> t.batchSize(16).batchNormReestimation(2))
        .evaluator((n, i) -> evaluator);
  }

  /** Measures so often, then fails. */
  private static Device tired(int times) {
    AtomicInteger left = new AtomicInteger(times);
    return new ExactDevice(
        of -> {
          if (left.getAndDecrement() <= 0) {
            throw new IllegalStateException("cable pulled");
          }
          return ExactDevice.BY_MACS.measure(of).millis();
        });
  }

  private static final Evaluator FEW =
      Evaluator.of("few", mask -> -mask.picks()[0] - 2.0 * mask.picks()[1]);

  @Test
  void aDeviceThatFailsIsNamedWithWhatItMeasured() {
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> domino(tired(2), FEW).build().compress(network))
        .withMessageMatching(
            "Device ExactDevice.* failed on the part from '.+' to '.+':"
                + " java\\.lang\\.IllegalStateException: cable pulled"
                + MAYBE)
        .withCauseInstanceOf(IllegalStateException.class);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> domino(tired(8), FEW).build().compress(network))
        .withMessageMatching(
            "Device ExactDevice.* failed on .*: java\\.lang\\.IllegalStateException: cable pulled"
                + MAYBE);
  }

  @Test
  @Tag("slow")
  void anEvaluatorThatFailsIsNamedWithTheMask() {
    Evaluator broken =
        Evaluator.of(
            "moods",
            mask -> {
              throw new ArithmeticException("/ by zero");
            });
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> domino(ExactDevice.BY_MACS, broken).build().compress(network))
        .withMessageMatching(
            "The evaluator of 'moods' failed on mask [\\w-]+:"
                + " java\\.lang\\.ArithmeticException: / by zero"
                + MAYBE);
    Compressed next = domino(ExactDevice.BY_MACS, FEW).build().compress(network);
    assertThat(next.steps()).isNotEmpty();
    Networks.close(next.network());
  }

  @Test
  void aDeviceThatFailsOnANetworkWithoutBlocksIsNamed() {
    LayeredSpace plain =
        LayeredSpace.named("plain", IMAGES.shape(), IMAGES.classes())
            .choice("a", new ConvBnAct(3, 8, 4))
            .build();
    ComputationGraph given = plain.network(plain.uniform(0), 1);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> domino(tired(0), FEW).build().compress(given))
        .withMessageMatching(
            "Device ExactDevice.* failed on the network:"
                + " java\\.lang\\.IllegalStateException: cable pulled"
                + MAYBE);
    Networks.close(given);
  }

  /** Neither is a fault of the folder. */
  @Test
  void anEvaluatorThatCannotBeMadeIsNamed() {
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(
            () ->
                domino(ExactDevice.BY_MACS, FEW)
                    .evaluator(
                        (n, i) -> {
                          throw new IllegalStateException("no luck");
                        })
                    .checkpoints(folder)
                    .build()
                    .compress(network))
        .withMessageMatching(
            "The evaluator of masks could not be made: java\\.lang\\.IllegalStateException: no luck"
                + MAYBE);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                domino(ExactDevice.BY_MACS, FEW)
                    .evaluator(
                        (n, i) -> {
                          throw new IllegalArgumentException("no such data");
                        })
                    .checkpoints(folder)
                    .build()
                    .compress(network))
        .withMessage("The evaluator of masks could not be made: no such data");
  }

  @Test
  void anInterruptedThreadStopsTheSupernetOfMasks() {
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(
            () -> MaskSupernet.builder().steps(9).batchSize(16).train(network, IMAGES.train()))
        .withMessage(
            "The supernet of masks was interrupted after 0 of 9 steps and is lost.\n"
                + "Maybe begin anew.");
    assertThat(Thread.interrupted()).isTrue();
    try (MaskSupernet trained =
        MaskSupernet.builder().steps(2).batchSize(16).train(network, IMAGES.train())) {
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(() -> trained.tryMasks(4, 1))
          .withMessageContaining("interrupted while masks were tried");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(trained.tryMasks(4, 1)).hasSize(4);
    }
  }

  /** Nobody can make a folder below a file, not even root. */
  @Test
  void aFolderThatCannotBeWrittenToIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Domino domino = domino(ExactDevice.BY_MACS, FEW).checkpoints(file.resolve("run")).build();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> domino.compress(network))
        .withMessageStartingWith(
            "Checkpoint '" + file.resolve("run").resolve("reach.ckpt") + "' cannot be written: ");
    assertThat(file).hasContent("in the way");
  }
}
