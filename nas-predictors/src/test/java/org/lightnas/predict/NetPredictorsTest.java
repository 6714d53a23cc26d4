package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lightnas.FeatureShape;
import org.lightnas.InterruptedRunException;
import org.lightnas.metric.GradientPredictor;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.Choice;
import org.lightnas.space.ChoiceSpace;
import org.lightnas.space.SearchSpace;

class NetPredictorsTest {

  private static final Profile PROFILE = Cell.profile(Cell::lean, 0.02, 0, 200, 7);
  private static final MlpPredictor MLP = MlpPredictor.fit(PROFILE);
  private static final GnnPredictor GNN = GnnPredictor.fit(PROFILE);

  static Stream<GradientPredictor> predictors() {
    return Stream.of(MLP, GNN, LatencyTable.fit(PROFILE));
  }

  static Stream<Net> nets() {
    return Stream.of(
        MlpPredictor.net(Cell.SPACE, 7, 5, 3),
        new GnnNet(new ChoiceGraph(Cell.SPACE), 6, 2),
        new GnnNet(new ChoiceGraph(Spaces.SMALL), 5, 1));
  }

  @Test
  void anInterruptEndsTraining() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> GnnPredictor.fit(PROFILE))
          .isInstanceOf(InterruptedRunException.class)
          .hasMessage(
              "The training of a predictor was interrupted after 0 of at most 500 epochs; nothing is"
                  + " kept.\nMaybe fit it again: it takes seconds.");
    } finally {
      assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    }
  }

  /** In double, with kinks of ReLU improbable within the step: far above rounding. */
  private static final double GRADIENT_TOLERANCE = 1e-6;

  @ParameterizedTest
  @MethodSource("nets")
  void parametersFollowTheirGradient(Net net) {
    int[][] rows = rows(net);
    double[] targets = {0.3, -0.05, 0.1, 0.02};
    int[] all = {0, 1, 2, 3};
    NetTraining training = new NetTraining(net, rows, targets, new NetSettings(5, 1, 4, 0, 0, 1));
    double[] theta = training.parameters();
    Random random = new Random(3);
    for (int i = 0; i < theta.length; i++) {
      theta[i] += 0.01 * random.nextGaussian();
    }
    training.step(all, 0, 4, 0);
    double[] gradient = training.gradient().clone();
    for (int i = 0; i < theta.length; i += 1 + theta.length / 400) {
      double before = theta[i];
      theta[i] = before + 1e-6;
      double up = training.loss(all);
      theta[i] = before - 1e-6;
      double down = training.loss(all);
      theta[i] = before;
      assertThat(gradient[i])
          .as("parameter %s of %s", i, net)
          .isCloseTo((up - down) / 2e-6, within(GRADIENT_TOLERANCE));
    }
  }

  private static int[][] rows(Net net) {
    ChoiceSpace space = net.slots() == 8 || net.rows() == 31 ? Cell.SPACE : Spaces.SMALL;
    int[] offsets = Entries.offsets(space);
    Random random = new Random(11);
    return IntStream.range(0, 4)
        .mapToObj(i -> Entries.picked(space.sample(random), offsets))
        .toArray(int[][]::new);
  }

  @ParameterizedTest
  @MethodSource("predictors")
  void theGradientIsThatOfTheRelaxedPrediction(GradientPredictor predictor) {
    Random random = new Random(5);
    for (int trial = 0; trial < 20; trial++) {
      double[][] relaxed = new double[6][5];
      for (double[] row : relaxed) {
        for (int k = 0; k < row.length; k++) {
          row[k] = random.nextDouble() / 3;
        }
      }
      double[][] gradient = predictor.gradient(relaxed);
      for (int l = 0; l < 6; l++) {
        for (int k = 0; k < 5; k++) {
          double before = relaxed[l][k];
          relaxed[l][k] = before + 1e-6;
          double up = predictor.predict(relaxed);
          relaxed[l][k] = before - 1e-6;
          double down = predictor.predict(relaxed);
          relaxed[l][k] = before;
          assertThat(gradient[l][k]).isCloseTo((up - down) / 2e-6, within(1e-5));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("predictors")
  void oneHotChoicesArePredictedAsTheArchitecture(GradientPredictor predictor) {
    for (Architecture a : Cell.sample(20, new Random(1))) {
      assertThat(predictor.predict(a.oneHot()))
          .isCloseTo(predictor.predict(a), within(1e-9))
          .isPositive();
    }
  }

  @ParameterizedTest
  @MethodSource("predictors")
  void sensitivityIsTheDifferenceOfPredictions(GradientPredictor predictor) {
    for (Architecture a : Cell.sample(10, new Random(2))) {
      double[][] change = predictor.sensitivity(a);
      double before = predictor.predict(a);
      for (int l = 0; l < 6; l++) {
        assertThat(change[l][a.pick(l)]).isZero();
        for (int k = 0; k < 5; k++) {
          assertThat(change[l][k])
              .isCloseTo(predictor.predict(a.with(l, k)) - before, within(1e-9));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("predictors")
  void saysWhatItIsOf(GradientPredictor predictor) {
    assertThat(predictor.metric()).isEqualTo(Metric.LATENCY);
    assertThat(predictor.space()).isSameAs(Cell.SPACE);
    assertThat(predictor.fingerprint()).contains("paper device, batch 1");
  }

  @ParameterizedTest
  @MethodSource("predictors")
  void refusesForeignArchitecturesAndRaggedWeights(GradientPredictor predictor) {
    Architecture foreign = Spaces.plain("other", 2, 3).uniform(0);
    assertThatThrownBy(() -> predictor.predict(foreign))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Architecture a0-a0 belongs to space 'other', not to 'cell'.");
    assertThatThrownBy(() -> predictor.sensitivity(foreign))
        .hasMessageStartingWith("Architecture a0-a0 belongs");
    assertThatThrownBy(() -> predictor.gradient(new double[5][5]))
        .hasMessage("Space 'cell' has 6 choices, but 5 rows of weights were given.");
    assertThatThrownBy(() -> predictor.predict(new double[6][4]))
        .hasMessage("Choice 'e10' of space 'cell' has 5 candidates, but 4 weights were given.");
  }

  @Test
  void graphsSeeThatDeadOperationsDoNotCount() {
    List<Architecture> unseen = Cell.sample(500, new Random(99));
    double[] truth = unseen.stream().mapToDouble(Cell::lean).toArray();
    double gnn = spearman(GNN, unseen, truth);
    double table = spearman(LatencyTable.fit(PROFILE), unseen, truth);
    assertThat(gnn).isGreaterThan(0.97).isGreaterThan(table + 0.02);
    assertThat(spearman(MLP, unseen, truth)).isGreaterThan(0.85);
  }

  private static double spearman(Predictor predictor, List<Architecture> unseen, double[] truth) {
    return new SpearmansCorrelation()
        .correlation(unseen.stream().mapToDouble(predictor::predict).toArray(), truth);
  }

  @Test
  @Tag("slow")
  void theSameProfileGivesTheSamePredictorBitForBit() {
    Profile few = Cell.profile(Cell::eager, 0.02, 0, 40, 1);
    Architecture a = Cell.SPACE.uniform(3);
    assertThat(GnnPredictor.fit(few).predict(a)).isEqualTo(GnnPredictor.fit(few).predict(a));
    assertThat(MlpPredictor.fit(few, 16).predict(a))
        .isEqualTo(MlpPredictor.family(16).fit(few).predict(a));
  }

  @Test
  @Tag("slow")
  void equalLatenciesArePredicted() {
    Profile same = Cell.profile(a -> 5, 0, 0, 10, 1);
    assertThat(MlpPredictor.fit(same, 8).predict(Cell.SPACE.uniform(1))).isPositive();
    assertThat(GnnPredictor.fit(same).predict(Cell.SPACE.uniform(1))).isCloseTo(5, within(0.5));
  }

  @Test
  void refusesTooFewSamplesAndEmptyLayers() {
    Profile two = Cell.profile(Cell::eager, 0, 0, 2, 1);
    assertThatThrownBy(() -> MlpPredictor.fit(two))
        .hasMessage(
            "An MLP is fitted on at least 3 samples, but the profile of space 'cell' has 2.");
    assertThatThrownBy(() -> GnnPredictor.fit(two))
        .hasMessage(
            "A GNN is fitted on at least 3 samples, but the profile of space 'cell' has 2.");
    assertThatThrownBy(() -> MlpPredictor.family(8, 0))
        .hasMessage("A perceptron needs hidden layers of at least one unit each, but got [8, 0].");
    assertThatThrownBy(() -> MlpPredictor.family(new int[0]))
        .hasMessage("A perceptron needs hidden layers of at least one unit each, but got [].");
    assertThatThrownBy(() -> new NetModel.Scale(1, 0, 1))
        .hasMessage(
            "A scale needs a finite mean and positive deviation and floor, but has 1.0, 0.0 and"
                + " 1.0 ms.");
  }

  /** The benchmark of training counts on the second. */
  @Test
  @Tag("slow")
  void aTrainingTakesWholeEpochsAndAllStepsWhereNoSampleIsHeldOut() {
    // 170 of 200 samples are trained on.
    assertThat(GNN.model().trained() % 170).isZero();
    assertThat(GnnPredictor.fit(Cell.profile(Cell::eager, 0.02, 0, 29, 1)).model().trained())
        .isEqualTo(3000 * 29);
  }

  @Test
  void names() {
    assertThat(MLP).hasToString("MLP 128-64-1 of space 'cell'");
    assertThat(GNN).hasToString("GNN of space 'cell'");
    assertThat(MlpPredictor.family().name()).isEqualTo("mlp");
    assertThat(GnnPredictor.family()).hasToString("gnn");
  }

  /** Counts how often its networks are described. */
  private record Counting(SearchSpace space, AtomicInteger built) implements SearchSpace {

    @Override
    public String name() {
      return space.name();
    }

    @Override
    public List<Choice> choices() {
      return space.choices();
    }

    @Override
    public FeatureShape input() {
      return space.input();
    }

    @Override
    public int classes() {
      return space.classes();
    }

    @Override
    public ComputationGraphConfiguration toConfiguration(Architecture architecture) {
      built.incrementAndGet();
      return space.toConfiguration(space.architecture(architecture.picks()));
    }
  }

  @Test
  @Tag("slow")
  void noNetworkIsDescribedToPredictAndNoneTwiceToFit() {
    Counting space = new Counting(Spaces.SMALL, new AtomicInteger());
    Random random = new Random(1);
    Profile profile =
        new Profile(
            space,
            "paper device",
            Stream.generate(() -> space.sample(random))
                .distinct()
                .limit(12)
                .map(a -> new Profile.Sample(a, Spaces.measurement(1 + a.pick(0))))
                .toList());
    for (PredictorFamily family :
        List.of(LatencyTable.family(), MlpPredictor.family(8), GnnPredictor.family())) {
      Predictor predictor = family.fit(profile);
      int before = space.built().get();
      Architecture a = space.uniform(1);
      assertThat(predictor.predict(a)).isPositive();
      assertThat(predictor.sensitivity(a).length).isEqualTo(space.choices().size());
      assertThat(((GradientPredictor) predictor).gradient(a.oneHot()).length)
          .isEqualTo(space.choices().size());
      assertThat(family.fit(profile).predict(a)).isEqualTo(predictor.predict(a));
      assertThat(space.built()).as(family.name()).hasValue(before);
    }
    assertThat(space.built().get()).isPositive();
  }
}
