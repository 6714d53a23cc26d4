package org.lightnas.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lightnas.DivergedSearchException;
import org.lightnas.InfeasibleConstraintException;
import org.lightnas.Progress;
import org.lightnas.data.Augmentation;
import org.lightnas.data.ImageData;
import org.lightnas.graph.LayerGraph;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.predict.GnnPredictor;
import org.lightnas.predict.LatencyTable;
import org.lightnas.predict.Profile;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.space.zoo.NasBench201Space;

class SurgeNasTest {

  private static final ImageData IMAGES = Tiny.images(192, 6);

  /** In {@link Tiny#BLIND} only the candidate of middle cost sees what the classes differ in. */
  private static final LatencyTable BLIND_COSTS =
      LatencyTable.of(Tiny.BLIND, 1, new double[][] {{0.5, 2, 3}, {0.1, 0.2}});

  private static SurgeNas.Builder search() {
    return SurgeNas.builder()
        .steps(30)
        .batchSize(16)
        .learningRate(0.05)
        .augmentation(Augmentation.none())
        .seed(7);
  }

  private static SearchResult run(SurgeNas.Builder settings, double millis) {
    return settings.build().search(Tiny.SPACE.on(IMAGES), bound(millis));
  }

  private static Constraint bound(double millis) {
    return Constraint.latency(Duration.ofNanos((long) (1e6 * millis)), Tiny.TABLE);
  }

  /** Keeps what it hears. */
  private static final class Ears implements SearchListener {

    final List<SearchStep> steps = new ArrayList<>();
    final List<List<Architecture>> paths = new ArrayList<>();
    final List<List<Phase>> phases = new ArrayList<>();
    final List<SearchPlan> plans = new ArrayList<>();
    final List<Attempt> attempts = new ArrayList<>();
    private List<Architecture> now = new ArrayList<>();
    private List<Phase> doing = new ArrayList<>();

    @Override
    public void onStart(SearchPlan plan) {
      plans.add(plan);
    }

    @Override
    public void onPath(Phase phase, Architecture path) {
      now.add(path);
      doing.add(phase);
    }

    @Override
    public void onStep(Progress done, SearchStep step) {
      steps.add(step);
      paths.add(now);
      phases.add(doing);
      doing = new ArrayList<>();
      now = new ArrayList<>();
    }

    @Override
    public void onProjection(Attempt attempt) {
      attempts.add(attempt);
    }
  }

  @Test
  @Tag("slow")
  void endsWithinTheBoundAndUsesItUp() {
    for (double millis : new double[] {3.9, 6.5, 8}) {
      SearchResult found = run(search(), millis);
      assertThat(Tiny.TABLE.predict(found.architecture())).isBetween(0.97 * millis, millis);
      assertThat(found.satisfied()).isTrue();
    }
  }

  @Test
  void recordsEveryStepInWhichAllCandidatesLearn() {
    Ears ears = new Ears();
    SearchResult found = run(search().warmup(0.3).listener(ears), 5);
    assertThat(found.history()).isEqualTo(ears.steps).hasSize(30);
    for (int pass = 0; pass < 30; pass++) {
      Phase phase = pass < 9 ? Phase.WARM_UP : Phase.TOGETHER;
      assertThat(found.history().get(pass).phase()).isEqualTo(phase);
      assertThat(ears.phases.get(pass)).containsOnly(phase);
      assertThat(found.history().get(pass).loss()).isBetween(0.0, 10.0);
      // Then up to six others are looked at, equal ones once.
      assertThat(ears.paths.get(pass)).hasSizeBetween(3, pass < 9 ? 3 : 9);
      List<Architecture> paths = ears.paths.get(pass).subList(0, 3);
      for (int l = 0; l < 3; l++) {
        int choice = l;
        assertThat(paths.stream().map(path -> path.pick(choice)).distinct())
            .hasSize(Tiny.SPACE.choices().get(l).size());
      }
    }
    assertThat(found.settings())
        .containsEntry("searcher", "SurgeNAS")
        .containsEntry("estimator", "paths")
        .containsEntry("paths compared", "7")
        .containsEntry("identity mapping", "no")
        .containsEntry("lambda", "learned")
        .containsEntry("steps", "30")
        .containsEntry("warm-up passes", "9")
        .containsEntry("passes of weights and logits together after it", "21")
        .containsEntry("aims at the bound on latency", "yes");
    SearchPlan plan = ears.plans.get(0);
    assertThat(plan.passes()).isEqualTo(30);
    assertThat(plan.together()).isTrue();
    assertThat(plan.toString())
        .contains("30 passes: 9 of weights to warm up, then 21 of weights and logits together;");
    assertThat(ears.attempts).isEqualTo(found.attempts());
    assertThat(found.page().html())
        .contains("Weights and logits learn from the same images", "weights and logits")
        .doesNotContain("one half of the training images");
  }

