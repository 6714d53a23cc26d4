package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.ArrayRealVector;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Metric;
import org.lightnas.metric.Predictor;
import org.lightnas.space.Architecture;
import org.lightnas.space.ChoiceSpace;

class TableFamiliesTest {

  private static final List<Architecture> UNSEEN = Cell.sample(1500, new Random(99));

  @Test
  void fromFewSamplesATableIsNoWorseThanCountsOfOperations() {
    double table = 0;
    double counts = 0;
    for (int seed = 0; seed < 10; seed++) {
      Profile profile = Cell.profile(Cell::eager, 0.05, 0, 20, seed);
      table += spearman(LatencyTable.fit(profile)::predict, Cell::eager) / 10;
      counts += spearman(counts(profile), Cell::eager) / 10;
    }
    // The allowance of the requirement; 0 would ask for luck.
    assertThat(table).isGreaterThan(counts - 0.003);
  }

  @Test
  void aFewWildSamplesDoNotBendATable() {
    Profile profile = Cell.profile(Cell::eager, 0.01, 3, 40, 1);
    LatencyTable table = LatencyTable.fit(profile);
    // The least-squares counts are off by 10 % and more.
    assertThat(medianError(table::predict, Cell::eager)).isLessThan(0.02);
    assertThat(medianError(counts(profile), Cell::eager)).isGreaterThan(0.05);
  }

  @Test
  void aTableThatWouldPredictNothingForTheFastestIsMovedOnlyAsFarAsItMust() {
    // The line through these points gives less than nothing for the fastest architecture.
    ToDoubleFunction<Architecture> steep = a -> Math.pow(Cell.eager(a), 3) / 1000;
    Profile profile = Cell.profile(steep, 0.01, 0, 200, 1);
    LatencyTable table = LatencyTable.fit(profile);
    double least =
        profile.samples().stream().mapToDouble(s -> s.measurement().millis()).min().orElseThrow();
    assertThat(table.constant()).isGreaterThanOrEqualTo(least / 10);
    assertThat(spearman(table::predict, steep)).isGreaterThan(0.95);
  }

  /** Every layer costs a launch, so that a network of skips takes a twentieth of any sample. */
  @Test
  void whereSkipsTakeNothingATableIsNotHeldUpByTheFastestArchitecture() {
    int[] sizes = new int[22];
    Arrays.fill(sizes, 9);
    ChoiceSpace chain = Spaces.plain("chain", sizes);
    double[] costs = {0, 1, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12, 1.14};
    ToDoubleFunction<Architecture> truth =
        a -> 0.5 + Arrays.stream(a.picks()).mapToDouble(k -> costs[k]).sum();
    Random random = new Random(3);
    double mean = 0;
    for (int seed = 0; seed < 10; seed++) {
      Map<Architecture, Double> millis = new LinkedHashMap<>();
      while (millis.size() < 20) {
        Architecture drawn = chain.sample(random);
        millis.put(drawn, truth.applyAsDouble(drawn) * (1 + 0.005 * random.nextGaussian()));
      }
      LatencyTable table = LatencyTable.fit(Profile.of(chain, "paper", millis));
      List<Architecture> unseen = Stream.generate(() -> chain.sample(random)).limit(300).toList();
      mean += spearman(table::predict, truth, unseen) / 10;
    }
    // .99 by operation counts; .87 where tables were held above half of the least sample.
    assertThat(mean).isGreaterThan(0.98);
  }

  @Test
  void whatReachesTheOutputDecidesWhereDeadOperationsAreRemoved() {
    Profile lean = Cell.profile(Cell::lean, 0.02, 0, 60, 3);
    Predictor plain = LatencyTable.family().fit(lean);
    Predictor reachable = LatencyTable.family().reachable().fit(lean);
    assertThat(spearman(reachable::predict, Cell::lean))
        .isGreaterThan(0.99)
        .isGreaterThan(spearman(plain::predict, Cell::lean) + 0.02);
    assertThat(reachable.metric()).isEqualTo(Metric.LATENCY);
    assertThat(reachable.space()).isSameAs(Cell.SPACE);
    assertThat(reachable.fingerprint()).contains("paper device, batch 1");
    assertThat(reachable).hasToString("latency table of space 'cell', of what reaches the output");
    Architecture dead = Cell.SPACE.architecture(3, 3, 3, 2, 0, 0);
    assertThat(reachable.predict(dead))
        .isEqualTo(reachable.predict(Cell.SPACE.architecture(0, 0, 0, 2, 0, 0)));
    double[][] change = reachable.sensitivity(dead);
    assertThat(change[0][1]).isZero();
    assertThat(change[5][1])
        .isEqualTo(reachable.predict(dead.with(5, 1)) - reachable.predict(dead))
        .isPositive();
  }

