package org.lightnas.search.channels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.CheckpointException;
import org.lightnas.InterruptedRunException;
import org.lightnas.data.ImageData;
import org.lightnas.device.Device;
import org.lightnas.device.Measurement;
import org.lightnas.graph.Networks;
import org.lightnas.metric.Constraint;
import org.lightnas.metric.Cost;
import org.lightnas.metric.CostPredictor;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.metric.Verdict;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.Attempt;
import org.lightnas.search.Found;
import org.lightnas.search.LightNas;
import org.lightnas.search.SearchPlan;
import org.lightnas.search.SearchResult;
import org.lightnas.search.population.RandomSearch;
import org.lightnas.search.population.ScoreListener;
import org.lightnas.search.population.ScoreResult;
import org.lightnas.search.population.Scored;
import org.lightnas.search.population.StopRule;
import org.lightnas.search.proxy.BatchwiseTrainingEstimation;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.TrainableSpace;
import org.lightnas.space.op.ConvBnAct;
import org.lightnas.space.op.MbConv;
import org.lightnas.space.op.SkipConnect;
import org.lightnas.space.widths.ChannelSpace;
import org.lightnas.train.Trainer;

class ChannelSearchTest {

  private static final ImageData IMAGES = ImageData.generated(160, 20, 1);
  private static final LayeredSpace SPACE =
      LayeredSpace.named("few", IMAGES.shape(), IMAGES.classes())
          .stem(new ConvBnAct(3, 16, 4))
          .choice("one", new MbConv(3, 2, 16, 1), new MbConv(5, 2, 16, 1), new SkipConnect(16, 1))
          .choice("two", new MbConv(3, 2, 24, 2), new MbConv(5, 2, 24, 2))
          .build();
  private static final TrainableSpace TRAINABLE = SPACE.on(IMAGES);

  /** So many operations a millisecond, and what others do on the machine. */
  private static final class Stopwatch implements Device {
    private final double disturbance;
    private int measured;

    Stopwatch(double disturbance) {
      this.disturbance = disturbance;
    }

    @Override
    public String fingerprint() {
      return "stopwatch";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      double macs = Cost.of(network.getConfiguration()).macs();
      double noise = disturbance * Math.cos(measured++);
      return new Measurement((0.2 + macs / 1e5) * (1 + noise), 1e-4, 20, 1, 1, 1);
    }
  }

  /** As the stopwatch without disturbance. */
  private static final LatencyTable TABLE = table();

  private static LatencyTable table() {
    Architecture first = SPACE.uniform(0);
    double base = 0.2 + Cost.of(first).macs() / 1e5;
    double[][] entries = new double[2][];
    for (int l = 0; l < 2; l++) {
      int choice = l;
      entries[l] =
          IntStream.range(0, SPACE.choices().get(l).size())
              .mapToDouble(k -> 0.2 + Cost.of(first.with(choice, k)).macs() / 1e5 - base)
              .toArray();
    }
    return LatencyTable.of(SPACE, base, entries);
  }

  private static Constraint bound(Device device) {
    return Constraint.atMost(1.1 * TABLE.predict(SPACE.uniform(0)), TABLE).measuredOn(device);
  }

  /** Two to four widths of three each. */
  private static ChannelSpace widths(Architecture found) {
    return ChannelSpace.builder(found).factors(0.5, 1.5).build();
  }

