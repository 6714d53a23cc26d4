package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.FeatureShape;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Networks;
import org.lightnas.graph.TrainedGraph;
import org.lightnas.predict.PredictorFileException;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;

class DominoFolderTest {

  private static final FeatureShape IMAGE = new FeatureShape(3, 8, 8);

  private static LayeredSpace pair() {
    return LayeredSpace.named("pair", IMAGE, 4)
        .choice("one", new MbConv(3, 2, 8, 1))
        .choice("two", new MbConv(3, 2, 8, 1))
        .build();
  }

  private static TrainedGraph network(LayeredSpace space) {
    ComputationGraph made = space.network(space.uniform(0), 1);
    TrainedGraph network = TrainedGraph.of(made);
    Networks.close(made);
    return network;
  }

  private static GraftingSpace space() {
    return GraftingSpace.of(network(pair()).graph());
  }

  private static Reach measured(TrainedGraph network, GraftingSpace space) {
    return Reach.measure(space, network, ExactDevice.BY_LAYERS);
  }

  @Test
  void whatWasMeasuredIsReadAgainToTheBit(@TempDir Path dir) {
    DominoFolder folder = new DominoFolder(dir.resolve("new"));
    TrainedGraph network = network(pair());
    GraftingSpace space = GraftingSpace.of(network.graph()).joining(7);
    Map<String, String> run = Map.of("seed", "1");
    Device device = ExactDevice.BY_LAYERS;
    Reach reach = folder.reach(() -> run, space, device, () -> measured(network, space));
    assertThat(reach.spans()).isNotEmpty();
    assertThat(folder.reach(() -> run, space, device, () -> fail("measured again")))
        .isEqualTo(reach);
  }

  @Test
  void measurementsOfOtherRunsAndOtherBlocksAreRefused(@TempDir Path dir) throws IOException {
    DominoFolder folder = new DominoFolder(dir);
    TrainedGraph network = network(pair());
    GraftingSpace space = space();
    Device device = ExactDevice.BY_LAYERS;
    Map<String, String> run = Map.of("seed", "1");
    folder.reach(() -> run, space, device, () -> measured(network, space));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () -> folder.reach(() -> Map.of("seed", "2"), space, device, () -> fail("measured")))
        .withMessage(
            "Checkpoint '"
                + dir.resolve("reach.ckpt")
                + "' is of another compression: seed was 1 and is 2.\n"
                + "Maybe choose another folder, or ask for the same as then.");
    // Written by hand, as the facts name the network.
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> folder.reach(() -> run, space.joining(7), device, () -> fail("measured")))
        .withMessage(
            "Checkpoint '"
                + dir.resolve("reach.ckpt")
                + "' holds a state that this run is never in (blocks [0 all, 1 all] and [] were"
                + " measured): it is damaged.\n"
                + "Maybe delete it to begin anew, or put back a copy.");
    Profile.of(space, "exact", Map.of(space.uniform(0), 3.0)).write(dir.resolve("profile.csv"));
    Files.delete(dir.resolve("reach.ckpt"));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> folder.reach(() -> run, space, device, () -> fail("measured")))
        .withMessage(
            "Checkpoint '"
                + dir.resolve("profile.csv")
                + "' is there without 'reach.ckpt', which says what run it is of.\n"
                + "Maybe take another folder.");
  }

  /** Else users would look for their own mistakes in the file. */
  @Test
  void whatIsThrownWhileChoosingIsHandedOn(@TempDir Path dir) {
    DominoFolder folder = new DominoFolder(dir);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                folder.mask(
                    "lite",
                    space(),
                    () -> {
                      throw new IllegalArgumentException("no such data");
                    }))
        .withMessage("no such data");
    assertThat(dir).isEmptyDirectory();
  }

  @Test
  @Tag("slow")
  void whatIsThereIsNotDoneAgain(@TempDir Path dir) {
    DominoFolder folder = new DominoFolder(dir.resolve("new"));
    GraftingSpace space = space();
    Architecture mask = space.architecture(0, 1);
    assertThat(folder.mask("lite", space, () -> mask)).isEqualTo(mask);
    assertThat(folder.mask("lite", space, () -> fail("done again"))).isEqualTo(mask);
    assertThat(folder.mask("other", space, () -> space.uniform(0))).isEqualTo(space.uniform(0));
    Measurement takes = new Measurement(2, 0.1, 6, 1, 1, 1);
    assertThat(folder.latency("lite", mask, () -> takes)).isEqualTo(takes);
    assertThat(folder.latency("lite", mask, () -> fail("measured again"))).isEqualTo(takes);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> folder.latency("lite", space.uniform(0), () -> fail("measured again")))
        .withMessageContaining(
            "'"
                + dir.resolve("new/latency-lite.ckpt")
                + "' is of another measurement: mask was none-all and is none-none.");
    Profile profile = Profile.of(space, "exact", Map.of(mask, 2.0, space.uniform(0), 3.0));
    assertThat(folder.profile(space, () -> profile)).isEqualTo(profile);
    assertThat(folder.profile(space, () -> fail("done again"))).isEqualTo(profile);
  }

  @Test
  void withoutAFolderNothingIsKept() {
    GraftingSpace space = space();
    DominoFolder folder = new DominoFolder(null);
    assertThat(folder.mask("lite", space, () -> space.uniform(1))).isEqualTo(space.uniform(1));
    assertThat(folder.mask("lite", space, () -> space.uniform(0))).isEqualTo(space.uniform(0));
    Measurement takes = new Measurement(2, 0.1, 6, 1, 1, 1);
    assertThat(folder.latency("lite", space.uniform(0), () -> takes)).isSameAs(takes);
    Profile profile = Profile.of(space, "exact", Map.of(space.uniform(0), 3.0));
    assertThat(folder.profile(space, () -> profile)).isSameAs(profile);
    Reach reach = measured(network(pair()), space);
    assertThat(folder.reach(() -> fail("asked"), space, ExactDevice.BY_LAYERS, () -> reach))
        .isSameAs(reach);
  }

  @Test
  void refusesFilesOfAnotherNetwork(@TempDir Path dir) throws IOException {
    Files.writeString(dir.resolve("mask-lite.json"), "{}");
    Files.writeString(dir.resolve("profile.csv"), "nothing");
    DominoFolder folder = new DominoFolder(dir);
    GraftingSpace space = space();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> folder.mask("lite", space, () -> fail("done again")))
        .withMessageStartingWith(
            "Checkpoint '" + dir.resolve("mask-lite.json") + "' cannot be used: ")
        .withMessageEndingWith("\nMaybe take another folder for this network.");
    assertThatExceptionOfType(PredictorFileException.class)
        .isThrownBy(() -> folder.profile(space, () -> fail("done again")))
        .withMessageStartingWith("File '" + dir.resolve("profile.csv") + "', line 1: expected");
  }
}
