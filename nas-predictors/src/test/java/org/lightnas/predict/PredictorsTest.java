package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.predict.Selection.Compared;
import org.lightnas.predict.Selection.Outcome;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.zoo.NasBench201Space;

class PredictorsTest {

  private static final ChoiceSpace SPACE = Spaces.plain("plain", 4, 4, 4);
  private static final NasBench201Space CELLS = new NasBench201Space();

  /** In ms; 1x1 convolutions, 3x3 convolutions and pools cost, whether they are read or not. */
  private static final double[] COSTS = {0, 0.2, 1, 3, 0.7};

  /** Sums in another order, amplified by weak penalties. */
  private static final double SUMMED = 1e-6;

  private static double additive(Architecture architecture) {
    double sum = 5;
    for (int l = 0; l < architecture.picks().length; l++) {
      sum += COSTS[architecture.pick(l)] * (1 + 0.1 * l);
    }
    return sum;
  }

  private static Profile profile(
      ChoiceSpace space, int n, long seed, double noise, ToDoubleFunction<Architecture> truth) {
    Random random = new Random(seed);
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    while (millis.size() < n) {
      Architecture drawn = space.sample(random);
      millis.putIfAbsent(drawn, truth.applyAsDouble(drawn) * (1 + noise * random.nextGaussian()));
    }
    return Profile.of(space, "paper", millis);
  }

  private static PredictorFamily constant(String name) {
    return PredictorFamily.of(
        name,
        profile ->
            Predictor.of(
                profile.space(),
                Metric.LATENCY,
                a -> profile.samples().get(0).measurement().millis()));
  }

  private static PredictorFamily truth(String name, double off) {
    return PredictorFamily.of(
        name,
        profile -> Predictor.of(profile.space(), Metric.LATENCY, a -> additive(a) * (1 + off)));
  }

  private static List<Outcome> outcomes(Selection selection) {
    return selection.compared().stream().map(Compared::outcome).toList();
  }

  @Test
  void takesTheSimplestThatIsAsGoodAsTheBest() {
    Profile profile = profile(SPACE, 40, 1, 0.02, PredictorsTest::additive);
    Selection selection =
        Predictors.best(
            profile, List.of(constant("constant"), truth("one", 0), truth("another", 0)));
    assertThat(selection.family()).isEqualTo("one");
    assertThat(outcomes(selection))
        .containsExactly(Outcome.NOT_CHOSEN, Outcome.CHOSEN, Outcome.DROPPED);
    Compared constant = selection.compared().get(0);
    assertThat(constant.samples()).isEqualTo(40);
    assertThat(constant.excess()).isGreaterThan(1.5 * constant.noise());
    Compared chosen = selection.compared().get(1);
    assertThat(chosen.excess()).isZero();
    assertThat(chosen.error()).isBetween(0.005, 0.03);
    assertThat(selection.report().samples()).isEqualTo(40);
    assertThat(selection.report().folds()).isEqualTo(10);
    assertThat(selection.predictor().quality()).contains(selection.report().quality());
    assertThat(selection.toString())
        .contains("constant: median error", ": not chosen", ": chosen", ": dropped", "Spearman");
  }

  @Test
  void aFamilyThatDoesNotLeadAfterAFoldIsNotFittedAgain() {
    AtomicInteger fits = new AtomicInteger();
    PredictorFamily costly =
        PredictorFamily.of(
            "costly",
            profile -> {
              fits.incrementAndGet();
              return truth("off", 0.2).fit(profile);
            });
    Profile profile = profile(SPACE, 60, 1, 0.01, PredictorsTest::additive);
    Selection selection = Predictors.best(profile, List.of(truth("exact", 0), costly));
    assertThat(outcomes(selection)).containsExactly(Outcome.CHOSEN, Outcome.DROPPED);
    // Ten folds of six: eight samples are known after the second.
    assertThat(fits).hasValue(2);
    assertThat(selection.compared().get(1).samples()).isEqualTo(12);
  }

  /** Of 40 networks two take ten times as long as anything predicts. */
  @Test
  void aFewWildSamplesDoNotDrownADifference() {
    Profile clean = profile(SPACE, 40, 1, 0.02, PredictorsTest::additive);
    Map<Architecture, Double> millis = new LinkedHashMap<>();
    clean.samples().forEach(s -> millis.put(s.architecture(), s.measurement().millis()));
    millis.put(clean.samples().get(3).architecture(), 200.0);
    millis.put(clean.samples().get(9).architecture(), 150.0);
    Selection selection =
        Predictors.best(
            Profile.of(SPACE, "paper", millis), List.of(truth("off", 0.05), truth("exact", 0)));
    assertThat(selection.family()).isEqualTo("exact");
  }