  @Test
  void wantsToKnowWhatTheFoundNetworkTakes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ChannelRun.value(new Verdict(Metric.LATENCY, 1.5, null, null)))
        .withMessage(
            "Of a bound on the found network nothing is known: asked ≤ 1.500 ms: not satisfied.\n"
                + "Maybe give a verdict with what was predicted or measured.");
  }

  @Test
  void isPartOfThePlan() {
    LightNas.Builder search = LightNas.builder().steps(4).batchSize(16);
    Constraint bound = bound(new Stopwatch(0));
    SearchPlan alone = search.build().plan(TRAINABLE, bound);
    SearchPlan both = search.channels(stage().batches(5).build()).build().plan(TRAINABLE, bound);
    assertThat(alone.stagePasses()).isZero();
    assertThat(alone.toString()).doesNotContain("to go on");
    assertThat(both.stagePasses()).isEqualTo(6 * 3 * 5);
    assertThat(both.passes()).isEqualTo(alone.passes());
    assertThat(both.toString()).contains(", and 90 to go on; about ");
    assertThat(stage().fitness((space, found) -> Evaluator.of("none", a -> 0)).build().passes())
        .isZero();
  }

  private static ChannelSearch.Builder stage() {
    return ChannelSearch.builder()
        .widths(ChannelSearchTest::widths)
        .population(6)
        .generations(3)
        .parents(2)
        .mutationRate(0.4);
  }

  /** Prefers the first choices wide, and the found network to nothing. */
  private static Evaluator wide(Architecture start) {
    return Evaluator.of(
        "wide", a -> IntStream.range(0, 3).mapToDouble(l -> a.pick(l) - start.pick(l)).sum());
  }

  private static Found found(Constraint... bounds) {
    return RandomSearch.builder(Evaluator.of("first", a -> -IntStream.of(a.picks()).sum()))
        .stop(StopRule.evaluations(6))
        .build()
        .search(SPACE, bounds);
  }

  @Test
  @Tag("slow")
  void lightNasRunsBothStagesUnderTheSameBound() {
    Device device = new Stopwatch(0);
    Constraint bound = bound(device);
    SearchResult both =
        LightNas.builder()
            .steps(8)
            .batchSize(16)
            .learningRate(0.05)
            .channels(stage().batches(2).build())
            .build()
            .search(TRAINABLE, bound);
    ScoreResult widths = (ScoreResult) Objects.requireNonNull(both.refined());
    assertThat(widths.architecture().space()).isEqualTo(widths(both.architecture()));
    Verdict verdict = widths.verdicts().get(0);
    assertThat(verdict.bound()).isEqualTo(bound.bound());
    assertThat(verdict.predicted()).isLessThanOrEqualTo(bound.bound());
    assertThat(verdict.measured()).isNotNull();
    assertThat(both.verdict().measured()).isNotNull();
    assertThat(both.satisfied()).isTrue();
    assertThat(widths.satisfied()).isTrue();
    assertThat(widths.scoreName()).isEqualTo("BTE of 2 batches (relative)");
    assertThat(widths.score()).isGreaterThanOrEqualTo(-1);
    assertThat(widths.improvements().get(0).architecture())
        .isEqualTo(widths(both.architecture()).start());
    assertThat(widths.improvements().get(0).score()).isEqualTo(-1);
    assertThat(widths.tally().evaluations()).isEqualTo(18);
    assertThat(widths.settings()).containsEntry("parents", "2").containsEntry("population", "6");
    assertThat(both.page().html()).contains("What followed, in few-widths-");
  }

  @Test
  @Tag("slow")
  void predictionsAreInProportionToWhatTheFoundNetworkMeasured() {
    Found found = found(bound(new Stopwatch(0)));
    double known = Objects.requireNonNull(found.verdicts().get(0).measured()).upperMillis();
    List<Double> predicted = new ArrayList<>();
    ScoreResult widths =
        stage().fitness((trainable, start) -> wide(start)).build().run(found, TRAINABLE, null);
    ChannelSpace space = (ChannelSpace) widths.architecture().space();
    Constraint bound = widths.constraints().get(0);
    predicted.add(bound.predict(space.start()));
    assertThat(predicted.get(0)).isCloseTo(known, within(1e-12));
    // The proportion says so of all.
    Architecture narrow = space.scaled(0.5);
    double exact = new Stopwatch(0).measure(space, narrow, 1).millis();
    assertThat(bound.predict(narrow)).isCloseTo(exact, within(0.05 * exact));
    double[][] effects = bound.predictor().sensitivity(space.start());
    assertThat(effects[1][0])
        .isCloseTo(bound.predict(space.start().with(1, 0)) - predicted.get(0), within(1e-9));
    assertThat(bound.predictor().toString()).endsWith(", in proportion to the found network");
    assertThat(bound.predictor().quality()).isPresent();
    assertThat(widths.score()).isGreaterThan(0);
  }

  @Test
  @Tag("slow")
  void countsNeedNoDevice() {
    CostPredictor parameters = CostPredictor.parameters(SPACE);
    CostPredictor macs = CostPredictor.macs(SPACE);
    CostPredictor memory = CostPredictor.activations(SPACE);
    Architecture first = SPACE.uniform(0);
    Found found =
        found(
            Constraint.atMost(parameters.predict(first), parameters),
            Constraint.atMost(1.2 * macs.predict(first), macs),
            Constraint.atMost(2 * memory.predict(first), memory));
    assertThat(found.architecture()).isEqualTo(first);
    ScoreResult widths =
        stage().fitness((trainable, start) -> wide(start)).build().run(found, TRAINABLE, null);
    assertThat(widths.satisfied()).isTrue();
    assertThat((double) Cost.of(widths.architecture()).parameters())
        .isLessThanOrEqualTo(parameters.predict(first))
        .isEqualTo(widths.verdicts().get(0).predicted());
    assertThat(
            widths
                .constraints()
                .get(0)
                .predict(((ChannelSpace) widths.architecture().space()).start()))
        .isEqualTo(parameters.predict(first));
    assertThat(widths.constraints()).hasSize(3);
  }

  @Test
  @Tag("slow")
  void isNeverWorseThanWhatWasFound() {
    Found found = found(bound(new Stopwatch(0)));
    ScoreResult widths =
        stage()
            .fitness(
                (trainable, start) ->
                    Evaluator.of("nearness", a -> a.equals(start) ? 0 : -1 - a.pick(0)))
            .predictor(
                (space, bound) -> Predictor.of(space, Metric.LATENCY, a -> Cost.of(a).macs()))
            .build()
            .run(found, TRAINABLE, null);
    ChannelSpace space = (ChannelSpace) widths.architecture().space();
    assertThat(widths.architecture()).isEqualTo(space.start());
    assertThat(Cost.of(widths.architecture())).isEqualTo(Cost.of(found.architecture()));
    assertThat(widths.satisfied()).isTrue();
  }

  /** Slow for all but the found network: nothing better keeps the bound. */
  @Test
  @Tag("slow")
  void theFoundNetworkStaysWhereNothingBetterKeepsTheBound() {
    long start = Cost.of(SPACE.uniform(0)).macs();
    for (double factor : new double[] {10, 1.12}) {
      Device grudging = new Grudging(start, factor);
      Found found = found(bound(grudging));
      assertThat(found.satisfied()).isTrue();
      assertThat(found.architecture()).isEqualTo(SPACE.uniform(0));
      ScoreResult widths =
          stage()
              .fitness((trainable, first) -> Evaluator.of("macs", a -> Cost.of(a).macs() - start))
              .predictor(
                  (space, bound) -> Predictor.of(space, Metric.LATENCY, a -> Cost.of(a).macs()))
              .build()
              .run(found, TRAINABLE, null);
      ChannelSpace space = (ChannelSpace) widths.architecture().space();
      assertThat(widths.architecture()).isEqualTo(space.start());
      assertThat(widths.score()).isZero();
      assertThat(widths.verdicts()).isEqualTo(found.verdicts());
      assertThat(widths.satisfied()).isTrue();
      // Something else was measured: all of it too slow, or it scores less.
      assertThat(widths.measured()).isNotEmpty();
      assertThat(widths.measured().stream().map(Attempt::architecture))
          .doesNotContain(space.start());
    }
  }

  /** Of which networks other than one are slower than their operations say. */
  private record Grudging(long spared, double factor) implements Device {

    @Override
    public String fingerprint() {
      return "grudging";
    }

    @Override
    public Measurement measure(ComputationGraph network) {
      long macs = Cost.of(network.getConfiguration()).macs();
      double millis = 0.2 + macs / 1e5;
      return new Measurement(macs == spared ? millis : factor * millis, 1e-4, 20, 1, 1, 1);
    }
  }

  @Test
  void functionsThatGiveSomethingElseAreNamed() {
    Found found = found(Constraint.atMost(1e9, CostPredictor.macs(SPACE)));
    Architecture other = SPACE.uniform(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().widths(a -> widths(other)).build().run(found, TRAINABLE, null))
        .withMessage(
            "The widths to be searched are not those of what was found, %s: %s.\n"
                + "Maybe build them of the architecture that the function is given.",
            found.architecture().id(), widths(other));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().fitness((a, b) -> nothing()).build().run(found, TRAINABLE, null))
        .withMessage(
            "The function for the fitness of the widths of %s returned null.",
            widths(found.architecture()).start().id());
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> stage().predictor((a, b) -> nothing()).build().run(found, TRAINABLE, null))
        .withMessage("The function for the predictor of the bound 1.0E9 returned null.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().atLeast(-1))
        .withMessage("The share of a bound must be in [0, 1], but is -1.0.");
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  @Test
  @Tag("slow")
  void whatItExtrapolatesToItSays() {
    Found found = found(Constraint.atMost(1e9, CostPredictor.macs(SPACE)));
    ScoreResult widths =
        stage()
            .predictor((space, bound) -> new Guessing(space))
            .fitness((trainable, start) -> wide(start))
            .build()
            .run(found, TRAINABLE, null);
    assertThat(widths.settings()).containsEntry("extrapolated", "macs");
    assertThat(widths.toJson()).contains("\"extrapolated\" : \"macs\"");
  }

  /** Knows nothing like what it is asked. */
  private record Guessing(ChoiceSpace space) implements Predictor {

    @Override
    public Metric metric() {
      return Metric.MACS;
    }

    @Override
    public double predict(Architecture architecture) {
      return Cost.of(architecture).macs();
    }

    @Override
    public boolean extrapolates(Architecture architecture) {
      return true;
    }
  }

  @Test
  @Tag("slow")
  void whatWasStoppedGoesOnThoughTheMachineMeasuresOtherwise(@TempDir Path folder) {
    Found quiet = found(bound(new Stopwatch(0)));
    List<Scored> heard = new ArrayList<>();
    ScoreListener listener =
        new ScoreListener() {
          @Override
          public void onScored(Scored scored, StopRule.Standing standing) {
            heard.add(scored);
          }
        };
    ChannelSearch.Builder stage =
        stage().fitness((trainable, start) -> wide(start)).listener(listener);
    ScoreResult whole = stage.build().run(quiet, TRAINABLE, null);
    assertThat(heard).hasSize(18);
    ScoreListener stop =
        new ScoreListener() {
          @Override
          public void onScored(Scored scored, StopRule.Standing standing) {
            if (standing.evaluations() == 7) {
              Thread.currentThread().interrupt();
            }
          }
        };
    assertThatExceptionOfType(InterruptedRunException.class)
        .isThrownBy(
            () ->
                stage()
                    .fitness((trainable, start) -> wide(start))
                    .listener(stop)
                    .build()
                    .run(quiet, TRAINABLE, folder));
    assertThat(Thread.interrupted()).isTrue();
    heard.clear();
    Found noisy = found(bound(new Stopwatch(0.02)));
    assertThat(noisy.verdicts()).isNotEqualTo(quiet.verdicts());
    ScoreResult resumed = stage.build().run(noisy, TRAINABLE, folder);
    assertThat(heard).hasSize(11);
    assertThat(resumed.leaders()).isEqualTo(whole.leaders());
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () -> stage.build().run(found(bound(new Stopwatch(0)).withBound(5)), TRAINABLE, folder))
        .withMessageContaining("is of another search among widths: bounds was [");
  }

  /** Of an estimate that begins with the weights of a trained network, by slices. */
  @Test
  void estimatesMayInherit() {
    Architecture found = SPACE.uniform(0);
    ChannelSpace space = widths(found);
    ComputationGraph trained =
        Trainer.builder().epochs(12).batchSize(16).learningRate(0.1).build().fit(found, IMAGES);
    BatchwiseTrainingEstimation.Builder bte =
        BatchwiseTrainingEstimation.builder(space.on(IMAGES)).batches(2).batchSize(32).seed(1);
    double[] fresh = bte.build().losses(space.start());
    BatchwiseTrainingEstimation inherits =
        bte.initialWeights(a -> space.inherit(trained, a, 1)).build();
    assertThat(inherits.losses(space.start())[0]).isLessThan(fresh[0] - 0.1);
    // Wider networks compute the same before the first step, but for what batch norms round.
    assertThat(inherits.losses(space.scaled(1.5))[0])
        .isCloseTo(inherits.losses(space.start())[0], within(1e-3));
    assertThat(inherits.losses(space.scaled(0.5))[0])
        .isGreaterThan(inherits.losses(space.start())[0]);
    Networks.close(trained);
  }

  @Test
  void refusesWhatItCannotPredict() {
    ChannelSearch stage = ChannelSearch.defaults();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage.require(TRAINABLE, List.of()))
        .withMessage("Widths are searched under bounds, but there are none: the widest would win.");
    Constraint unmeasured = Constraint.atMost(5, TABLE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LightNas.builder().channels(stage).build().search(TRAINABLE, unmeasured))
        .withMessage(
            "Of other widths the latency cannot be predicted: the bound names no device to measure"
                + " some on.\n"
                + "Maybe use constraint.measuredOn(device), or give"
                + " ChannelSearch.builder().predictor(…).");
    Predictor function = Predictor.of(SPACE, Metric.LATENCY, a -> 1);
    Constraint measured = Constraint.atMost(5, function).measuredOn(new Stopwatch(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage.require(TRAINABLE, List.of(measured)))
        .withMessage(
            "Of other widths the latency cannot be predicted: the latency predictor of space 'few'"
                + " cannot be made anew from measurements.\n"
                + "Maybe take a predictor that was fitted on a profile, or give"
                + " ChannelSearch.builder().predictor(…).");
    ChannelSearch own =
        stage()
            .predictor((widths, bound) -> Predictor.of(widths, Metric.LATENCY, a -> 2 + a.pick(0)))
            .fitness((trainable, start) -> wide(start))
            .build();
    Found found = found(unmeasured);
    ScoreResult widths = own.run(found, TRAINABLE, null);
    ChannelSpace space = (ChannelSpace) widths.architecture().space();
    double scale = TABLE.predict(found.architecture()) / (2 + space.start().pick(0));
    assertThat(widths.verdicts().get(0).predicted())
        .isEqualTo(scale * (2 + widths.architecture().pick(0)));
  }

  @Test
  void refusesNonsense() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().population(1))
        .withMessage("The population must be at least 2, but is 1.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().generations(0))
        .withMessage("The number of generations must be at least 1, but is 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().parents(0))
        .withMessage("The number of parents must be at least 1, but is 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().batches(0))
        .withMessage("The number of batches must be at least 1, but is 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().finalists(0))
        .withMessage("The number of finalists must be at least 1, but is 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage().mutationRate(0))
        .withMessage("The mutation rate must be above 0 and at most 1, but is 0.0.");
  }
}
