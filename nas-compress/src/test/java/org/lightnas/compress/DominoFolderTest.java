package org.lightnas.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.FeatureShape;
import org.lightnas.predict.PredictorFileException;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.MbConv;

class DominoFolderTest {

  private static GraftingSpace space() {
    LayeredSpace network =
        LayeredSpace.named("pair", new FeatureShape(3, 8, 8), 4)
            .choice("one", new MbConv(3, 2, 8, 1))
            .choice("two", new MbConv(3, 2, 8, 1))
            .build();
    ComputationGraph made = network.network(network.uniform(0), 1);
    GraftingSpace space = GraftingSpace.of(made);
    made.close();
    return space;
  }

  @Test
  void whatIsThereIsNotDoneAgain(@TempDir Path dir) {
    DominoFolder folder = new DominoFolder(dir.resolve("new"));
    GraftingSpace space = space();
    Architecture mask = space.architecture(0, 1);
    assertThat(folder.mask("lite", space, () -> mask)).isEqualTo(mask);
    assertThat(folder.mask("lite", space, () -> fail("done again"))).isEqualTo(mask);
    assertThat(folder.mask("other", space, () -> space.uniform(0))).isEqualTo(space.uniform(0));
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
    Profile profile = Profile.of(space, "exact", Map.of(space.uniform(0), 3.0));
    assertThat(folder.profile(space, () -> profile)).isSameAs(profile);
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
