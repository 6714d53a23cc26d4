package org.lightnas.search.population;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.InterruptedRunException;
import org.lightnas.PoorPredictorException;
import org.lightnas.Progress;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.internal.StateFile;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.SearchSpace;

class HscoNasTest {

  private static final ImageData IMAGES = ImageData.generated(300, 20, 1);
  private static final LayeredSpace SPACE = Widths.space(IMAGES.shape(), IMAGES.classes());
  private static final LatencyTable TABLE = Widths.latency(SPACE);
  private static final Constraint BOUND = Constraint.atMost(9, TABLE);

  @TempDir private Path folder;

  private static HscoNas.Builder search() {
    return HscoNas.builder()
        .steps(60)
        .fineTuning(15)
        .batchSize(16)
        .learningRate(0.05)
        .validation(0.2)
        .batchNormReestimation(2)
        .samples(4)
        .stages(2)
        .stageChoices(1)
        .population(8)
        .generations(3)
        .seed(3);
  }

  @Test
  @Tag("slow")
  void findsANetworkWithinTheBoundInWhatIsLeftOfTheSpace() {
    HscoResult found = search().build().search(SPACE.on(IMAGES), BOUND);
    assertThat(found.architecture().space()).isEqualTo(SPACE);
    assertThat(TABLE.predict(found.architecture())).isLessThanOrEqualTo(9);
    assertThat(found.satisfied()).isTrue();
    assertThat(found.constraints()).containsExactly(BOUND);
    assertThat(found.accuracy()).isBetween(10.0, 100.0);
    // Stages go from the end; a choice keeps what its decision says.
    assertThat(found.shrinkage().stream().map(Shrinkage::choice))
        .isSubsetOf("block3", "block2")
        .startsWith("block3");
    for (Shrinkage decision : found.shrinkage()) {
      int l = "block3".equals(decision.choice()) ? 2 : 1;
      List<String> kept =
          decision.operations().stream()
              .filter(Shrinkage.Operation::kept)
              .map(Shrinkage.Operation::name)
              .toList();
      assertThat(found.leaders())
          .allSatisfy(
              leader -> assertThat(Widths.UNITS.get(leader.architecture().pick(l) / 2)).isIn(kept));
    }
    assertThat(found.leaders()).hasSizeGreaterThan(10);
    assertThat(found.leaders().get(0).architecture()).isEqualTo(found.architecture());
    // The objective of the best is its accuracy less a tenth of a point per percent off the bound.
    assertThat(found.leaders().get(0).score())
        .isEqualTo(found.accuracy() - 10 * Math.abs(TABLE.predict(found.architecture()) / 9 - 1));
    assertThat(found.tally().evaluations()).isEqualTo(24);
    assertThat(found.settings())
        .containsEntry("searcher", "HSCoNAS")
        .containsEntry("beta", "-10.0")
        .containsEntry("objective", "two-sided")
        .containsEntry("ended", "after 24 evaluations");
    assertThat(found.toString()).startsWith(found.architecture() + ": supernet accuracy ");
    assertThat(SPACE.read(found.toJson())).isEqualTo(found.architecture());
    assertThat(found.toJson()).contains("\"supernetAccuracy\"", "\"shrinkage\"", "\"behind\"");
    assertThat(found.page().html())
        .contains("How the space was narrowed", "block3", found.architecture().id());
    // The same again.
    // A listener that scores on the way changes nothing.
    List<Integer> stages = new ArrayList<>();
    HscoResult again =
        search()
            .stageListener(
                stage -> {
                  stages.add(stage.stages());
                  Architecture drawn = stage.draw().apply(new SplittableRandom(stage.stages()));
                  assertThat(stage.accuracy().score(drawn)).isBetween(0.0, 100.0);
                  for (Shrinkage decision : stage.shrinkage()) {
                    int l = "block3".equals(decision.choice()) ? 2 : 1;
                    String unit = Widths.UNITS.get(drawn.pick(l) / 2);
                    assertThat(decision.operations())
                        .anyMatch(o -> o.kept() && o.name().equals(unit));
                  }
                  stages.add(stage.shrinkage().size());
                })
            .build()
            .search(SPACE.on(IMAGES), BOUND);
    assertThat(stages).startsWith(0, 0, 1, 1);
    assertThat(again.leaders()).isEqualTo(found.leaders());
    assertThat(again.shrinkage()).isEqualTo(found.shrinkage());
  }

