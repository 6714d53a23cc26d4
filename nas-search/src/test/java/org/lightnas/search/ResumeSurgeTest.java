package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.InterruptedRunException;
import org.lightnas.Progress;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;

class ResumeSurgeTest {

  private static final ImageData IMAGES = Tiny.images(96, 6);
  private static final Constraint BOUND = Constraint.atMost(6.5, Tiny.TABLE);

  @TempDir Path folder;

  private static SurgeNas.Builder search() {
    return SurgeNas.builder()
        .steps(14)
        .identityMapping(true)
        .batchSize(16)
        .learningRate(0.05)
        .augmentation(Augmentation.cropAndFlip())
        .seed(7);
  }

  private static SurgeNas.Builder faithful() {
    return SurgeNas.faithful(0.2).steps(14).batchSize(16).seed(3);
  }

  private static SearchResult run(SurgeNas.Builder settings) {
    return settings.build().search(Tiny.SPACE.on(IMAGES), BOUND);
  }

  private void interrupt(SurgeNas.Builder settings, int passes) {
    SearchListener interrupting =
        new SearchListener() {
          @Override
          public void onStep(Progress progress, SearchStep step) {
            if (progress.done() == passes) {
              Thread.currentThread().interrupt();
            }
          }
        };
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> run(settings.checkpoints(folder).listener(interrupting)))
        .withMessage(
            "The search was interrupted at pass "
                + passes
                + " of 14; '"
                + folder.resolve("last.ckpt")
                + "' holds it.\nMaybe search again with the same settings.");
    assertThat(Thread.interrupted()).isTrue();
  }

  private static void assertEqual(SearchResult ours, SearchResult theirs) {
    assertThat(ours.architecture()).isEqualTo(theirs.architecture());
    assertThat(ours.history()).isEqualTo(theirs.history());
    assertThat(Arrays.deepEquals(ours.probabilities(), theirs.probabilities())).isTrue();
  }

  /** In the warm-up, while mappings fade, at an epoch's end, without mappings, at the very end. */
  @Test
  @Tag("slow")
  void goesOnBitForBitWhereverItWasInterrupted() throws IOException {
    SearchResult undisturbed = run(search());
    for (int passes : new int[] {1, 5, 6, 7, 9, 12, 13}) {
      interrupt(search(), passes);
      assertEqual(run(search().resumeFrom(folder)), undisturbed);
      Files.delete(folder.resolve("last.ckpt"));
    }
  }

  @Test
  @Tag("slow")
  void withGivenLambdaAndGatesToo() throws IOException {
    SearchResult undisturbed = run(faithful());
    for (int passes : new int[] {1, 8, 13}) {
      interrupt(faithful(), passes);
      assertEqual(run(faithful().resumeFrom(folder)), undisturbed);
      Files.delete(folder.resolve("last.ckpt"));
    }
  }

  @Test
  void theFileHoldsTheWeightsOfMappings() {
    interrupt(search(), 3);
    StateFile<SearchState.Position> file =
        StateFile.read(folder.resolve("last.ckpt"), SearchState.Position.class);
    assertThat(file.tensors()).containsKey("value/two/mapped/0/conv/W");
    assertThat(file.tensors().get("updates/two/mapped/0/conv/W")).containsExactly(3);
  }

  @Test
  void anotherSearchIsRefusedWithWhatDiffers() {
    interrupt(search(), 4);
    String start = "Checkpoint '" + folder.resolve("last.ckpt") + "' is of another search: ";
    for (SurgeNas.Builder other :
        List.of(search().lambda(0.5), search().identityMapping(false).seed(8))) {
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> run(other.checkpoints(folder)))
          .withMessageStartingWith(start);
    }
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> run(search().lambda(0.5).checkpoints(folder)))
        .withMessageContaining(": lambda was learned and is 0.5.");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> run(search().identityMapping(false).seed(8).checkpoints(folder)))
        .withMessageContaining(": identity mapping was yes and is no, seed was 7 and is 8.");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () -> Tiny.search().checkpoints(folder).build().search(Tiny.SPACE.on(IMAGES), BOUND))
        .withMessageContaining(": searcher was SurgeNAS and is LightNAS, ");
  }
}