  /** Batches of all images: three of 64 make an epoch of 192, where halves would make one. */
  @Test
  void weightsAndLogitsLearnFromAllTrainingImages() {
    Ears ears = new Ears();
    assertThatCode(
            () ->
                search()
                    .batchSize(192)
                    .epochs(2)
                    .listener(ears)
                    .build()
                    .search(Tiny.SPACE.on(IMAGES), bound(5)))
        .doesNotThrowAnyException();
    assertThat(ears.steps).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(search().batchSize(193), 5))
        .withMessageContaining("A batch of 193 images cannot be filled from a set of 192 images.");
  }

  @Test
  @Tag("slow")
  void theMultiplierFollowsTheViolation() {
    SearchResult low = run(search(), 2.5);
    SearchResult high = run(search(), 8.9);
    assertThat(low.history().get(25).multiplier()).isPositive();
    assertThat(high.history().get(25).multiplier()).isNegative();
  }

  @Test
  @Tag("slow")
  void aGivenLambdaStaysAndTradesLossForCost() {
    List<Double> costs = new ArrayList<>();
    for (double lambda : new double[] {0, 100}) {
      SearchResult found = run(search().lambda(lambda), 9);
      assertThat(found.history()).allMatch(step -> step.multiplier() == lambda);
      assertThat(found.settings())
          .containsEntry("lambda", Double.toString(lambda))
          .containsEntry("aims at the bound on latency", "no");
      costs.add(Tiny.TABLE.predict(found.architecture()));
    }
    assertThat(costs.get(1)).isEqualTo(2.375);
    assertThat(costs.get(0)).isGreaterThan(2.375);
    // Whatever the trade-off says, the bound is kept.
    assertThat(Tiny.TABLE.predict(run(search().lambda(0), 3).architecture()))
        .isLessThanOrEqualTo(3);
  }

  @Test
  void thePublishedFormKeepsItsLambdaAndTheBound() {
    SearchResult found =
        SurgeNas.faithful(0.1)
            .epochs(4)
            .batchSize(16)
            .seed(3)
            .build()
            .search(Tiny.SPACE.on(IMAGES), bound(6));
    assertThat(found.history()).hasSize(48).allMatch(step -> step.multiplier() == 0.1);
    assertThat(found.settings())
        .containsEntry("searcher", "SurgeNAS, reconstructed")
        .containsEntry("estimator", "gates")
        .containsEntry("lambda", "0.1")
        .containsEntry("epochs", "4");
    assertThat(Tiny.TABLE.predict(found.architecture())).isLessThanOrEqualTo(6);
  }

  @Test
  void pathsFindTheBetterCandidateWhereTheBoundAllowsItAndTheCheaperWhereNot() {
    SearchResult free =
        search()
            .steps(60)
            .aimAtBound(false)
            .build()
            .search(Tiny.BLIND.on(IMAGES), Constraint.latency(Duration.ofMillis(20), BLIND_COSTS));
    assertThat(free.architecture().candidate(0).id()).isEqualTo("conv3");
    assertThat(free.probabilities()[0][1]).isGreaterThan(0.9);
    SearchResult tight =
        search()
            .aimAtBound(false)
            .build()
            .search(Tiny.BLIND.on(IMAGES), Constraint.latency(Duration.ofMillis(2), BLIND_COSTS));
    assertThat(tight.architecture().candidate(0).id()).isEqualTo("skip");
  }

  @Test
  void gatesSearchToo() {
    SearchResult found = run(search().estimator(Estimator.GATES), 6.5);
    assertThat(Tiny.TABLE.predict(found.architecture())).isBetween(0.97 * 6.5, 6.5);
    assertThat(found.settings()).containsEntry("estimator", "gates");
  }

  /** A predictor with interactions, in the loop in both of the ways in which it is asked. */
  @Test
  @Tag("slow")
  void searchesWithAGnnInTheLoop() {
    Map<Architecture, Double> measured = new LinkedHashMap<>();
    for (Architecture architecture : PlainSpace.all(Tiny.SPACE)) {
      boolean twins = architecture.pick(0) == architecture.pick(1);
      measured.put(architecture, Tiny.TABLE.predict(architecture) * (twins ? 0.9 : 1));
    }
    GnnPredictor gnn = GnnPredictor.fit(Profile.of(Tiny.SPACE, "synthetic", measured));
    assertThat(gnn).isInstanceOf(GradientPredictor.class);
    Constraint constraint = Constraint.atMost(6, gnn);
    SearchResult ours = search().build().search(Tiny.SPACE.on(IMAGES), constraint);
    assertThat(gnn.predict(ours.architecture())).isBetween(0.8 * 6, 6.0);
    assertThat(ours.history().get(29).expected()).isBetween(0.8 * 6, 1.2 * 6);
    assertThat(ours.history().get(29).multiplier()).isNotZero();
    assertThat(ours.settings()).containsEntry("projection", "best found, predictor not additive");
    SearchResult faithful =
        SurgeNas.faithful(1)
            .epochs(2)
            .batchSize(16)
            .build()
            .search(Tiny.SPACE.on(IMAGES), constraint);
    assertThat(gnn.predict(faithful.architecture())).isLessThanOrEqualTo(6);
  }

  @Test
  void keepsSeveralBoundsAtOnce() {
    CostPredictor macs = CostPredictor.macs(Tiny.SPACE);
    double most = macs.predict(Tiny.SPACE.uniform(0));
    SearchResult found =
        search()
            .build()
            .search(Tiny.SPACE.on(IMAGES), bound(6), Constraint.atMost(0.8 * most, macs));
    assertThat(found.satisfied()).isTrue();
    assertThat(found.history()).allMatch(step -> step.pressures().size() == 2);
  }

  /** In the supernet while it is searched, in no network that comes out. */
  @Test
  void identityMappingsAreInTheSearchOnly() {
    SearchResult with = run(search().identityMapping(true), 6.5);
    SearchResult without = run(search(), 6.5);
    assertThat(with.history()).isNotEqualTo(without.history());
    assertThat(with.memory().weightBytes()).isGreaterThan(without.memory().weightBytes());
    assertThat(with.settings()).containsEntry("identity mapping", "yes");
    LayerGraph network = LayerGraph.of(Tiny.SPACE, with.architecture());
    assertThat(network.nodes()).noneMatch(node -> node.name().contains("mapped"));
  }

  @Test
  @Tag("slow")
  void theSameSeedGivesTheSameSearchAndAnotherSeedAnother() {
    SearchResult first = run(search(), 5);
    SearchResult second = run(search(), 5);
    assertThat(second.history()).isEqualTo(first.history());
    assertThat(Arrays.deepEquals(second.probabilities(), first.probabilities())).isTrue();
    assertThat(run(search().seed(8), 5).history()).isNotEqualTo(first.history());
  }

  @Test
  @Tag("slow")
  void searchesForManyBoundsAreWhatSearchesForEachAre() {
    List<Constraint> bounds = List.of(bound(3.9), bound(6.5));
    SearchResults many = search().build().searchEach(Tiny.SPACE.on(IMAGES), bounds);
    for (int i = 0; i < 2; i++) {
      SearchResult alone = search().build().search(Tiny.SPACE.on(IMAGES), bounds.get(i));
      assertThat(many.all().get(i).history()).isEqualTo(alone.history());
      assertThat(many.all().get(i).architecture()).isEqualTo(alone.architecture());
    }
    assertThat(many.page().html()).contains("2 of 2 bounds are kept");
  }

  /** By the engine's own account: the largest path alone decides, however many are run. */
  @Test
  void memoryOfActivationsIsThatOfOnePathForAnyNumberOfCandidates() {
    HashSet<Long> activations = new HashSet<>();
    List<Long> weights = new ArrayList<>();
    for (int paths : new int[] {2, 4, 7}) {
      ConvBnAct[] ops = new ConvBnAct[paths];
      Arrays.setAll(ops, k -> new ConvBnAct(13 - 2 * k, 8, 1));
      LayeredSpace space =
          LayeredSpace.named("of" + paths, Tiny.INPUT, Tiny.CLASSES)
              .stem(new ConvBnAct(3, 8, 1))
              .choice("one", ops)
              .choice("two", ops)
              .build();
      Constraint macs = Constraint.atMost(1e9, CostPredictor.macs(space));
      SurgeNas nas = search().steps(2).build();
      MemoryEstimate planned = nas.plan(space.on(IMAGES), macs).memory();
      MemoryEstimate taken = nas.search(space.on(IMAGES), macs).memory();
      activations.add(planned.activationBytes());
      weights.add(taken.weightBytes());
      // The largest operations need not meet on one path.
      assertThat(taken.activationBytes())
          .isBetween((long) (0.9 * planned.activationBytes()), planned.activationBytes());
      assertThat(taken.weightBytes()).isEqualTo(planned.weightBytes());
    }
    assertThat(activations).hasSize(1);
    assertThat(weights).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void estimatesTheTimeOfAllPathsAndTrainsNothing() {
    SearchPlan plan = search().build().plan(Tiny.SPACE.on(IMAGES), bound(5));
    assertThat(plan.estimate()).isPositive();
    assertThat(plan.weightPasses()).isEqualTo(18).isEqualTo(plan.logitPasses());
  }

  /** Of seven candidates: 0.4 * 21 + 0.6 * 27 runs a step, against 3 and 0.6 * 2. */
  @Test
  void knowsHowManyStepsCostTheSame() {
    PlainSpace seven = PlainSpace.ofSizes(7, 3);
    assertThat(SurgeNas.stepsAsDear(1000, seven)).isEqualTo((int) Math.round(4200 / 24.6));
    assertThat(SurgeNas.stepsAsDear(2, seven)).isEqualTo(2);
  }

  /** Of seven candidates: 21 runs a step, against 3 and 0.6 * 3. */
  @Test
  void gatesCostOtherStepsThanPaths() {
    PlainSpace seven = PlainSpace.ofSizes(7, 3);
    assertThat(SurgeNas.stepsAsDear(1000, seven, Estimator.GATES))
        .isEqualTo((int) Math.round(4800 / 21.0));
    assertThat(SurgeNas.stepsAsDear(1000, seven, Estimator.PATHS))
        .isEqualTo(SurgeNas.stepsAsDear(1000, seven));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SurgeNas.stepsAsDear(1000, seven, Estimator.ALL_GATES))
        .withMessage("The default search cannot learn from ALL_GATES.\nMaybe take GATES.");
  }

  /** Each edge of a cell stands in every copy of the cell. */
  @Test
  @Tag("slow")
  void gatesSearchCellsToo() {
    NasBench201Space cells = new NasBench201Space(Tiny.INPUT, Tiny.CLASSES);
    Constraint macs = Constraint.atMost(1e9, CostPredictor.macs(cells));
    for (SurgeNas.Builder builder :
        List.of(SurgeNas.faithful(0.1), SurgeNas.builder().estimator(Estimator.GATES))) {
      SearchResult found =
          builder
              .supernet(cells.proxy(2, 1))
              .steps(2)
              .batchSize(16)
              .build()
              .search(cells.on(IMAGES), macs);
      assertThat(found.history()).hasSize(2);
      assertThat(found.settings()).containsEntry("estimator", "gates");
    }
  }

  @Test
  void refusesAnImpossibleBoundBeforeAnyTraining() {
    Ears ears = new Ears();
    assertThatExceptionOfType(InfeasibleConstraintException.class)
        .isThrownBy(() -> run(search().steps(1_000_000).listener(ears), 2))
        .withMessageStartingWith("No architecture of space 'tiny' meets latency <= 2.000 ms");
    assertThat(ears.steps).isEmpty();
  }

  @Test
  void saysWhereItDiverged() {
    assertThatExceptionOfType(DivergedSearchException.class)
        .isThrownBy(() -> run(search().learningRate(1e30), 5))
        .withMessageMatching(
            "The search's loss is (NaN|-?Infinity) at pass \\d+ of 30 \\(learning rate"
                + " \\d\\.\\d\\de\\+\\d\\d\\)\\.\nMaybe lower the learning rate \\(now 1\\.00e\\+30"
                + " at its peak\\) or check the images\\.");
  }

  @Test
  void warnsOfACollapse() {
    LayeredSpace.Builder open =
        LayeredSpace.named("free", Tiny.INPUT, Tiny.CLASSES).stem(new ConvBnAct(3, 8, 1));
    for (int l = 0; l < 12; l++) {
      open.choice("c" + l, new ConvBnAct(3, 8, 1), new SkipConnect(8, 1));
    }
    LayeredSpace space = open.build();
    List<String> warnings = new ArrayList<>();
    // So high a price of operations that nothing but skips is taken, and a bound that allows all.
    search()
        .lambda(1e6)
        .listener(
            new SearchListener() {
              @Override
              public void onWarning(String warning) {
                warnings.add(warning);
              }
            })
        .build()
        .search(space.on(IMAGES), Constraint.atMost(1e9, CostPredictor.macs(space)));
    assertThat(warnings)
        .anyMatch(text -> text.startsWith("100 % of the choices take a candidate without weights"));
  }

  @Test
  void refusesSettingsOutOfRange() {
    SurgeNas.Builder builder = SurgeNas.builder();
    for (double lambda : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      String message =
          "The trade-off lambda must be a number of at least 0, but is " + lambda + ".";
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.lambda(lambda))
          .withMessage(message);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> SurgeNas.faithful(lambda))
          .withMessage(message);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.estimator(Estimator.ALL_GATES))
        .withMessage("The default search cannot learn from ALL_GATES.\nMaybe take GATES.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SurgeNas.faithful(0.1).estimator(Estimator.PATHS))
        .withMessage("The published search cannot learn from PATHS.\nMaybe take GATES.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.paths(1))
        .withMessage("At least 2 paths can be compared, but not 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.steps(1))
        .withMessage("A search needs at least 2 steps, but has 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SurgeNas.searchMany(Tiny.SPACE.on(IMAGES), List.of()))
        .withMessage("A search needs at least one bound, but got none.");
  }
}
