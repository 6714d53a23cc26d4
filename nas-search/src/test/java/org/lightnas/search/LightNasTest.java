package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lightnas.DivergedSearchException;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.NasException;
import org.lightnas.PoorPredictorException;
import org.lightnas.Progress;
import org.lightnas.data.ImageData;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Quality;
import org.lightnas.metric.QualityLimit;
import org.lightnas.predict.LatencyTable;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;

class LightNasTest {

  private static final ImageData IMAGES = Tiny.images(192, 6);

  private static Constraint bound(double millis) {
    return Constraint.latency(Duration.ofNanos((long) (1e6 * millis)), Tiny.TABLE);
  }

  /** Counts what it hears. */
  private static final class Ears implements SearchListener {

    final List<SearchStep> steps = new ArrayList<>();
    final List<Progress> progress = new ArrayList<>();
    final List<Architecture> trained = new ArrayList<>();
    final List<Architecture> compared = new ArrayList<>();
    final List<SearchPlan> plans = new ArrayList<>();

    @Override
    public void onStart(SearchPlan plan) {
      assertThat(steps).isEmpty();
      plans.add(plan);
    }

    @Override
    public void onPath(Phase phase, Architecture path) {
      (phase == Phase.LOGITS ? compared : trained).add(path);
    }

    @Override
    public void onStep(Progress done, SearchStep step) {
      progress.add(done);
      steps.add(step);
    }
  }

  @Test
  void endsWithinTheBoundAndUsesItUp() {
    for (double millis : new double[] {3.9, 6.5, 8}) {
      // Within 3 % below each of these lies some architecture.
      assertThat(PlainSpace.all(Tiny.SPACE))
          .anyMatch(a -> Tiny.TABLE.predict(a) <= millis && Tiny.TABLE.predict(a) > 0.97 * millis);
      SearchResult found = Tiny.search().build().search(Tiny.SPACE.on(IMAGES), bound(millis));
      assertThat(Tiny.TABLE.predict(found.architecture())).isBetween(0.97 * millis, millis);
      assertThat(found.verdict().satisfied()).isTrue();
      assertThat(found.verdict().predicted()).isEqualTo(Tiny.TABLE.predict(found.architecture()));
    }
  }

  private static List<Architecture> fairPaths(int count) {
    FairPaths paths = new FairPaths(Tiny.SPACE, 7);
    return IntStream.range(0, count).mapToObj(paths::at).toList();
  }

  @Test
  void recordsEveryStep() {
    Ears ears = new Ears();
    SearchResult found =
        Tiny.search()
            .steps(20)
            .warmup(0.3)
            .listener(ears)
            .build()
            .search(Tiny.SPACE.on(IMAGES), bound(5));
    assertThat(found.history()).isEqualTo(ears.steps).hasSize(34);
    assertThat(ears.trained).hasSize(20);
    // Two for each of 14 passes, but equal ones are run once.
    assertThat(ears.compared).hasSizeBetween(14, 28);
    assertThat(ears.trained.subList(0, 6)).isEqualTo(fairPaths(6));
    assertThat(ears.plans).hasSize(1);
    SearchPlan plan = ears.plans.get(0);
    assertThat(plan.memory().weightBytes()).isPositive();
    assertThat(plan.memory().activationBytes()).isPositive();
    assertThat(plan.estimate()).isPositive();
    assertThat(plan.warmupPasses()).isEqualTo(6);
    assertThat(plan.weightPasses()).isEqualTo(14);
    assertThat(plan.logitPasses()).isEqualTo(14);
    assertThat(plan.reach()).containsExactly(new SearchPlan.Reach(Metric.LATENCY, 2.375, 9, 5));
    for (int pass = 0; pass < 34; pass++) {
      SearchStep recorded = found.history().get(pass);
      assertThat(recorded.step()).isEqualTo(pass);
      assertThat(recorded.loss()).isBetween(0.0, 10.0);
      assertThat(recorded.expected()).isBetween(2.375, 9.0);
      assertThat(recorded.entropy()).isBetween(0.0, 1 + 1e-12);
      assertThat(recorded.phase())
          .isEqualTo(pass < 6 ? Phase.WARM_UP : pass % 2 == 0 ? Phase.WEIGHTS : Phase.LOGITS);
      if (pass < 6) {
        assertThat(recorded.multiplier()).isZero();
      }
      assertThat(ears.progress.get(pass).done()).isEqualTo(pass + 1);
      assertThat(ears.progress.get(pass).total()).isEqualTo(34);
    }
    assertThat(found.settings())
        .containsEntry("searcher", "LightNAS")
        .containsEntry("estimator", "paths")
        .containsEntry("steps", "20")
        .containsEntry("warm-up passes", "6")
        .containsEntry("passes of weights and of logits after it", "14")
        .containsEntry("aims at the bound on latency", "yes")
        .containsEntry("projection", "proved best")
        .containsEntry("seed", "7");
    assertThat(found.memory().activationBytes()).isBetween(1L, plan.memory().activationBytes());
    assertThat(found.elapsed()).isPositive();
    assertThat(found.provenance().data()).startsWith("stripes ");
  }