  @Test
  void theOrderOfTheSamplesDecidesNothing() {
    Profile profile = profile(SPACE, 30, 1, 0.05, PredictorsTest::additive);
    List<Profile.Sample> shuffled = new ArrayList<>(profile.samples());
    Collections.shuffle(shuffled, new Random(1));
    Selection one = Predictors.best(profile);
    Selection other = Predictors.best(new Profile(SPACE, profile.fingerprint(), shuffled));
    assertThat(other.family()).isEqualTo(one.family());
    assertThat(other.report().medianError()).isCloseTo(one.report().medianError(), within(SUMMED));
    Architecture some = SPACE.architecture(1, 2, 3);
    assertThat(other.predictor().predict(some))
        .isCloseTo(one.predictor().predict(some), within(SUMMED));
    assertThat(Predictors.best(profile)).isEqualTo(one);
  }

  @Test
  void aTableStaysATableWithTheReportOfTheComparison() {
    Selection selection = Predictors.best(profile(SPACE, 30, 1, 0.02, PredictorsTest::additive));
    assertThat(selection.family()).isEqualTo("table");
    assertThat(selection.predictor()).isInstanceOf(LatencyTable.class);
    assertThat(((LatencyTable) selection.predictor()).report()).contains(selection.report());
    assertThat(selection.predictor().fingerprint()).contains("paper");
  }

  @Test
  void whetherDeadOperationsCountIsFoundByCrossValidation() {
    Profile lazy = profile(CELLS, 50, 1, 0.02, cell -> additive(CELLS.reachable(cell)));
    Selection found = Predictors.best(lazy);
    assertThat(found.family()).isEqualTo("table-reachable");
    assertThat(outcomes(found)).containsExactly(Outcome.NOT_CHOSEN, Outcome.CHOSEN);
    assertThat(found.predictor().quality()).contains(found.report().quality());
    assertThat(found.predictor())
        .hasToString("latency table of space 'nasbench201', of what reaches the output");
    Architecture dead = CELLS.architecture(3, 3, 3, 1, 0, 0);
    assertThat(found.predictor().predict(dead))
        .isEqualTo(found.predictor().predict(CELLS.reachable(dead)));
    assertThat(found.predictor().sensitivity(dead)[1][0]).isZero();

    Selection eager = Predictors.best(profile(CELLS, 50, 1, 0.02, PredictorsTest::additive));
    assertThat(eager.family()).isEqualTo("table");
    assertThat(eager.compared().get(1).family()).isEqualTo("table-reachable");
  }

  @Test
  void netsStayNetsAndWhatIsChosenIsWrittenWithItsReport(@TempDir Path folder) throws IOException {
    Profile profile = profile(SPACE, 30, 1, 0.02, PredictorsTest::additive);
    Selection net = Predictors.best(profile, List.of(MlpPredictor.family(8)));
    assertThat(net.predictor()).isInstanceOf(MlpPredictor.class);
    Architecture some = SPACE.architecture(1, 2, 3);
    GradientPredictor smooth = (GradientPredictor) net.predictor();
    assertThat(smooth.predict(some.oneHot())).isCloseTo(smooth.predict(some), within(SUMMED));
    assertThat(smooth.gradient(some.oneHot())).hasDimensions(3, 4);
    assertThat(smooth.sensitivity(some)[0][1]).isZero();
    assertThat(smooth.fingerprint()).contains("paper");
    assertThat(smooth.space()).isEqualTo(SPACE);
    assertThat(smooth.metric()).isEqualTo(Metric.LATENCY);
    for (Selection selection : List.of(net, Predictors.best(profile))) {
      Path file = folder.resolve(selection.family());
      Predictors.write(selection.predictor(), file);
      Predictor read = Predictors.read(file, SPACE);
      assertThat(read.predict(some)).isEqualTo(selection.predictor().predict(some));
      assertThat(read.quality()).contains(selection.report().quality());
    }
    Profile lazy = profile(CELLS, 50, 1, 0.02, cell -> additive(CELLS.reachable(cell)));
    Path file = folder.resolve("reachable");
    Selection reachable = Predictors.best(lazy);
    Predictors.write(reachable.predictor(), file);
    assertThat(Predictors.read(file, CELLS))
        .hasToString("latency table of space 'nasbench201', of what reaches the output")
        .returns(Optional.of(reachable.report().quality()), Predictor::quality);
  }

  /** A foreign predictor that is defined between architectures. */
  private record Halves(ChoiceSpace space) implements GradientPredictor {

    @Override
    public Metric metric() {
      return Metric.LATENCY;
    }

    @Override
    public double predict(Architecture architecture) {
      return additive(architecture);
    }

