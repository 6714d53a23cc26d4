package org.lightnas.search.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lightnas.NasException;
import org.lightnas.PoorPredictorException;
import org.lightnas.metric.Evaluator;
import org.lightnas.metric.Kendall;
import org.lightnas.predict.LatencyTable;
import org.lightnas.search.proxy.BteReport.Column;
import org.lightnas.space.Architecture;
import org.lightnas.space.LayeredSpace;
import org.lightnas.space.zoo.LightNasSpace;

class BteReportTest {

  private static final LayeredSpace SPACE = LightNasSpace.small(Few.IMAGES.shape(), 10);

  private static final double[][] ENTRIES = new double[6][];

  static {
    for (int l = 0; l < 6; l++) {
      ENTRIES[l] = new double[] {1, 2, 1.5, 3, 2, 4, 0.1};
    }
  }

  private static final LatencyTable TABLE = LatencyTable.of(SPACE, 1, ENTRIES);

  private static Column column(String name, int count, IntToDoubleFunction value) {
    return new Column(name, IntStream.range(0, count).mapToObj(value::applyAsDouble).toList());
  }

  private static List<Double> costs(int count, double least, double most) {
    return DoubleStream.iterate(0, i -> i + 1)
        .limit(count)
        .mapToObj(i -> least + (most - least) * i / (count - 1))
        .toList();
  }

  private static BteReport report() {
    Column truth = column("accuracy (%)", 20, i -> i);
    Column proxy = column("BTE of 100 batches (nats)", 20, i -> i % 2 == 0 ? i : i - 2.5);
    return new BteReport(
        truth,
        proxy,
        List.of(column("parameters", 20, i -> -i), column("constant", 20, i -> 1)),
        costs(20, 4.8, 5.2),
        "ms");
  }

