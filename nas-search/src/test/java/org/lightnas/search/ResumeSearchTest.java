package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.DivergedSearchException;
import org.lightnas.InterruptedRunException;
import org.lightnas.Progress;
import org.lightnas.data.ImageData;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.predict.LatencyTable;

class ResumeSearchTest {

  private static final ImageData IMAGES = Tiny.images(192, 6);
  private static final Constraint BOUND = Constraint.atMost(6.5, Tiny.TABLE);

  @TempDir Path folder;

  private static LightNas.Builder search() {
    return Tiny.search().steps(14);
  }

  private static SearchResult run(LightNas.Builder settings) {
    return settings.build().search(Tiny.SPACE.on(IMAGES), BOUND);
  }

  private static SearchListener interruptingAfter(int passes) {
    return new SearchListener() {
      @Override
      public void onStep(Progress progress, SearchStep step) {
        if (progress.done() == passes) {
          Thread.currentThread().interrupt();
        }
      }
    };
  }

  private void interrupt(LightNas.Builder settings, int passes) {
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> run(settings.checkpoints(folder).listener(interruptingAfter(passes))))
        .withMessage(
            "The search was interrupted at pass "
                + passes
                + " of 22; '"
                + folder.resolve("last.ckpt")
                + "' holds it.\nMaybe search again with the same settings.");
    assertThat(Thread.interrupted()).isTrue();
  }

  private static void assertEqual(SearchResult ours, SearchResult theirs) {
    assertThat(ours.architecture()).isEqualTo(theirs.architecture());
    assertThat(ours.history()).isEqualTo(theirs.history());
    assertThat(Arrays.deepEquals(ours.probabilities(), theirs.probabilities())).isTrue();
  }

  /** In the warm-up, between weights and logits, at an epoch's end, at the very end. */
  @Test
  @Tag("slow")
  void goesOnBitForBitWhereverItWasInterrupted() throws IOException {
    SearchResult undisturbed = run(search());
    for (int passes : new int[] {1, 4, 7, 8, 12, 21}) {
      interrupt(search(), passes);
      assertEqual(run(search().resumeFrom(folder)), undisturbed);
      Files.delete(folder.resolve("last.ckpt"));
    }
  }

  @Test
  @Tag("slow")
  void thePublishedSearchGoesOnToo() throws IOException {
    LightNas.Builder settings = LightNas.faithful().epochs(4).batchSize(16).seed(3);
    SearchResult undisturbed = run(settings);
    assertThat(undisturbed.history()).hasSize(3 + 2 * 21);
    for (int passes : new int[] {2, 10, 30}) {
      LightNas.Builder again = LightNas.faithful().epochs(4).batchSize(16).seed(3);
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(() -> run(again.checkpoints(folder).listener(interruptingAfter(passes))));
      assertThat(Thread.interrupted()).isTrue();
      assertEqual(
          run(LightNas.faithful().epochs(4).batchSize(16).seed(3).resumeFrom(folder)), undisturbed);
      Files.delete(folder.resolve("last.ckpt"));
    }
  }

  @Test
  void aFinishedSearchGivesItsResultAgain() {
    SearchResult first = run(search().checkpoints(folder));
    assertEqual(run(search().checkpoints(folder)), first);
  }

  @Test
  void anInterruptionWithoutAFolderSaysWhatIsLost() {
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> run(search().listener(interruptingAfter(5))))
        .withMessage(
            "The search was interrupted at pass 5 of 22 and is lost.\n"
                + "Maybe give the searcher a folder for checkpoints.");
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anotherSearchIsRefusedWithWhatDiffers() {
    interrupt(search(), 4);
    String start = "Checkpoint '" + folder.resolve("last.ckpt") + "' is of another search: ";
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> run(search().seed(8).learningRate(0.01).checkpoints(folder)))
        .withMessage(
            start
                + "learning rate was 0.05 and is 0.01, seed was 7 and is 8.\n"
                + "Maybe choose another folder, or ask for the same as then.");
    LightNas same = search().checkpoints(folder).build();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> same.search(Tiny.SPACE.on(IMAGES), Constraint.atMost(5, Tiny.TABLE)))
        .withMessageContaining(": bound 1 on latency was 6.5 by predictions ")
        .withMessageContaining(" and is 5.0 by predictions ");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> same.search(Tiny.SPACE.on(Tiny.images(180, 6)), BOUND))
        .withMessageContaining(": images was ");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () ->
                same.search(
                    Tiny.BLIND.on(IMAGES),
                    Constraint.atMost(
                        3,
                        LatencyTable.of(Tiny.BLIND, 1, new double[][] {{0.5, 2, 3}, {0.1, 0.2}}))))
        .withMessageContaining("space was tiny ")
        .withMessageContaining(" and is blind ");
  }

  @Test
  void anotherAimOrSupernetIsAnotherSearch() {
    interrupt(search().aimAtBound(true), 4);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> run(search().aimAtBound(false).checkpoints(folder)))
        .withMessageContaining(": aims at bounds was true and is false.");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> run(search().aimAtBound(true).supernet(Tiny.SPACE).checkpoints(folder)))
        .withMessageContaining(": supernet was unknown and is tiny ");
  }

  @Test
  void resumingWhereNothingIsIsRefused() {
    Path missing = folder.resolve("missing");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> run(search().resumeFrom(missing)))
        .withMessage(
            "Checkpoint '"
                + missing.resolve("last.ckpt")
                + "' is not there: there is no search of space 'tiny' to resume.\n"
                + "Maybe use checkpoints(folder), which begins where there is nothing.");
    // A folder of searches is not the folder of one.
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> run(search().resumeFrom(folder)))
        .withMessageStartingWith("Checkpoint '" + folder.resolve("last.ckpt") + "' is not there");
  }

  @Test
  void aFolderThatCannotBeWrittenToIsNoticedBeforeTheFirstPass() throws IOException {
    Path taken = Files.writeString(folder.resolve("taken"), "a file");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> run(search().checkpoints(taken)))
        .withMessageStartingWith("Checkpoint '" + taken.resolve("last.ckpt") + "' cannot be");
  }

  @Test
  void aDivergedSearchNamesItsLastGoodState() {
    assertThatExceptionOfType(DivergedSearchException.class)
        .isThrownBy(() -> run(search().learningRate(1e30).checkpoints(folder)))
        .withMessageEndingWith(" The last good state is in '" + folder.resolve("last.ckpt") + "'.")
        .matches(e -> folder.resolve("last.ckpt").equals(e.checkpoint()));
  }

  @Test
  void searchesForManyBoundsAreWhatSearchesForEachAre() {
    List<Constraint> bounds =
        List.of(Constraint.atMost(3.9, Tiny.TABLE), BOUND, Constraint.atMost(8, Tiny.TABLE));
    SearchResults many = search().build().searchEach(Tiny.SPACE.on(IMAGES), bounds);
    assertThat(many.satisfied()).isTrue();
    for (int i = 0; i < bounds.size(); i++) {
      assertEqual(many.all().get(i), search().build().search(Tiny.SPACE.on(IMAGES), bounds.get(i)));
    }
    assertThat(many.page().html())
        .contains("3 of 3 bounds are kept", "Towards the bounds", "Front of the results");
  }

  /** Interrupted in the shared warm-up, in the first and in the second search. */
  @Test
  @Tag("slow")
  void manySearchesGoOnToo() throws IOException {
    List<Constraint> bounds = List.of(Constraint.atMost(3.9, Tiny.TABLE), BOUND);
    SearchResults undisturbed = search().build().searchEach(Tiny.SPACE.on(IMAGES), bounds);
    for (int heard : new int[] {3, 10, 30}) {
      int[] passes = {0};
      SearchListener interrupting =
          new SearchListener() {
            @Override
            public void onStep(Progress progress, SearchStep step) {
              if (++passes[0] == heard) {
                Thread.currentThread().interrupt();
              }
            }
          };
      Path own = folder.resolve("run" + heard);
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(
              () ->
                  search()
                      .checkpoints(own)
                      .listener(interrupting)
                      .build()
                      .searchEach(Tiny.SPACE.on(IMAGES), bounds));
      assertThat(Thread.interrupted()).isTrue();
      SearchResults resumed =
          search().resumeFrom(own).build().searchEach(Tiny.SPACE.on(IMAGES), bounds);
      for (int i = 0; i < bounds.size(); i++) {
        assertEqual(resumed.all().get(i), undisturbed.all().get(i));
      }
    }
  }

  /** What a file says of passes is shown in reports, and decides what comes next. */
  @Test
  void historiesThatAreNoneAreRefused() {
    interrupt(search(), 8);
    Path file = folder.resolve("last.ckpt");
    StateFile<SearchState.Position> state = StateFile.read(file, SearchState.Position.class);
    SearchState.Position p = state.position();
    SearchStep last = p.history().get(7);
    for (SearchStep forged :
        List.of(
            new SearchStep(6, last.phase(), 1, last.pressures(), 1),
            new SearchStep(7, Phase.WARM_UP, 1, last.pressures(), 1),
            new SearchStep(7, last.phase(), Double.NaN, last.pressures(), 1),
            new SearchStep(7, last.phase(), 1, List.of(), 1),
            new SearchStep(7, last.phase(), 1, last.pressures(), 1.5),
            new SearchStep(
                7, last.phase(), 1, List.of(new SearchStep.Pressure(Double.NaN, 0)), 1))) {
      List<SearchStep> history = new ArrayList<>(p.history());
      history.set(7, forged);
      SearchState.Position now = new SearchState.Position(8, p.logits(), history);
      new StateFile<>(file, state.run(), now, state.tensors()).write();
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> run(search().checkpoints(folder)))
          .withMessageMatching(
              "(?s)Checkpoint '"
                  + file
                  + "' holds a state that this run is never in \\(.*pass.*7.* is told .*\\): it is"
                  + " damaged\\.\nMaybe delete it.*");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SearchState.Position(9, p.logits(), p.history()))
        .withMessage("8 passes are told of 9");
  }
}
