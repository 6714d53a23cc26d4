package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lightnas.metric.Quality;
import org.lightnas.predict.PredictorReport.Pair;

class PredictorReportTest {

  private static final PredictorReport REPORT =
      new PredictorReport(
          2, List.of(new Pair(1, 1), new Pair(2, 2.1), new Pair(4, 3.7), new Pair(5, 3.6)));

  @Test
  void figuresAreTheTextbookOnes() {
    assertThat(REPORT.samples()).isEqualTo(4);
    assertThat(REPORT.rmse()).isCloseTo(Math.sqrt((0.01 + 0.09 + 1.96) / 4), within(1e-12));
    assertThat(REPORT.medianError()).isCloseTo((0.05 + 0.075) / 2, within(1e-12));
    assertThat(REPORT.within(0.01)).isEqualTo(0.25);
    assertThat(REPORT.within(0.1)).isEqualTo(0.75);
    assertThat(REPORT.spearman()).isCloseTo(0.8, within(1e-12));
    assertThat(REPORT.kendall()).isCloseTo(4.0 / 6, within(1e-12));
  }

  @Test
  void readsAsThreeLines() {
    assertThat(REPORT)
        .hasToString(
            """
            4 samples in 2 folds, held out: RMSE 0.718 ms, median error 6.3 %
            within 1 / 5 / 10 %: 25 / 25 / 75 % of the samples
            Spearman 0.800, Kendall 0.667 (95 %: -0.843 to 0.993)""");
    assertThat(REPORT.drifted()).isFalse();
  }

  @Test
  void tellsSearchersWhatTheyJudgeBy() {
    assertThat(REPORT.quality())
        .isEqualTo(new Quality(4, REPORT.spearman(), REPORT.medianError(), 0.25, 0.75))
        .hasToString("Spearman 0.800, median error 6.3 % (4 samples held out)");
  }

  @Test
  void anUnchangingPredictionHasNoRankCorrelation() {
    PredictorReport report = new PredictorReport(2, List.of(new Pair(1, 3), new Pair(2, 3)));
    assertThat(report.spearman()).isNaN();
    assertThat(report.kendall()).isNaN();
    assertThat(report.kendallInterval().low()).isNaN();
  }

  /** Errors that swing once over 200 samples, and the same errors in random order. */
  private static PredictorReport swinging(boolean shuffled) {
    List<Pair> pairs =
        new ArrayList<>(
            IntStream.range(0, 200)
                .mapToObj(i -> new Pair(1 + i % 7 * (1 + 0.1 * Math.sin(i / 30.0)), 1 + i % 7))
                .toList());
    if (shuffled) {
      Collections.shuffle(pairs, new Random(1));
    }
    return new PredictorReport(10, pairs);
  }

  @Test
  void warnsOfADeviceThatDrifted() {
    PredictorReport drifting = swinging(false);
    assertThat(drifting.drift()).isBetween(0.3, 1.0);
    assertThat(drifting.drifted()).isTrue();
    assertThat(drifting.toString())
        .endsWith(
            String.format(
                Locale.ROOT,
                "\nWarning: errors follow the order of measuring (autocorrelation %.2f), so the"
                    + " device drifted. Maybe measure again, in random order and with nothing else"
                    + " running.",
                drifting.drift()));
    assertThat(drifting.page("paper").html()).contains("so the device drifted");
    PredictorReport shuffled = swinging(true);
    assertThat(Math.abs(shuffled.drift())).isLessThan(0.2);
    assertThat(shuffled.drifted()).isFalse();
    assertThat(shuffled.toString()).doesNotContain("Warning");
    assertThat(shuffled.page("paper").html()).doesNotContain("Warning");
    assertThat(new PredictorReport(2, List.of(new Pair(1, 1), new Pair(2, 2))).drift()).isZero();
  }

  @Test
  void thePageShowsFiguresAndThreeCharts() {
    String html = swinging(true).page("Table of a paper device").html();
    assertThat(html)
        .contains("<h1>Table of a paper device</h1>")
        .contains("200 samples, each predicted by a predictor fitted on the other 9 of 10 parts")
        .contains("Latency of one batch", "Error by prediction", "Error in measuring order");
    assertThat(html.split("<svg", -1)).hasSize(4);
  }

  /** 10,000 samples: all figures within a second even where two cores are shared. */
  @Test
  void isFastForManySamples() {
    Random random = new Random(1);
    PredictorReport report =
        new PredictorReport(
            10,
            IntStream.range(0, 10_000)
                .mapToObj(i -> new Pair(1 + random.nextInt(900), 1 + random.nextInt(900)))
                .toList());
    assertTimeout(Duration.ofSeconds(2), () -> assertThat(report.toString()).contains("Spearman"));
  }

  @Test
  void needsTwoSamplesInTwoFolds() {
    assertThatThrownBy(() -> new PredictorReport(2, List.of(new Pair(1, 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A report needs at least 2 samples in 2 folds, but got 1 in 2.");
  }
}