  @Test
  void whatIsNoNumberHasNoRank() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> column("dead", 20, i -> i == 7 ? Double.NaN : i))
        .withMessage(
            "The score 'dead' of candidate 7 is NaN, which has no rank.\n"
                + "Maybe give hopeless architectures a very low score.");
  }

  @Test
  void ranksByKendallsTauWithItsInterval() {
    BteReport report = report();
    double[] truth = IntStream.range(0, 20).asDoubleStream().toArray();
    double[] proxy = IntStream.range(0, 20).mapToDouble(i -> i % 2 == 0 ? i : i - 2.5).toArray();
    Kendall kendall = new Kendall(truth, proxy);
    assertThat(report.row().tau()).isEqualTo(kendall.tau()).isBetween(0.8, 0.95);
    assertThat(report.row().low()).isEqualTo(kendall.interval()[0]).isLessThan(kendall.tau());
    assertThat(report.row().high()).isEqualTo(kendall.interval()[1]);
    assertThat(report.besideRows().get(0).tau()).isEqualTo(-1);
    assertThat(report.besideRows().get(1).tau()).isNaN();
    assertThat(report.toString())
        .isEqualTo(
            String.format(
                Locale.ROOT,
                """
                Ranks of 20 networks of 4.800 to 5.200 ms by accuracy (%%):
                BTE of 100 batches (nats): tau %.3f (95 %%: %.3f to %.3f)
                parameters: tau -1.000 (95 %%: -1.000 to -1.000)
                constant: tau NaN (95 %%: NaN to NaN)""",
                kendall.tau(),
                kendall.interval()[0],
                kendall.interval()[1]));
    assertThat(report.page().html())
        .contains("How well proxies rank networks", "BTE of 100 batches (nats)", "constant");
  }

  @Test
  void trustsFromTheThresholdOn() {
    BteReport report = report();
    double tau = report.row().tau();
    assertThat(report.trusts(tau)).isTrue();
    report.require(tau);
    assertThat(report.trusts(0.99)).isFalse();
    assertThatExceptionOfType(PoorPredictorException.class)
        .isThrownBy(() -> report.require(0.99))
        .withMessage(
            String.format(
                Locale.ROOT,
                "BTE of 100 batches (nats) ranks 20 networks of 4.800 to 5.200 ms too poorly: tau"
                    + " %.3f with accuracy (%%), but 0.990 is asked for.\n"
                    + "Maybe give it more batches or seeds, or train what it is judged by longer.",
                tau));
    for (double least : new double[] {-1.1, 1.1, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> report.trusts(least))
          .withMessage("A least tau must be in [-1, 1], but is %s.", least);
    }
  }

  @Test
  void namesABetterProxy() {
    BteReport report =
        new BteReport(
            column("truth", 20, i -> i),
            column("never changes", 20, i -> 0),
            List.of(column("MACs", 20, i -> i)),
            costs(20, 5, 5),
            "ms");
    assertThat(report.trusts(-1)).isFalse();
    assertThatExceptionOfType(PoorPredictorException.class)
        .isThrownBy(() -> report.require(0.5))
        .withMessageContaining("too poorly: tau NaN with truth, but 0.500 is asked for.")
        .withMessageContaining("Maybe take 'MACs', whose tau is 1.000.");
  }

  @Test
  void refusesWhatCannotBeCompared() {
    Column twenty = column("x", 20, i -> i);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BteReport(twenty, twenty, List.of(), costs(19, 5, 5), "ms"))
        .withMessage(
            "A proxy is judged by at least 20 candidates, but there are 19.\n"
                + "Maybe draw more with BteReport.candidates.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BteReport(twenty, twenty, List.of(), costs(20, 4.5, 5), "ms"))
        .withMessage(
            "Candidates must cost the same within 5 % up and down, but cost from 4.5 to 5.0 ms: what"
                + " costs more is mostly better, and any proxy sees that.\n"
                + "Maybe draw them with BteReport.candidates.");
    Column short1 = column("short", 19, i -> i);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BteReport(twenty, twenty, List.of(short1), costs(20, 5, 5), "ms"))
        .withMessage("'short' has 19 scores, but there are 20 candidates.");
  }

  @Test
  void drawsDifferentNetworksOfOneCost() {
    List<Architecture> drawn = BteReport.candidates(TABLE, 12, 0.05, 24, 1);
    assertThat(drawn).hasSize(24).doesNotHaveDuplicates();
    assertThat(drawn)
        .allSatisfy(a -> assertThat(TABLE.predict(a)).isCloseTo(12, within(0.05 * 12 + 1e-9)));
    assertThat(BteReport.candidates(TABLE, 12, 0.05, 24, 1)).isEqualTo(drawn);
    assertThat(BteReport.candidates(TABLE, 12, 0.05, 24, 2)).isNotEqualTo(drawn);
    assertThatExceptionOfType(NasException.class)
        .isThrownBy(() -> BteReport.candidates(TABLE, 25, 0.001, 24, 1))
        .withMessage(
            "Only 0 of 24 architectures of space 'lightnas-small' within 0.100 % of 25.00 ms were"
                + " found in 200,000 draws.\nMaybe ask for a cost nearer to the middle of the range.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BteReport.candidates(TABLE, 0, 0.05, 2, 1))
        .withMessage("A cost to draw at must be positive, but is 0.0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BteReport.candidates(TABLE, 5, 1, 2, 1))
        .withMessage("A cost can be within a share in (0, 1), but not 1.0.");
  }

  @Test
  void scoresCandidatesByAllThatIsGiven() {
    List<Architecture> drawn = BteReport.candidates(TABLE, 12, 0.05, 20, 1);
    BteReport report =
        BteReport.of(
            drawn,
            TABLE,
            Evaluator.of("truth", a -> a.pick(0) + 0.1 * a.pick(1)),
            Evaluator.of("proxy", a -> a.pick(0)),
            Evaluator.of("other", a -> a.pick(5)));
    assertThat(report.truth().scores().get(3))
        .isEqualTo(drawn.get(3).pick(0) + 0.1 * drawn.get(3).pick(1));
    assertThat(report.row().tau()).isGreaterThan(0.5);
    assertThat(report.beside()).hasSize(1);
    assertThat(report.costs().get(0)).isEqualTo(TABLE.predict(drawn.get(0)));
    AtomicInteger asked = new AtomicInteger();
    Evaluator slow =
        Evaluator.of(
            "slow",
            a -> {
              asked.incrementAndGet();
              return 1;
            });
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BteReport.of(Collections.nCopies(3, drawn.get(0)), TABLE, slow, slow))
        .withMessageContaining("at least 20 candidates, but there are 3.");
    assertThat(asked).hasValue(0);
  }
}