  @Test
  void theMultiplierFollowsTheViolation() {
    SearchResult low = Tiny.search().build().search(Tiny.SPACE.on(IMAGES), bound(2.5));
    SearchResult high = Tiny.search().build().search(Tiny.SPACE.on(IMAGES), bound(8.9));
    assertThat(low.history().get(30).multiplier()).isPositive();
    assertThat(high.history().get(30).multiplier()).isNegative();
    assertThat(low.history().get(63).expected()).isLessThan(low.history().get(15).expected());
    assertThat(high.history().get(63).expected()).isGreaterThan(high.history().get(15).expected());
  }

  /** In {@link Tiny#BLIND} only the candidate of middle cost sees what the classes differ in. */
  @Test
  void pathsFindTheBetterCandidateWhereTheBoundAllowsItAndTheCheaperWhereNot() {
    LatencyTable costs = LatencyTable.of(Tiny.BLIND, 1, new double[][] {{0.5, 2, 3}, {0.1, 0.2}});
    LightNas.Builder settings = Tiny.search().aimAtBound(false);
    SearchResult free =
        settings
            .steps(80)
            .build()
            .search(Tiny.BLIND.on(IMAGES), Constraint.latency(Duration.ofMillis(20), costs));
    assertThat(free.architecture().candidate(0).id()).isEqualTo("conv3");
    assertThat(free.probabilities()[0][1]).isGreaterThan(0.9);
    assertThat(free.swaps()).isEmpty();
    SearchResult tight =
        settings
            .steps(20)
            .build()
            .search(Tiny.BLIND.on(IMAGES), Constraint.latency(Duration.ofMillis(2), costs));
    assertThat(tight.architecture().candidate(0).id()).isEqualTo("skip");
    assertThat(costs.predict(tight.architecture())).isLessThanOrEqualTo(2);
  }

  @Test
  void gatesSearchToo() {
    SearchResult found =
        Tiny.search().estimator(Estimator.GATES).build().search(Tiny.SPACE.on(IMAGES), bound(6.5));
    assertThat(Tiny.TABLE.predict(found.architecture())).isBetween(0.97 * 6.5, 6.5);
    assertThat(found.settings()).containsEntry("estimator", "gates");
    assertThat(found.history().get(63).loss()).isFinite();
  }

  /**
   * A bound that refuses nothing must not choose: the loss must, as if there were no bound. One
   * just above the most that is predicted would be reached but for less than is aimed at.
   */
  @Test
  void doesNotAimAtABoundAboveEverything() {
    LatencyTable costs = LatencyTable.of(Tiny.BLIND, 1, new double[][] {{0.5, 2, 3}, {0.1, 0.2}});
    double most = costs.predict(Tiny.BLIND.architecture(2, 1));
    for (double millis : new double[] {most, 1.02 * most, 20}) {
      Constraint bound = Constraint.atMost(millis, costs);
      LightNas search = Tiny.search().steps(80).build();
      assertThat(search.plan(Tiny.BLIND.on(IMAGES), bound).reach().get(0).slack()).isTrue();
      SearchResult found = search.search(Tiny.BLIND.on(IMAGES), bound);
      assertThat(found.history()).allMatch(step -> step.multiplier() == 0);
      assertThat(found.architecture().candidate(0).id()).isEqualTo("conv3");
      assertThat(found.settings())
          .containsEntry(
              "aims at the bound on latency",
              millis > most ? "no, it is above all predictions" : "no");
    }
  }