  @Test
  void architecturesThatTheOutputDoesNotTellApartCountOnceWithTheirMedian() {
    Profile profile =
        new Profile(
            Cell.SPACE,
            "paper device",
            List.of(
                LatencyTableTest.sample(Cell.SPACE, 9, 3, 3, 3, 2, 0, 0),
                LatencyTableTest.sample(Cell.SPACE, 4, 0, 0, 0, 1, 0, 0),
                LatencyTableTest.sample(Cell.SPACE, 5, 0, 3, 3, 2, 0, 0),
                LatencyTableTest.sample(Cell.SPACE, 3, 3, 0, 0, 2, 0, 0)));
    assertThat(ReachablePredictor.reachable(profile).samples())
        .extracting(s -> s.architecture().id() + " " + s.measurement().millis())
        .containsExactly("none-none-none-conv1-none-none 5.0", "none-none-none-skip-none-none 4.0");
  }

  @Test
  void familiesHaveNames() {
    assertThat(LatencyTable.family().name()).isEqualTo("table");
    assertThat(LatencyTable.family().reachable()).hasToString("table-reachable");
    assertThat(OperationSum.family(new double[0][]).name()).isEqualTo("operation-sum");
  }

  @Test
  void aSumOfOperationsFindsWhatLiesBetweenThem() {
    double[][] alone = new double[6][];
    Arrays.setAll(alone, l -> new double[] {0, 0.08, 0.72, 5.28, 1.36});
    Profile profile = Cell.profile(Cell::eager, 0, 0, 30, 1);
    OperationSum fitted = OperationSum.fit(alone, profile);
    // Alone, everything takes a fifth less: measured = 1.25 sum + 2.
    assertThat(fitted.slope()).isCloseTo(1.25, within(1e-9));
    assertThat(fitted.intercept()).isCloseTo(2, within(1e-9));
    double[] gaps =
        profile.samples().stream()
            .mapToDouble(s -> s.measurement().millis() - 0.8 * (s.measurement().millis() - 2))
            .toArray();
    assertThat(fitted.bias()).isCloseTo(Arrays.stream(gaps).average().orElseThrow(), within(1e-9));
    // The first of ten folds holds samples 0, 10, 20 back, whose gaps the others do not know.
    double others =
        IntStream.range(0, 30)
            .filter(i -> i % 10 > 0)
            .mapToDouble(i -> gaps[i])
            .average()
            .orElseThrow();
    PredictorReport.Pair held = fitted.table().report().orElseThrow().pairs().get(10);
    assertThat(held.predicted()).isCloseTo(held.measured() - gaps[10] + others, within(1e-9));
    assertThat(fitted.table().constant()).isEqualTo(fitted.bias());
    assertThat(fitted.table().fingerprint()).contains("paper device, batch 1");
  }

  @Test
  void aSumOfOperationsRefusesOneSampleAndForeignTables() {
    Profile one =
        new Profile(
            Cell.SPACE,
            "paper device",
            List.of(LatencyTableTest.sample(Cell.SPACE, 4, 0, 0, 0, 1, 0, 0)));
    assertThatThrownBy(() -> OperationSum.fit(new double[6][5], one))
        .hasMessage(
            "A bias is fitted on at least 2 samples, but the profile of space 'cell' has 1.");
    assertThatThrownBy(
            () -> OperationSum.fit(new double[5][5], Cell.profile(Cell::eager, 0, 0, 3, 1)))
        .hasMessage("Space 'cell' has 6 choices, but the table has 5 rows.");
  }

  /** The plain table: latency = c + sum over operations of count x cost, least squares. */
  private static ToDoubleFunction<Architecture> counts(Profile profile) {
    double[][] x =
        profile.samples().stream().map(s -> count(s.architecture())).toArray(double[][]::new);
    double[] y = profile.samples().stream().mapToDouble(s -> s.measurement().millis()).toArray();
    double[] cost =
        new SingularValueDecomposition(new Array2DRowRealMatrix(x))
            .getSolver()
            .solve(new ArrayRealVector(y))
            .toArray();
    return a -> RobustRidge.dot(cost, count(a));
  }

  private static double[] count(Architecture architecture) {
    double[] count = new double[6];
    count[5] = 1;
    for (int pick : architecture.picks()) {
      count[pick]++;
    }
    return count;
  }

  private static double spearman(
      ToDoubleFunction<Architecture> predictor, ToDoubleFunction<Architecture> truth) {
    return spearman(predictor, truth, UNSEEN);
  }

  private static double spearman(
      ToDoubleFunction<Architecture> predictor,
      ToDoubleFunction<Architecture> truth,
      List<Architecture> unseen) {
    return new SpearmansCorrelation()
        .correlation(
            unseen.stream().mapToDouble(predictor).toArray(),
            unseen.stream().mapToDouble(truth).toArray());
  }

  private static double medianError(
      ToDoubleFunction<Architecture> predictor, ToDoubleFunction<Architecture> truth) {
    double[] errors =
        UNSEEN.stream()
            .mapToDouble(a -> Math.abs(predictor.applyAsDouble(a) / truth.applyAsDouble(a) - 1))
            .sorted()
            .toArray();
    return errors[errors.length / 2];
  }
}