  @Test
  void withoutStagesTheWholeSpaceIsSearched() {
    HscoResult found = search().stages(0).oneSided(true).build().search(SPACE.on(IMAGES), BOUND);
    assertThat(found.shrinkage()).isEmpty();
    assertThat(found.leaders().get(0).score()).isEqualTo(found.accuracy());
    assertThat(found.settings())
        .containsEntry("stages done", "0")
        .containsEntry("objective", "one-sided");
  }

  @Test
  void aClockThatIsSetBackCostsNothing() {
    HscoNas once =
        search()
            .stages(0)
            .clock(new SteppingClock(Duration.ofMinutes(-1)))
            .checkpoints(folder)
            .build();
    assertThat(once.search(SPACE.on(IMAGES), BOUND).elapsed()).isZero();
    // What it left is no damaged file.
    assertThat(once.search(SPACE.on(IMAGES), BOUND).elapsed()).isZero();
  }

  /** What is left of the space when it evolves is nobody's business. */
  @Test
  void listenersAndDevicesKnowTheSpaceThatIsSearched() {
    List<Architecture> heard = new ArrayList<>();
    ScoreListener listener =
        new ScoreListener() {
          @Override
          public void onScored(Scored scored, StopRule.Standing standing) {
            heard.add(scored.architecture());
          }
        };
    List<Architecture> measured = new ArrayList<>();
    Device published =
        new Device() {
          @Override
          public String fingerprint() {
            return TABLE.fingerprint().orElse("");
          }

          @Override
          public Measurement measure(ComputationGraph network) {
            throw new IllegalStateException("only architectures are known here");
          }

          @Override
          public Measurement measure(SearchSpace space, Architecture architecture, long seed) {
            measured.add(architecture);
            return new Measurement(TABLE.predict(architecture), 0, 6, 1, 1, 1);
          }
        };
    HscoResult found =
        search().listener(listener).build().search(SPACE.on(IMAGES), BOUND.measuredOn(published));
    assertThat(heard).hasSize(24).allMatch(a -> a.space().equals(SPACE));
    // First one of the bounds', to see that the device can.
    assertThat(measured).hasSize(2).allMatch(a -> a.space().equals(SPACE));
    assertThat(measured.get(1)).isEqualTo(found.architecture());
    assertThat(found.verdicts().get(0).measured()).isNotNull();
  }