    @Override
    public double predict(double[][] relaxed) {
      return relaxed[0][0];
    }

    @Override
    public double[][] gradient(double[][] relaxed) {
      return new double[][] {{1}};
    }

    @Override
    public Optional<String> fingerprint() {
      return Optional.of("elsewhere");
    }
  }

  @Test
  void whatComesFromElsewhereKeepsItsGradientAndLearnsItsQuality() {
    Profile profile = profile(SPACE, 30, 1, 0.02, PredictorsTest::additive);
    Selection selection =
        Predictors.best(
            profile, List.of(PredictorFamily.of("foreign", p -> new Halves(p.space()))));
    GradientPredictor smooth = (GradientPredictor) selection.predictor();
    Architecture some = SPACE.architecture(1, 2, 3);
    assertThat(smooth.quality()).contains(selection.report().quality());
    assertThat(smooth.predict(some)).isEqualTo(additive(some));
    assertThat(smooth.predict(new double[][] {{7}})).isEqualTo(7);
    assertThat(smooth.gradient(new double[][] {{7}})).isDeepEqualTo(new double[][] {{1}});
    assertThat(smooth.sensitivity(some)[0][1]).isZero();
    assertThat(smooth.fingerprint()).contains("elsewhere");
    assertThat(smooth.space()).isEqualTo(SPACE);
    assertThat(smooth.metric()).isEqualTo(Metric.LATENCY);
    assertThat(smooth).hasToString("Halves[space=" + SPACE + "]");
  }

  @Test
  void aFamilyThatCannotBeFittedIsLeftOut() {
    PredictorFamily greedy =
        PredictorFamily.of(
            "greedy",
            profile -> {
              throw new IllegalArgumentException("It needs a million samples.\nMaybe wait.");
            });
    Profile profile = profile(SPACE, 12, 1, 0.02, PredictorsTest::additive);
    Selection selection = Predictors.best(profile, List.of(greedy, truth("exact", 0)));
    assertThat(outcomes(selection)).containsExactly(Outcome.FAILED, Outcome.CHOSEN);
    assertThat(selection.toString()).startsWith("greedy: It needs a million samples.\nexact:");
    assertThatThrownBy(() -> Predictors.best(profile, List.of(greedy)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "No family can be fitted to 12 samples of space 'plain' on [paper]: It needs a million"
                + " samples.\nMaybe wait.");
  }

  @Test
  void refusesWhatCannotBeCompared() {
    Profile profile = profile(SPACE, 12, 1, 0.02, PredictorsTest::additive);
    assertThatThrownBy(() -> Predictors.best(profile, List.of()))
        .hasMessage("There is no family of predictors to choose from.");
    assertThatThrownBy(() -> Predictors.best(profile, List.of(truth("twin", 0), truth("twin", 1))))
        .hasMessage("Two families are named 'twin'.\nMaybe give one another name.");
    assertThatThrownBy(() -> Predictors.best(profile(SPACE, 3, 1, 0, PredictorsTest::additive)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Families are compared on at least 4 samples, but the profile of space 'plain' has 3.\n"
                + "Maybe measure more.");
  }

  @Test
  void familiesAreNamedFromTheSimplestOn() {
    assertThat(Predictors.families().stream().map(PredictorFamily::name))
        .containsExactly("table", "mlp", "gnn");
  }

  /** Knows the first architecture only. */
  private record Narrow(ChoiceSpace space) implements Predictor {

    @Override
    public Metric metric() {
      return Metric.LATENCY;
    }

    @Override
    public double predict(Architecture architecture) {
      return 1;
    }

    @Override
    public boolean extrapolates(Architecture architecture) {
      return !architecture.equals(space.uniform(0));
    }
  }

  @Test
  void whoWrapsAPredictorThatExtrapolatesSaysSo() {
    PredictorReport report =
        new PredictorReport(
            2, List.of(new PredictorReport.Pair(1, 1), new PredictorReport.Pair(2, 1)));
    Predictor judged = Judged.of(new Narrow(SPACE), report);
    assertThat(judged.extrapolates(SPACE.uniform(0))).isFalse();
    assertThat(judged.extrapolates(SPACE.uniform(1))).isTrue();
    ReachablePredictor reachable = new ReachablePredictor(new Narrow(CELLS), null);
    // Skips into a node that nothing reads are not there.
    assertThat(reachable.extrapolates(CELLS.architecture(1, 0, 0, 0, 0, 0))).isFalse();
    assertThat(reachable.extrapolates(CELLS.uniform(1))).isTrue();
    Predictor function = Predictor.of(SPACE, Metric.LATENCY, a -> 1);
    assertThat(function.extrapolates(SPACE.uniform(1))).isFalse();
  }
}
