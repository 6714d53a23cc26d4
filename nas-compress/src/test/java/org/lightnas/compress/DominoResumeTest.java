package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.graph.Networks;

class DominoResumeTest extends DominoFixture {

  @Test
  @Tag("slow")
  void theSameSeedGivesTheSameNetwork() {
    Domino domino = domino(BY_MACS).evaluator(Domino.slopes(3)).seed(3).build();
    Compressed once = domino.compress(network);
    Compressed again = domino.compress(network);
    assertThat(again.blocks()).isEqualTo(once.blocks());
    assertThat(again.network().params()).isEqualTo(once.network().params());
    Networks.close(once.network());
    Networks.close(again.network());
  }

  @Test
  @Tag("slow")
  void trainingsGoOnFromAFolder(@TempDir Path folder) throws Exception {
    Domino domino = domino(BY_MACS).checkpoints(folder).build();
    Compressed once = domino.compress(network);
    try (var files = Files.walk(folder)) {
      assertThat(files.map(f -> f.getFileName().toString())).contains("last.ckpt");
    }
    Compressed again = domino.compress(network);
    assertThat(again.network().params()).isEqualTo(once.network().params());
    Networks.close(once.network());
    Networks.close(again.network());
  }

  /** Noise would decide anew otherwise, for trainings that were begun. */
  @Test
  @Tag("slow")
  void whatWasMeasuredIsNotMeasuredAgain(@TempDir Path folder) {
    Compressed once =
        domino(BY_MACS)
            .preset(Domino.Preset.MODERATE)
            .checkpoints(folder)
            .build()
            .compress(network);
    Device broken =
        new ExactDevice(
            n -> {
              throw new AssertionError("measured again");
            });
    Compressed again =
        domino(broken).preset(Domino.Preset.MODERATE).checkpoints(folder).build().compress(network);
    assertThat(again.blocks()).isEqualTo(once.blocks());
    assertThat(again.asked()).isEqualTo(once.asked());
    assertThat(again.network().params()).isEqualTo(once.network().params());
    Networks.close(once.network());
    Networks.close(again.network());
  }

  private static void assertRefused(
      Path folder, Domino.Builder other, ComputationGraph of, String differences) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> other.checkpoints(folder).build().compress(of))
        .withMessageMatching(
            Pattern.quote(
                    "Checkpoint '" + folder.resolve("reach.ckpt") + "' is of another compression: ")
                + differences
                + "\\.\nMaybe choose another folder, or ask for the same as then\\.");
  }

  @Test
  @Tag("slow")
  void theFolderOfAnotherRunIsRefusedWithWhatDiffers(@TempDir Path folder) {
    Supplier<Domino.Builder> same =
        () -> domino(BY_MACS).latency(Duration.ofSeconds(1)).constraint(bent(5));
    same.get().checkpoints(folder).build().compress(network).network().close();
    same.get().checkpoints(folder).build().compress(network).network().close();
    ComputationGraph other = network.clone();
    other.params().addi(1e-3);
    assertRefused(
        folder,
        same.get(),
        other,
        "network was \\w{16} and is \\w{16}, teacher was network .* and is network .*");
    Networks.close(other);
    assertRefused(
        folder,
        domino(BY_MACS).latency(Duration.ofSeconds(1)).constraint(bent(6)),
        network,
        "bound 1 on bent blocks was 5\\.0 by predictions (\\w+) and is 6\\.0 by predictions \\1");
    assertRefused(
        folder,
        domino(spread(0)).latency(Duration.ofSeconds(1)).constraint(bent(5)),
        network,
        "device was exact and is spread");
    assertRefused(
        folder,
        domino(BY_MACS, ImageData.generated(96, 48, 2))
            .latency(Duration.ofSeconds(1))
            .constraint(bent(5)),
        network,
        "images was \\w+ and is \\w+");
    // What is to be saved may differ.
    domino(BY_MACS)
        .latency(Duration.ofSeconds(2))
        .constraint(bent(5))
        .checkpoints(folder)
        .build()
        .compress(network)
        .network()
        .close();
    assertRefused(
        folder,
        domino(BY_MACS)
            .latency(Duration.ofSeconds(1))
            .samples(11)
            .seed(7)
            .epochs(3)
            .proMax()
            .training(t -> t.batchSize(8).batchNormReestimation(2)),
        network,
        "largest kernel of joined blocks was 0 and is 7, rounds was 1 and is 2, samples was 10 and"
            + " is 11, epochs was 2 and is 3, batchSize was 16 and is 8, seed was 42 and is 7,"
            + " bound 1 on bent blocks was 5\\.0 by predictions \\w+ and is unknown");
  }

  @Test
  @Tag("slow")
  void roundsGoOnFromAFolder(@TempDir Path folder) throws Exception {
    Compressed once = proMax().checkpoints(folder).build().compress(network);
    try (var files = Files.walk(folder)) {
      assertThat(files.map(f -> folder.relativize(f).toString()))
          .contains("mask-aggressive-round1.json", "mask-aggressive-round2.json")
          .contains("aggressive/round1", "aggressive/round2");
    }
    Compressed again =
        proMax()
            .checkpoints(folder)
            .evaluator(
                (n, images) -> {
                  throw new AssertionError("scored again");
                })
            .build()
            .compress(network);
    assertThat(again.network().params()).isEqualTo(once.network().params());
    assertThat(again.blocks()).isEqualTo(once.blocks());
    assertThat(again.asked()).isEqualTo(once.asked());
    Networks.close(once.network());
    Networks.close(again.network());
  }
}