  /** In training, while narrowing, and in the evolution. */
  @Test
  @Tag("slow")
  void goesOnAfterInterruptionsAsIfNothingHadHappened() {
    HscoResult expected = search().build().search(SPACE.on(IMAGES), BOUND);
    for (boolean evolving : new boolean[] {false, true}) {
      Path here = folder.resolve("evolving " + evolving);
      int[] left = {5};
      boolean[] trained = {false};
      Predictor stopping =
          Predictor.of(
              SPACE,
              Metric.LATENCY,
              a -> {
                if (!evolving && trained[0] && left[0]-- == 0) {
                  Thread.currentThread().interrupt();
                }
                return TABLE.predict(a);
              });
      ScoreListener listener =
          new ScoreListener() {
            @Override
            public void onScored(Scored scored, StopRule.Standing standing) {
              if (evolving && scored.number() == 11) {
                Thread.currentThread().interrupt();
              }
            }
          };
      assertThatExceptionOfType(InterruptedRunException.class)
          .isThrownBy(
              () ->
                  search()
                      .checkpoints(here)
                      .listener(listener)
                      .stageListener(stage -> trained[0] = true)
                      .build()
                      .search(SPACE.on(IMAGES), Constraint.atMost(9, stopping)))
          .withMessageContaining(
              evolving ? "after 11 evaluations" : "The narrowing of the space was interrupted.");
      assertThat(Thread.interrupted()).isTrue();
      HscoResult found = search().checkpoints(here).build().search(SPACE.on(IMAGES), BOUND);
      assertThat(found.leaders()).isEqualTo(expected.leaders());
      assertThat(found.shrinkage()).isEqualTo(expected.shrinkage());
      assertThat(found.accuracy()).isEqualTo(expected.accuracy());
    }
    Thread.currentThread().interrupt();
    Path begun = folder.resolve("begun");
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> search().checkpoints(begun).build().search(SPACE.on(IMAGES), BOUND))
        .withMessage(
            "The training of the supernet was interrupted at step 0 of 60.\n"
                + "Maybe search again with the same settings; '%s' holds it.",
            begun.resolve(HscoRun.SUPERNET));
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(() -> search().build().search(SPACE.on(IMAGES), BOUND))
        .withMessageEndingWith("\nMaybe give the searcher a folder for checkpoints.");
    assertThat(Thread.interrupted()).isTrue();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () -> search().samples(5).checkpoints(begun).build().search(SPACE.on(IMAGES), BOUND))
        .withMessageContaining("is of another search: samples for a quality was 4 and is 5.");
  }

  /** As after {@code kill -9}: what was written in the middle of a training is all there is. */
  @Test
  @Tag("slow")
  void goesOnFromTheMiddleOfATraining() throws IOException {
    Path whole = folder.resolve("whole");
    Path killed = Files.createDirectories(folder.resolve("killed"));
    List<Progress> heard = new ArrayList<>();
    HscoListener listener =
        new HscoListener() {
          @Override
          public void onProgress(Progress progress) {
            heard.add(progress);
            if (heard.size() == 2) {
              try {
                Files.copy(whole.resolve(HscoRun.SUPERNET), killed.resolve(HscoRun.SUPERNET));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          }

          @Override
          public void onTrained(Stage stage) {}
        };
    HscoResult expected =
        search().checkpoints(whole).stageListener(listener).build().search(SPACE.on(IMAGES), BOUND);
    // 240 images in batches of 16: an epoch has 15 steps.
    assertThat(heard.stream().map(Progress::done)).startsWith(15L, 30L, 45L, 60L);
    heard.clear();
    HscoResult found =
        search()
            .checkpoints(killed)
            .stageListener(
                new HscoListener() {
                  @Override
                  public void onProgress(Progress progress) {
                    heard.add(progress);
                  }

                  @Override
                  public void onTrained(Stage stage) {}
                })
            .build()
            .search(SPACE.on(IMAGES), BOUND);
    assertThat(heard.stream().map(Progress::done)).startsWith(45L, 60L);
    assertThat(found.leaders()).isEqualTo(expected.leaders());
    assertThat(found.accuracy()).isEqualTo(expected.accuracy());
  }

  /** The folder goes away under a search, which ends all the same. */
  @Test
  @Tag("slow")
  void aCheckpointThatFailsOnTheWayDoesNotCostTheSearch() {
    Path doomed = folder.resolve("doomed");
    HscoListener replacing =
        new HscoListener() {
          @Override
          public void onProgress(Progress progress) {
            if (progress.done() == 15) {
              try {
                Files.delete(doomed.resolve(HscoRun.SUPERNET));
                Files.delete(doomed);
                Files.writeString(doomed, "in the way");
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          }

          @Override
          public void onTrained(Stage stage) {}
        };
    HscoResult found =
        search()
            .checkpoints(doomed)
            .stageListener(replacing)
            .build()
            .search(SPACE.on(IMAGES), BOUND);
    assertThat(doomed).hasContent("in the way");
    assertThat(found.leaders())
        .isEqualTo(search().build().search(SPACE.on(IMAGES), BOUND).leaders());
    AtomicBoolean trained = new AtomicBoolean();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () ->
                search()
                    .checkpoints(doomed)
                    .stageListener(stage -> trained.set(true))
                    .build()
                    .search(SPACE.on(IMAGES), BOUND))
        .withMessageContaining("' cannot be written: ");
    assertThat(trained).isFalse();
  }

  @Test
  void refusesWhatCannotBeSearchedBeforeAnythingIsTrained() {
    HscoNas search = search().build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> search.search(SPACE.on(IMAGES), List.of()))
        .withMessage("A search needs at least one bound, but got none.");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> search.search(SPACE.on(IMAGES), Constraint.atMost(9, Toy.of(2, 2).latency())))
        .withMessageStartingWith(
            "The predictor is for space 'toy', but space 'two-widths' is to be searched.");
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> search.search(SPACE.on(IMAGES), BOUND.withBound(2)));
    assertThatExceptionOfType(PoorPredictorException.class)
        .isThrownBy(() -> search.search(SPACE.on(IMAGES), Constraint.atMost(9, new Poor(TABLE))));
  }

  private record Poor(LatencyTable table) implements Predictor {

    @Override
    public Metric metric() {
      return table.metric();
    }

    @Override
    public ChoiceSpace space() {
      return table.space();
    }

    @Override
    public double predict(Architecture architecture) {
      return table.predict(architecture);
    }

    @Override
    public Optional<Quality> quality() {
      return Optional.of(new Quality(9, 0.2, 0.1, 0.5, 0.5));
    }
  }

  @Test
  void settersRejectNonsense() {
    HscoNas.Builder builder = HscoNas.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.beta(1))
        .withMessage("Beta must be at most 0, but is 1.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.learningRate(0))
        .withMessage("The learning rate must be a positive number, but is 0.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.validation(0))
        .withMessage("The share held out must be between 0 and 1, but is 0.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.samples(1))
        .withMessage("The number of samples for a quality must be at least 2, but is 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.batchSize(1))
        .withMessage("The batch size must be at least 2, but is 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.stages(-1))
        .withMessage("The number of stages must be at least 0, but is -1.");
    for (var setter :
        List.<IntFunction<?>>of(
            builder::steps,
            builder::fineTuning,
            builder::batchNormReestimation,
            builder::stageChoices,
            builder::population,
            builder::generations,
            builder::finalists)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> setter.apply(0))
          .withMessageEndingWith("must be at least 1, but is 0.");
    }
  }

  /** Their sums are right, so somebody meant it: one of them would have trained for ever. */
  @Test
  @Tag("slow")
  void statesThatNoSearchIsInAreRefused() {
    HscoNas search = search().steps(4).fineTuning(2).checkpoints(folder).build();
    search.search(SPACE.on(IMAGES), BOUND);
    Path file = folder.resolve("supernet.ckpt");
    StateFile<HscoRun.Position> end = StateFile.read(file, HscoRun.Position.class);
    HscoRun.Position p = end.position();
    List<List<Integer>> all = Subspace.of(SPACE).kept();
    assertForged(
        search, end, with(p, 4, 1 << 20, 1 << 20, all), "it is at step 4 of 2097156 after");
    assertForged(
        search, end, with(p, 5, 0, 0, all), "it is at step 5 of 4 after 0 stages, of which");
    assertForged(
        search, end, with(p, -1, 0, 0, all), "Steps are counted from 0, but this one is -1.");
    assertForged(
        search,
        end,
        with(p, 4, 0, 0, all.subList(0, 2)),
        "Space 'two-widths' has 3 choices, but candidates are kept of 2.");
    assertForged(
        search,
        end,
        with(p, 4, 0, 0, List.of(all.get(0), all.get(1), List.of(7))),
        "Choice 'block3' has 7 candidates, but number 7 was kept.");
    assertForged(
        search,
        end,
        with(p, 4, 0, 0, List.of(all.get(0), all.get(1), List.of())),
        "Choice 'block3' offers no candidate.");
    Map<String, double[]> tensors = new LinkedHashMap<>(end.tensors());
    String first =
        tensors.keySet().stream().filter(n -> n.startsWith("value/")).findFirst().orElseThrow();
    tensors.put(first, new double[1]);
    assertForged(
        search,
        new StateFile<>(file, end.run(), p, tensors),
        with(p, 4, 0, 0, all),
        "A snapshot must hold " + end.tensors().get(first).length + " values of '" + first);
  }

  private static HscoRun.Position with(
      HscoRun.Position p, long step, int stages, int dropping, List<List<Integer>> kept) {
    return new HscoRun.Position(step, stages, dropping, kept, p.decisions(), p.nanos());
  }

  private static void assertForged(
      HscoNas search, StateFile<HscoRun.Position> state, HscoRun.Position now, String problem) {
    new StateFile<>(state.file(), state.run(), now, state.tensors()).write();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> search.search(SPACE.on(IMAGES), BOUND))
        .withMessageStartingWith(
            "Checkpoint '"
                + state.file()
                + "' holds a state that this run is never in ("
                + problem);
  }

  @Test
  void scoresThatAreNoNumbersAreNotKept() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ScoreFiles.State(new double[] {1, Double.NaN}, 0, 0))
        .withMessage("one of the scores is NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ScoreFiles.State(new double[0], 0, -1))
        .withMessage("the time taken is -1 ns");
    // Adding to it ended in an ArithmeticException.
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ScoreFiles.State(new double[0], 0, Long.MAX_VALUE))
        .withMessage("the time taken is 9223372036854775807 ns");
  }
}
