package org.lightnas.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
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
            Spearman 0.800, Kendall 0.667""");
  }

  @Test
  void needsTwoSamplesInTwoFolds() {
    assertThatThrownBy(() -> new PredictorReport(2, List.of(new Pair(1, 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("A report needs at least 2 samples in 2 folds, but got 1 in 2.");
  }
}