  @Test
  void theSameSeedGivesTheSameSearchAndAnotherSeedAnother() {
    SearchResult first = Tiny.search().steps(20).build().search(Tiny.SPACE.on(IMAGES), bound(5));
    SearchResult second = Tiny.search().steps(20).build().search(Tiny.SPACE.on(IMAGES), bound(5));
    SearchResult other =
        Tiny.search().steps(20).seed(8).build().search(Tiny.SPACE.on(IMAGES), bound(5));
    assertThat(second.architecture()).isEqualTo(first.architecture());
    assertThat(Arrays.deepEquals(second.probabilities(), first.probabilities())).isTrue();
    assertThat(second.history()).isEqualTo(first.history());
    assertThat(other.history()).isNotEqualTo(first.history());
  }

  @Test
  void aListenerThatThrowsChangesNothing() {
    SearchListener rude =
        new SearchListener() {
          @Override
          public void onStart(SearchPlan plan) {
            throw new IllegalStateException("on purpose");
          }

          @Override
          public void onStep(Progress progress, SearchStep step) {
            throw new IllegalStateException("on purpose");
          }

          @Override
          public void onProjection(Attempt attempt) {
            throw new IllegalStateException("on purpose");
          }
        };
    LightNas.Builder settings = Tiny.search().steps(10);
    SearchResult quiet = settings.build().search(Tiny.SPACE.on(IMAGES), bound(5));
    SearchResult disturbed =
        settings.listener(rude).build().search(Tiny.SPACE.on(IMAGES), bound(5));
    assertThat(disturbed.history()).isEqualTo(quiet.history());
    assertThat(disturbed.architecture()).isEqualTo(quiet.architecture());
    assertThat(disturbed.verdict()).isEqualTo(quiet.verdict());
  }

  @Test
  void refusesAPredictorOfAnotherSpaceAndNamesBoth() {
    LatencyTable costs = LatencyTable.of(Tiny.BLIND, 1, new double[][] {{0.5, 2, 3}, {0.1, 0.2}});
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Tiny.search().build().search(Tiny.SPACE.on(IMAGES), Constraint.atMost(20, costs)))
        .withMessage(
            "The predictor is for space 'blind', but space 'tiny' is to be searched.\n"
                + "Maybe profile this space; of equal names, shapes and candidates must be equal"
                + " too.");
  }

  /** Right about the fastest and the slowest, wrong by half about most. */
  private static Predictor poor() {
    return new Predictor() {
      @Override
      public Metric metric() {
        return Tiny.TABLE.metric();
      }

      @Override
      public ChoiceSpace space() {
        return Tiny.TABLE.space();
      }

      @Override
      public double predict(Architecture architecture) {
        return Tiny.TABLE.predict(architecture);
      }

      @Override
      public Optional<Quality> quality() {
        return Optional.of(new Quality(20, 0.7, 0.5, 0.1, 0.1));
      }

      @Override
      public String toString() {
        return "guess";
      }
    };
  }

  @Test
  void refusesAPoorPredictorBeforeAnyTrainingUnlessToldOtherwise() {
    Ears ears = new Ears();
    Constraint constraint = Constraint.atMost(5, poor());
    LightNas.Builder settings = Tiny.search().steps(2).listener(ears);
    assertThatExceptionOfType(PoorPredictorException.class)
        .isThrownBy(() -> settings.build().search(Tiny.SPACE.on(IMAGES), constraint))
        .withMessageStartingWith(
            "The guess is too poor to decide: Spearman 0.700, median error 50");
    assertThat(ears.plans).isEmpty();
    SearchResult taken =
        settings.quality(QualityLimit.none()).build().search(Tiny.SPACE.on(IMAGES), constraint);
    assertThat(taken.verdict().satisfied()).isTrue();
  }

  @Test
  void refusesAnImpossibleBoundBeforeAnyTraining() {
    Ears ears = new Ears();
    long start = System.nanoTime();
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(
            () ->
                LightNas.builder()
                    .steps(1_000_000)
                    .listener(ears)
                    .build()
                    .search(Tiny.SPACE.on(IMAGES), bound(2)))
        .withMessage(
            "No architecture of space 'tiny' meets latency <= 2.000 ms: the least predicted is"
                + " 2.375 ms (skip-skip-skip).\nMaybe raise the bound, or offer cheaper"
                + " candidates.");
    assertThat(ears.steps).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
  }

  @Test
  void namesThePredictorAndTheArchitectureOfANan() {
    Predictor predictor =
        Predictor.of(
            Tiny.SPACE, Metric.LATENCY, a -> a.pick(1) == 1 ? Double.NaN : Tiny.TABLE.predict(a));
    Ears ears = new Ears();
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(
            () ->
                Tiny.search()
                    .listener(ears)
                    .build()
                    .search(Tiny.SPACE.on(IMAGES), Constraint.atMost(5, predictor)))
        .withMessage(
            "The latency predictor of space 'tiny' predicts NaN ms for architecture"
                + " k3e2-k5e2-k3e1.\nMaybe fit it on architectures like this one.");
    assertThat(ears.steps).isEmpty();
  }

  @Test
  void saysWhereItDiverged() {
    assertThatExceptionOfType(DivergedSearchException.class)
        .isThrownBy(
            () -> Tiny.search().learningRate(1e30).build().search(Tiny.SPACE.on(IMAGES), bound(5)))
        .withMessageMatching(
            "The search's loss is (NaN|-?Infinity) at pass \\d+ of 64 \\(learning rate"
                + " \\d\\.\\d\\de\\+\\d\\d\\)\\.\nMaybe lower the learning rate \\(now 1\\.00e\\+30"
                + " at its peak\\) or check the images\\.");
  }

  @Test
  void refusesABatchThatHalfOfTheImagesCannotFill() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Tiny.search().batchSize(97).build().search(Tiny.SPACE.on(IMAGES), bound(5)))
        .withMessageContaining("A batch of 97 images cannot be filled from a set of 96 images.");
  }

  @Test
  void searchesASpaceOfOneArchitecture() {
    LayeredSpace space =
        LayeredSpace.named("single", Tiny.INPUT, Tiny.CLASSES)
            .choice("only", new ConvBnAct(3, 8, 1))
            .build();
    LatencyTable costs = LatencyTable.of(space, 1, new double[][] {{1}});
    SearchResult found =
        Tiny.search().steps(4).build().search(space.on(IMAGES), Constraint.atMost(2, costs));
    assertThat(found.architecture().id()).isEqualTo("conv3");
  }

  @Test
  void takesTheTimeFromItsClock() {
    Clock clock = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);
    SearchResult found =
        Tiny.search().steps(2).clock(clock).build().search(Tiny.SPACE.on(IMAGES), bound(5));
    assertThat(found.provenance().time()).isEqualTo("2026-03-01T12:00:00Z");
  }

  @Test
  void aBuilderMayGoOnAfterBuilding() {
    LightNas.Builder builder = Tiny.search().steps(3);
    LightNas nas = builder.build();
    builder.steps(5);
    assertThat(nas.search(Tiny.SPACE.on(IMAGES), bound(5)).history()).hasSize(5);
  }

  @Test
  void refusesSettingsOutOfRange() {
    LightNas.Builder builder = LightNas.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.steps(1))
        .withMessage("A search needs at least 2 steps, but has 1.");
    for (double warmup : new double[] {-0.1, 1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.warmup(warmup))
          .withMessage("The warm-up must be in [0, 1), but is " + warmup + ".");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.epochs(0))
        .withMessage("A search needs at least 1 epoch, but has 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.batchSize(1))
        .withMessage(
            "A batch must hold at least 2 images for batch norm to have statistics, but holds 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.planCache(-1))
        .withMessage("The memory for kept paths must not be negative: -1.");
    for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.learningRate(rate))
          .withMessage("The learning rate must be positive, but is " + rate + ".");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.paths(1))
        .withMessage("At least 2 paths can be compared, but not 1.");
    assertThatCode(() -> builder.steps(2).warmup(0).batchSize(2).learningRate(1e-9).paths(2))
        .doesNotThrowAnyException();
  }
}
